import type { IncomingMessage, ServerResponse } from "node:http";

/** A middleware as Express, Connect and NestJS know it. A bare `node:http` server can call it too. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
