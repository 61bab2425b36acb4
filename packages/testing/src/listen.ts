import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A server that `kit.listen` started. */
export interface Listening {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves a fetch-style handler on 127.0.0.1.
 * @param at a port, 0 for a free one; or a server that listens already
 */
export async function listen(
  at: number | Server,
  handle: (request: Request) => Promise<Response>,
): Promise<Listening> {
  const server = typeof at === "number" ? createServer() : at;
  server.on("request", (request, response) => void answer(request, response, handle));
  if (typeof at === "number") {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(at, "127.0.0.1", resolve);
    });
  }
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  try {
    const { method = "GET", url = "/", headers } = incoming;
    const body = await buffer(incoming);
    const authorization = headers.authorization;
    const request = new Request(`http://${headers.host ?? "127.0.0.1"}${url}`, {
      method,
      headers: {
        "content-type": headers["content-type"] ?? "",
        ...(authorization !== undefined && { authorization }),
      },
      ...(body.length > 0 && { body }),
    });
    const response = await handle(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  } catch {
    outgoing.writeHead(400).end();
  }
}
