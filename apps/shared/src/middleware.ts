import type { IncomingMessage, ServerResponse } from "node:http";

/** What Express, Connect and NestJS call a middleware, and what a bare `node:http` server can call too. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
