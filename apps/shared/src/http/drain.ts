import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** How long requests in flight may take to finish, in milliseconds. */
const graceTime = 10_000;
const sweepInterval = 100;

/**
 * Prepares a server to stop gracefully.
 * @returns a function that stops accepting connections, closes event streams and idle connections, lets other requests
 * finish, and closes the rest after ten seconds
 */
export function drainable(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  const unfinished = new Set<ServerResponse>();
  server.on("connection", (socket: Socket) => keepWhileOpen(sockets, socket));
  server.on("request", (_request, response) => keepWhileOpen(unfinished, response));
  const sweep = () => {
    const busy = new Set([...unfinished].map(({ req }) => req.socket));
    for (const response of unfinished) finishSoon(response);
    for (const socket of sockets) if (!busy.has(socket)) socket.destroySoon();
  };
  return () =>
    new Promise((resolve) => {
      const sweeping = setInterval(sweep, sweepInterval);
      const end = setTimeout(() => server.closeAllConnections(), graceTime);
      // `close` of HTTP servers also closes connections whose answer is written but not fully sent.
      NetServer.prototype.close.call(server, () => {
        clearInterval(sweeping);
        clearTimeout(end);
        resolve();
      });
    });
}

function keepWhileOpen<T extends Socket | ServerResponse>(open: Set<T>, part: T): void {
  open.add(part);
  part.once("close", () => open.delete(part));
}

function finishSoon(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
  // Event streams do not finish. Not `response.end()`: writing the next event after it would be an error.
  else if (String(response.getHeader("content-type")).startsWith("text/event-stream"))
    response.req.socket.destroySoon();
}
