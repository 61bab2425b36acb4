import type { IncomingMessage, ServerResponse } from "node:http";

/** A middleware as Express, Connect and NestJS know it. A bare `node:http` server can call it too. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Makes one middleware of several, which run in this order until one of them answers. */
export function inOrder(...[first, ...others]: readonly Middleware[]): Middleware {
  if (first === undefined) return (_request, _response, next) => next();
  const rest = inOrder(...others);
  return (request, response, next) =>
    first(request, response, (error) => {
      if (error === undefined) rest(request, response, next);
      else next(error);
    });
}
