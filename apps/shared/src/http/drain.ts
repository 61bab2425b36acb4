import type { Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";

/** How long requests in flight may take to finish, in milliseconds. */
const graceTime = 10_000;
const sweepInterval = 100;

/**
 * Prepares a server to stop gracefully.
 * @returns a function that stops accepting connections, closes event streams, lets other requests finish, and closes the
 * rest after ten seconds
 */
export function drainable(server: Server): () => Promise<void> {
  const unfinished = new Set<ServerResponse>();
  server.on("request", (_request, response) => {
    unfinished.add(response);
    response.once("close", () => unfinished.delete(response));
  });
  const sweep = () => {
    for (const response of unfinished) finishSoon(response);
    if (unfinished.size === 0) server.closeAllConnections();
  };
  return async () => {
    server.prependListener("request", (_request, response) => finishSoon(response));
    const sweeping = setInterval(sweep, sweepInterval);
    const end = setTimeout(() => server.closeAllConnections(), graceTime);
    // `close` of HTTP servers also closes connections whose answer is written but not fully sent.
    await new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
    clearInterval(sweeping);
    clearTimeout(end);
  };
}

function finishSoon(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
  // Event streams do not finish. Not `response.end()`: writing the next event after it would be an error.
  else if (String(response.getHeader("content-type")).startsWith("text/event-stream"))
    response.req.socket.destroySoon();
}
