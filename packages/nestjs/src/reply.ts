import type { ServerResponse } from "node:http";
import type { Reply } from "@authmodes/core";
import type { FastifyReply } from "./platforms.ts";

/** Answers on either platform; nothing where an answer began already. */
export function sendReply(response: ServerResponse | FastifyReply, reply: Reply): void {
  if ("raw" in response) {
    if (response.sent || response.raw.headersSent) return;
    response.code(reply.status).headers(reply.headers).send(reply.body);
    return;
  }
  if (response.headersSent) return;
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  response.end(reply.body);
}
