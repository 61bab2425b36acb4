import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { AuthError } from "../refusal/error.ts";
import { isForBrowsers } from "./replace-answer.ts";

/**
 * Asks once more when a good answer is about to be sent: an objection replaces it, whatever the handler goes on to
 * write. Nothing is thrown, for it might be a stream that writes.
 */
export function guardAnswer(response: ServerResponse, objection: () => AuthError | undefined): void {
  const writeHead = response.writeHead.bind(response);
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let replaced = false;

  /** @param written the headers that are given to `writeHead` alone, as Fastify does it */
  function passes(status: unknown, written?: unknown): boolean {
    if (replaced || response.headersSent) return !replaced;
    const error = Number(status) < 400 ? objection() : undefined;
    if (error === undefined) return true;
    replaced = true;
    for (const name of response.getHeaderNames()) {
      if (!isForBrowsers(name)) response.removeHeader(name);
    }
    for (const [name, value] of Object.entries<OutgoingHttpHeader>(Object(written))) {
      if (isForBrowsers(name.toLowerCase())) response.setHeader(name, value);
    }
    Object.assign(response, { writeHead, write, end });
    const { status: replacement, headers, body } = error.reply;
    response.writeHead(replacement, headers).end(body);
    Object.assign(response, { write: () => true, end: () => response });
    return false;
  }

  Object.assign(response, {
    writeHead: (status: unknown, ...rest: readonly unknown[]): unknown =>
      passes(status, rest.at(-1)) ? Reflect.apply(writeHead, response, [status, ...rest]) : response,
    write: (...chunk: readonly unknown[]): unknown =>
      passes(response.statusCode) ? Reflect.apply(write, response, chunk) : true,
    end: (...chunk: readonly unknown[]): unknown =>
      passes(response.statusCode) ? Reflect.apply(end, response, chunk) : response,
  });
}
