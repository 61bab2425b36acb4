import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How many requests came before it. */
  readonly index: number;
}

export interface Sent {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: string | object;
}

export interface Origin {
  readonly url: string;
  readonly received: readonly Received[];
}

/** A server on a port of its own until the test ends: an origin, which keeps what it was sent. */
export async function startOrigin(
  answer: (request: Received) => Sent | Promise<Sent> = () => ({}),
): Promise<Origin> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await readAll(request);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const { method = "", url: path = "" } = request;
    const arrived = { method, path, headers, body, index: received.length };
    received.push(arrived);
    const sent = await answer(arrived);
    response.writeHead(sent.status ?? 200, sent.headers);
    response.end(typeof sent.body === "object" ? JSON.stringify(sent.body) : sent.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let body = "";
  try {
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
  } catch {
    // The client went away: what came is what it sent.
  }
  return body;
}
