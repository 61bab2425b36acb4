import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll } from "vitest";

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** Listens on a free port of this machine until the tests of the file are over. Gives the origin. */
export async function listen(listener: RequestListener): Promise<string> {
  // It never closes an idle connection, which a client might be about to use again.
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}
