import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Realtime } from "@authmodes/graphql/realtime";
import { drainable } from "./drain.ts";

export interface Listening {
  readonly url: string;
  /** Lets the requests in flight finish, for ten seconds at most. */
  close(): Promise<void>;
}

/**
 * Serves on 127.0.0.1 only.
 * @param port 0 for a free one
 * @param realtime answers WebSockets
 */
export async function listen(
  handler: RequestListener,
  port: number,
  realtime?: Realtime,
): Promise<Listening> {
  const server = createServer(handler);
  realtime?.attach(server);
  const drain = drainable(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    async close() {
      await Promise.all([realtime?.close(), drain()]);
    },
  };
}

/** Finds a port for a server whose URL has to be known before it listens. */
export async function freePort(): Promise<number> {
  const server = await listen(() => undefined, 0);
  await server.close();
  return Number(new URL(server.url).port);
}
