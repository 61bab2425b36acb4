import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  type Auth,
  type AuthEvent,
  authenticate,
  authErrorHandler,
  corsHeaders,
  getIdentity,
} from "@authmodes/express";
import cors from "cors";
import express from "express";

/** An HTTP server that can be out of order for a while. */
export class TestServer {
  readonly url: string;
  readonly #server: Server;
  #handler: RequestListener;

  private constructor(server: Server, handler: RequestListener) {
    this.#server = server;
    this.#handler = handler;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(handler: RequestListener): Promise<TestServer> {
    const server = createServer(handler).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TestServer(server, handler);
  }

  /** Answers differently from now on. */
  handle(handler: RequestListener): void {
    this.#server.off("request", this.#handler).on("request", handler);
    this.#handler = handler;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, "close");
  }

  /** Ends every connection until `resume`. The port stays taken: another process would get it. */
  interrupt(): void {
    this.#server.on("connection", end).closeAllConnections();
  }

  resume(): void {
    this.#server.off("connection", end);
  }
}

function end(socket: Socket): void {
  socket.destroy();
}

export interface AuthServer {
  readonly url: string;
  /** What the auth decided, oldest first. */
  readonly events: readonly AuthEvent[];
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Lets pages of other origins call. */
  readonly cors?: boolean;
}

/** An Express app that answers each request with the identity that it verified and the number of body bytes. */
export async function serve(auth: Auth, options: ServeOptions = {}): Promise<AuthServer> {
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  const app = express();
  if (options.cors === true) {
    const { allow, expose } = corsHeaders(auth);
    app.use(cors({ allowedHeaders: [...allow], exposedHeaders: [...expose] }));
  }
  app.use(authenticate(auth));
  app.use((request, response, next) => {
    countBytes(request).then((bytes) => response.json({ ...getIdentity(request), bytes }), next);
  });
  app.use(authErrorHandler());
  const server = await TestServer.start(app);
  return { url: server.url, events, stop: () => server.stop() };
}

async function countBytes(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.byteLength;
  return bytes;
}
