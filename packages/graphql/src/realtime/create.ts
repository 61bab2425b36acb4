import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { must } from "@authmodes/core/options";
import { WebSocketServer } from "ws";
import { closeCodes, Connection } from "./connection.ts";
import { chosenFrom, offeredBy, pathOf, subprotocol } from "./handshake.ts";
import { type RealtimeOptions, type Settings, settingsOf } from "./options.ts";

/** GraphQL subscriptions over WebSockets. Made by `createRealtime`. */
export interface Realtime {
  /**
   * Answers upgrades of its two paths, for servers that have an `upgrade` listener of their own.
   * @returns false for another path; the socket is then untouched
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /**
   * Answers the upgrades of a server of `node:http` or `node:https`. No other listener gets those of its two paths. Upgrades of
   * other paths are left to other listeners, and answered with 404 if there is none.
   * @throws TypeError if it was attached to this server before
   */
  attach(server: Server): void;
  /** Ends all sockets with code 1001, for a shutdown, and accepts no more. Resolves once they are closed, after 5 seconds at most. */
  close(): Promise<void>;
}

/**
 * Serves AppSync's protocol for GraphQL subscriptions, which Amplify's clients speak. Each connection and each subscription is
 * verified by the modes of the auth; `protect()` decides about each event. Needs the package `ws`.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import type { Auth, Identity } from "@authmodes/core";
 * import { createRealtime } from "@authmodes/graphql/realtime";
 * import type { GraphQLSchema } from "graphql";
 * import type { Server } from "node:http";
 *
 * export function serveSubscriptions(server: Server, auth: Auth, guarded: GraphQLSchema): void {
 *   const realtime = createRealtime<{ identity: Identity }>({
 *     auth,
 *     schema: guarded,
 *     context: (identity) => ({ identity }),
 *   });
 *   realtime.attach(server);
 *   process.once("SIGTERM", () => void realtime.close());
 * }
 */
export function createRealtime<TContext>(options: RealtimeOptions<TContext>): Realtime {
  return new RealtimeServer(settingsOf(options));
}

class RealtimeServer implements Realtime {
  readonly #settings: Settings;
  readonly #paths: readonly string[];
  readonly #sockets: WebSocketServer;
  readonly #connections = new Set<Connection>();
  readonly #servers = new WeakSet<object>();
  #isClosed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#paths = [settings.path, `${settings.path}/realtime`];
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: settings.maxFrameBytes,
      // Between two messages of a client the others have their turn, however many arrived at once.
      allowSynchronousEvents: false,
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!this.#paths.includes(pathOf(request))) return false;
    if (this.#isClosed) {
      answer(socket, "503 Service Unavailable");
      return true;
    }
    const offered = offeredBy(request);
    // The library would reject a credential that is no token, and may answer with it.
    const chosen = chosenFrom(offered);
    delete request.headers["sec-websocket-protocol"];
    if (chosen !== undefined) request.headers["sec-websocket-protocol"] = chosen;
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, request, offered, this.#settings);
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
      if (chosen === subprotocol) return;
      connection.reject(
        { message: "SubProtocolNotSupportedError", errorCode: 400 },
        closeCodes.protocolError,
      );
    });
    return true;
  }

  attach(server: Server): void {
    must(
      typeof server?.on === "function",
      "realtime.attach() takes a server of node:http, as app.listen() returns",
    );
    must(!this.#servers.has(server), "realtime.attach(): it is attached to this server already");
    this.#servers.add(server);
    // Other listeners end sockets that they do not know: Nest's WsAdapter all of them, Next.js those of its routes.
    const emit = server.emit.bind(server) as (name: string, ...args: readonly unknown[]) => boolean;
    server.emit = (name: string, ...args: readonly unknown[]) => {
      const isOurs = name === "upgrade" && this.upgrade(...(args as Parameters<Realtime["upgrade"]>));
      return isOurs || emit(name, ...args);
    };
    server.on("upgrade", (_request, socket) => {
      // Without another listener the socket would stay open for ever.
      if (server.listenerCount("upgrade") === 1) answer(socket, "404 Not Found");
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connections = [...this.#connections];
    for (const connection of connections)
      connection.close(closeCodes.goingAway, "The server is shutting down");
    await Promise.all(connections.map(({ closed }) => closed));
  }
}

function answer(socket: Duplex, status: string): void {
  socket.on("error", () => undefined);
  // Servers of Node keep a socket open until the client ends it too, and after an upgrade no timeout applies.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
