import type { AuthError } from "@authmodes/core";
import type { Problem } from "./api.ts";

/** Rejects a request with a sentence for its sender. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

/** Nothing from other servers, nothing inline, and no frame around the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const defaults: Readonly<Record<string, string>> = {
  "Content-Security-Policy": policy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
};

/** Makes an answer with the headers that protect the page. It is not cached unless `headers` say so. */
export function reply(
  status: number,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(body, { status, headers: { ...defaults, ...headers } });
}

export function json(status: number, body: unknown): Response {
  return reply(status, JSON.stringify(body), { "Content-Type": "application/json" });
}

export function problem({ status, code, message }: Refusal): Response {
  const body: Problem = { code, detail: message };
  return json(status, body);
}

export function notFound(): Response {
  return problem(new Refusal(404, "not_found", "There is nothing here."));
}

/** The same as plain text, for a browser that opens the page. */
export function sentence({ status, message }: Refusal): Response {
  return reply(status, `authmodes studio: ${message}\n`, { "Content-Type": "text/plain; charset=utf-8" });
}

/** A rejection by the modes, as the server answers it on other routes. */
export function refused({ reply: { status, body, headers } }: AuthError): Response {
  return reply(status, body, headers);
}
