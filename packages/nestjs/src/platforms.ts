import type { IncomingMessage, ServerResponse } from "node:http";

// The parts of Express and Fastify that are needed: an app has the package of one of them.

export type Connect = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string };
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
