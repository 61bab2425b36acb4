import type { IncomingMessage } from "node:http";
import { type Auth, AuthError, nodeView } from "@authmodes/core";
import type { INestApplicationContext, Type } from "@nestjs/common";
import { WsAdapter } from "@nestjs/platform-ws";
import { WsException } from "@nestjs/websockets";
import type { VerifyClientCallbackAsync, WebSocket } from "ws";
import { AuthModesGuard } from "../auth-modes.guard.ts";
import { HandlerExplorer } from "../handler-explorer.ts";
import { RequirementsReader } from "../handler-requirements.ts";
import { everyCaller, modesKey } from "../handler.decorators.ts";
import { closeInTime, registerClient } from "./clients.ts";

type AdapterOptions = ConstructorParameters<typeof WsAdapter>[1];
type ServerOptions = NonNullable<Parameters<WsAdapter["create"]>[1]>;

// Metadata of `@WebSocketGateway`.
const portKey = "port";
const optionsKey = "websockets:gateway_options";

/**
 * WebSockets of the package `ws` whose handshakes are verified: `app.useWebSocketAdapter(new AuthModesWsAdapter(app))`.
 * A rejected caller gets an HTTP answer and no socket. A socket closes when the credentials expire or are revoked (asked
 * every 60 seconds), and after 24 hours.
 */
export class AuthModesWsAdapter extends WsAdapter {
  /** Read by the checks at startup. */
  readonly verifiesHandshakes = true;
  readonly #gateways: readonly Type[];
  readonly #guard: AuthModesGuard;
  readonly #auth: Auth;

  constructor(app: INestApplicationContext, options?: AdapterOptions) {
    super(app, options);
    this.#gateways = app.get(HandlerExplorer).gateways;
    this.#guard = app.get(AuthModesGuard);
    this.#auth = app.get(RequirementsReader).defaults.auth;
  }

  override create(port: number, options: ServerOptions = {}): unknown {
    const { path, server, verifyClient: own } = options;
    if (server !== undefined) {
      throw new TypeError(
        "AuthModesWsAdapter verifies no handshakes of a server that a gateway brings along",
      );
    }
    const asksFurther = isVerifyClient(own);
    if (this.#isOpen(port, path)) return super.create(port, options);
    const verifyClient: VerifyClientCallbackAsync = (info, verdict) => {
      this.#auth.authenticate(nodeView(info.req, this.#auth.publicUrl)).then(
        () => (asksFurther ? own(info, verdict) : verdict(true)),
        (error: unknown) => {
          if (!(error instanceof AuthError)) return verdict(false, 500);
          const { status, body, headers } = error.reply;
          verdict(false, status, body, { ...headers });
        },
      );
    };
    return super.create(port, { ...options, verifyClient });
  }

  override bindClientConnect(server: unknown, callback: (...args: unknown[]) => void): void {
    super.bindClientConnect(server, (socket: WebSocket, request: IncomingMessage) => {
      const handshake = nodeView(request, this.#auth.publicUrl);
      registerClient(socket, {
        handshake,
        guard: this.#guard,
        toException: (rejection) => new WsException(rejection),
        isWatched: false,
      });
      closeInTime(socket, this.#auth.identity(handshake));
      callback(socket, request);
    });
  }

  /** Whether all gateways at an address accept every caller: `@AllowAnonymous()` on their classes. */
  #isOpen(port: number, path: string | undefined): boolean {
    const gateways = this.#gateways.filter((type) => isServedAt(type, port, path));
    return (
      gateways.length > 0 && gateways.every((type) => Reflect.getMetadata(modesKey, type) === everyCaller)
    );
  }
}

function isServedAt(type: Type, port: number, path: string | undefined): boolean {
  const options = Reflect.getMetadata(optionsKey, type) as { readonly path?: string } | undefined;
  const ownPort = (Reflect.getMetadata(portKey, type) as number | undefined) ?? 0;
  return ownPort === port && options?.path === path;
}

/** A `verifyClient` of the gateway, which is asked after the caller is verified. */
function isVerifyClient(value: unknown): value is VerifyClientCallbackAsync {
  if (value === undefined) return false;
  if (typeof value === "function" && value.length === 2) return true;
  throw new TypeError("A gateway's verifyClient takes two parameters here: (info, verdict) => verdict(true)");
}
