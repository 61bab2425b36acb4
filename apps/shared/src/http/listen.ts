import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Realtime } from "@authmodes/graphql/realtime";
import { drainable } from "./drain.ts";

export interface Listening {
  readonly url: string;
  /** Lets the requests in flight finish, for ten seconds at most. */
  close(): Promise<void>;
}

/** A port, 0 for a free one; or a server of `bind`. */
export type Port = number | Server;

/**
 * Serves on 127.0.0.1 only.
 * @param realtime answers WebSockets
 */
export async function listen(handler: RequestListener, port: Port, realtime?: Realtime): Promise<Listening> {
  const server = typeof port === "number" ? await bind(port) : port;
  server.on("request", handler).ref();
  realtime?.attach(server);
  const drain = drainable(server);
  return {
    url: urlOf(server),
    async close() {
      await Promise.all([realtime?.close(), drain()]);
    },
  };
}

/** Takes a port for a server whose URL has to be known before there is a handler. It keeps no process alive before `listen`. */
export async function bind(port = 0): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return server.unref();
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
