import type { IncomingMessage, ServerResponse } from "node:http";

// The parts of Express and Fastify that are needed: an app has the package of one of them.

export type Connect = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** An entry of Express's router: a route, or a middleware. */
export interface ExpressLayer {
  handle: Connect;
  readonly route?: {
    readonly stack: readonly { readonly handle: object }[];
    _handlesMethod(method: string): boolean;
  };
  match(path: string): boolean;
}

type RegisterParser = (...args: readonly unknown[]) => unknown;

export interface ExpressAdapter {
  registerParserMiddleware: RegisterParser;
  useBodyParser: RegisterParser;
  getInstance(): { readonly router: { readonly stack: readonly ExpressLayer[] } };
}

export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: {
    readonly url?: string;
    readonly config?: object;
    readonly handler?: (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) => unknown;
  };
}

export interface FastifyReply {
  readonly raw: ServerResponse;
  readonly sent: boolean;
  code(status: number): this;
  headers(headers: Readonly<Record<string, string>>): this;
  send(body: string): this;
}

type Done = (error: Error | null, payload?: unknown) => void;

export interface FastifyInstance {
  addHook(
    name: "preParsing",
    hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done) => void,
  ): unknown;
}
