import type { IncomingMessage, ServerResponse } from "node:http";
import { AuthError, type MaybePromise } from "@authmodes/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export type Connect = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The part of Nest's adapter for Express that is needed: what it says of parsers is not public. */
export interface ExpressAdapter {
  registerParserMiddleware: RegisterParser;
  useBodyParser: RegisterParser;
  getInstance(): { readonly router: { readonly stack: readonly ExpressLayer[] } };
}

type RegisterParser = (...args: readonly unknown[]) => unknown;

/** An entry of Express's router: a route, or a middleware. */
export interface ExpressLayer {
  handle: Connect;
  readonly route?: {
    readonly stack: readonly { readonly handle: object }[];
    _handlesMethod(method: string): boolean;
  };
  match(path: string): boolean;
}

export type Response = ServerResponse | FastifyReply;

/** undefined if there is nothing to wait for; false if the request was answered. */
type GoesOn = Promise<boolean> | undefined;

export function expressMiddleware(run: (request: IncomingMessage, response: Response) => GoesOn): Connect {
  return (request, response, next) => {
    const goesOn = run(request, response);
    if (goesOn === undefined) next();
    else goesOn.then((isOpen) => isOpen && next(), next);
  };
}

/** Runs before bodies are parsed, when the route is known. */
export function addFastifyHook(
  instance: FastifyInstance,
  run: (request: FastifyRequest, reply: FastifyReply) => GoesOn,
): void {
  instance.addHook("preParsing", (request, reply, payload, done) => {
    const goesOn = run(request, reply);
    if (goesOn === undefined) done(null, payload);
    else goesOn.then((isOpen) => isOpen && done(null, payload), done);
  });
}

/** Answers a rejection, unless an answer began already. Resolves to false then. */
export async function orAnswer(
  response: Response,
  authenticate: () => MaybePromise<unknown>,
): Promise<boolean> {
  try {
    await authenticate();
    return true;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    sendReply(response, error);
    return false;
  }
}

export function sendReply(response: Response, { reply: { status, headers, body } }: AuthError): void {
  if ("raw" in response) {
    if (!response.sent && !response.raw.headersSent) response.code(status).headers(headers).send(body);
    return;
  }
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
