import type { IncomingMessage } from "node:http";
import type { INestApplicationContext } from "@nestjs/common";
import { WsAdapter } from "@nestjs/platform-ws";
import { WsException } from "@nestjs/websockets";
import type { HandshakeAdapter } from "../handshake-adapter.ts";
import type { Client } from "./clients.ts";
import { Handshakes } from "../handshakes.ts";
import { Refusals } from "../rejections.ts";

type Verdict = (
  accepted: boolean,
  status?: number,
  body?: string,
  headers?: Readonly<Record<string, string>>,
) => void;
type VerifyClient = (info: { readonly req: IncomingMessage }, verdict: Verdict) => void;

type AdapterOptions = ConstructorParameters<typeof WsAdapter>[1];
type ServerOptions = NonNullable<Parameters<WsAdapter["create"]>[1]>;

/**
 * WebSockets of the package `ws` whose handshakes are verified: `app.useWebSocketAdapter(new AuthModesWsAdapter(app))`.
 * A rejected caller gets an HTTP answer and no socket. A socket closes when the credentials expire or are revoked (asked
 * every 60 seconds), and after 24 hours.
 */
export class AuthModesWsAdapter extends WsAdapter implements HandshakeAdapter {
  readonly verifiesHandshakes = true;
  readonly #handshakes: Handshakes;

  constructor(app: INestApplicationContext, options?: AdapterOptions) {
    super(app, options);
    this.#handshakes = app.get(Handshakes);
    app.get(Refusals).useWsException((refusal) => new WsException(refusal));
  }

  override create(port: number, options: ServerOptions = {}): unknown {
    const { path, server, verifyClient: own } = options;
    if (server !== undefined) {
      throw new TypeError(
        "AuthModesWsAdapter verifies no handshakes of a server that a gateway brings along",
      );
    }
    const asksFurther = isVerifyClient(own);
    if (this.#handshakes.isOpen(port, path)) return super.create(port, options);
    const verifyClient: VerifyClient = (info, verdict) => {
      this.#handshakes.refusal(info.req).then(
        (reply) => {
          if (reply !== undefined) verdict(false, reply.status, reply.body, reply.headers);
          else if (asksFurther) own(info, verdict);
          else verdict(true);
        },
        () => verdict(false, 500),
      );
    };
    return super.create(port, { ...options, verifyClient });
  }

  override bindClientConnect(server: unknown, callback: (...args: unknown[]) => void): void {
    super.bindClientConnect(server, (client: Client, request: IncomingMessage) => {
      this.#handshakes.opened(client, request);
      callback(client, request);
    });
  }
}

/** One of the gateway's own, which is asked once it is known who calls. */
function isVerifyClient(value: unknown): value is VerifyClient {
  if (value === undefined) return false;
  if (typeof value === "function" && value.length === 2) return true;
  throw new TypeError("A gateway's verifyClient takes two parameters here: (info, verdict) => verdict(true)");
}
