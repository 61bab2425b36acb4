import { createServer, request, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createAuth } from "../auth/auth.ts";
import type { AuthOptions } from "../auth/options.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "../auth/events.ts";
import { lambda, type LambdaOptions } from "../modes/lambda.ts";
import { nodeView } from "../request/node.ts";
import type { AuthMode } from "../types.ts";

/** Listens until the test is over. */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Asking {
  readonly method?: string;
  /** Sent as it is. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}

export interface Told {
  readonly status: number | undefined;
  readonly errorType: string | string[] | undefined;
  readonly retryAfter: string | undefined;
  /** The identity, or the refusal's body. */
  readonly body: unknown;
  readonly reason: string | undefined;
  readonly event: AuthEvent | undefined;
}

/** A server with `lambda()` over real HTTP, which answers with the identity and with the body that the handler read. */
export async function serveLambda(
  options: LambdaOptions,
  others: readonly AuthMode[] = [],
  authOptions: AuthOptions = {},
): Promise<(asking?: Asking) => Promise<Told>> {
  const auth = createAuth([lambda(options), ...others], authOptions);
  const events = new Map<string, AuthEvent>();
  auth.onEvent((event) => void events.set(event.id, event));

  const url = await listen((incoming, outgoing) => {
    void (async () => {
      try {
        const identity = await auth.authenticate(nodeView(incoming));
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        const received = Buffer.concat(chunks).toString();
        outgoing.end(JSON.stringify({ ...identity, ...(received !== "" && { received }) }));
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        outgoing.writeHead(error.status, { ...error.headers, "x-test-id": error.id }).end(error.reply.body);
      }
    })();
  });

  return async (asking = {}) => {
    const { status, headers, body } = await send(url, asking);
    const event = events.get(String(headers["x-test-id"]));
    return {
      status,
      errorType: headers["x-amzn-errortype"],
      retryAfter: headers["retry-after"],
      body: body === "" ? undefined : (JSON.parse(body) as unknown),
      reason: event?.reason,
      event,
    };
  };
}

function send(url: string, { method = "GET", target = "/", headers = {}, body }: Asking) {
  return new Promise<{
    status: number | undefined;
    headers: Record<string, string | undefined>;
    body: string;
  }>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path: target, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode,
          headers: answer.headers as Record<string, string | undefined>,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
