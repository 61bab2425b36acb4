import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** How long requests in flight have to finish, in milliseconds. */
const graceTime = 10_000;
const sweepInterval = 100;

/**
 * Prepares a server to stop without cutting off an answer.
 * @returns what stops it: it accepts no connection any more, ends event streams, closes connections that have no
 * request, lets the other requests finish, and closes what is left after ten seconds
 */
export function drainable(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  const unfinished = new Set<ServerResponse>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (_request, response) => {
    unfinished.add(response);
    response.once("close", () => unfinished.delete(response));
  });
  const sweep = () => {
    const busy = new Set([...unfinished].map(({ req }) => req.socket));
    for (const response of unfinished) finishSoon(response);
    for (const socket of sockets) if (!busy.has(socket)) socket.destroySoon();
  };
  return () =>
    new Promise((resolve) => {
      const sweeping = setInterval(sweep, sweepInterval);
      const end = setTimeout(() => server.closeAllConnections(), graceTime);
      // That of HTTP servers also closes connections whose answer is written, and not yet sent as a whole.
      NetServer.prototype.close.call(server, () => {
        clearInterval(sweeping);
        clearTimeout(end);
        resolve();
      });
    });
}

function finishSoon(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
  // Not `response.end()`: the next event would be a write after it, which is an error.
  else if (isEventStream(response)) response.req.socket.destroySoon();
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader("content-type")).startsWith("text/event-stream");
}
