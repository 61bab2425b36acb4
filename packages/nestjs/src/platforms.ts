import type { IncomingMessage, ServerResponse } from "node:http";
import { AuthError } from "@authmodes/core";
import { clearAnswer } from "@authmodes/core/adapter";
import type { HttpAdapterHost } from "@nestjs/core";
import type { RequestHandler } from "express";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** The part of Nest's adapter for Express that is needed: what it says of parsers is not public. */
export interface ExpressAdapter {
  registerParserMiddleware: RegisterParser;
  useBodyParser: RegisterParser;
  getInstance(): { readonly router: { readonly stack: readonly ExpressLayer[] } };
}

type RegisterParser = (...args: readonly unknown[]) => unknown;

/** An entry of Express's router: a route, or a middleware. */
export interface ExpressLayer {
  handle: RequestHandler;
  readonly route?: {
    readonly stack: readonly { readonly handle: object }[];
    _handlesMethod(method: string): boolean;
  };
  match(path: string): boolean;
}

export type HttpResponse = ServerResponse | FastifyReply;

/** undefined if there is nothing to wait for; false if the request was answered. */
type GoesOn = Promise<boolean> | undefined;

/** Runs before later middleware: for every request, or for those to some paths. On Fastify bodies are not parsed by then. */
export function addHook(
  adapter: HttpAdapterHost["httpAdapter"],
  run: (request: IncomingMessage, response: HttpResponse) => GoesOn,
  paths?: readonly string[],
): void {
  if (adapter.getType() === "fastify") {
    // By the route that was found, which is safer than matching the path again.
    return addFastifyHook(adapter.getInstance(), ({ raw, routeOptions: { url = "" } }, reply) =>
      paths === undefined || paths.includes(url) ? run(raw, reply) : undefined,
    );
  }
  const middleware: RequestHandler = (request, response, next) => {
    const goesOn = run(request, response);
    if (goesOn === undefined) next();
    else goesOn.then((isOpen) => isOpen && next(), next);
  };
  if (paths === undefined) adapter.use(middleware);
  else for (const path of paths) adapter.use(path, middleware);
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
export async function orAnswer(response: HttpResponse, verify: () => unknown): Promise<boolean> {
  try {
    await verify();
    return true;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    sendReply(response, error);
    return false;
  }
}

export function sendReply(response: HttpResponse, { reply: { status, headers, body } }: AuthError): void {
  const isSent = "raw" in response ? response.sent || response.raw.headersSent : response.headersSent;
  if (isSent) return;
  clearAnswer(response);
  if ("raw" in response) return void response.code(status).headers(headers).send(body);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
