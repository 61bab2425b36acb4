import { bookstore } from "../src/bookstore.ts";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers: { ...headers } });
}

/** Answers errors that are not about credentials. */
export function errorResponse(error: unknown): Response {
  const { shop, errorReply } = bookstore();
  return toResponse(errorReply(error, shop.errorFormat));
}

export function noSuchRoute(): Response {
  const { HttpError } = bookstore();
  return errorResponse(new HttpError(404, "There is no such route"));
}
