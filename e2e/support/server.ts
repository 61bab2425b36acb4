import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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

/** An HTTP server that can be stopped and started again under the same address. */
export class TestServer {
  readonly url: string;
  readonly #port: number;
  #server: Server;
  #handler: RequestListener;

  private constructor(server: Server, handler: RequestListener) {
    this.#server = server;
    this.#handler = handler;
    this.#port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  static async start(handler: RequestListener): Promise<TestServer> {
    return new TestServer(await listen(handler, 0), handler);
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

  async startAgain(): Promise<void> {
    this.#server = await listen(this.#handler, this.#port);
  }
}

async function listen(handler: RequestListener, port: number): Promise<Server> {
  const server = createServer(handler).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
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
