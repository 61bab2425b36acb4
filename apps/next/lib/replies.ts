import { errorReply, HttpError, type HttpReply } from "@authmodes/app-shared/answers";
import { bookstore } from "../src/bookstore.ts";

export function toResponse({ status, headers, body }: HttpReply): Response {
  return new Response(body, { status, headers: { ...headers } });
}

/** Answers errors that are not about credentials. */
export function errorResponse(error: unknown): Response {
  return toResponse(errorReply(error, bookstore().shop.errorFormat));
}

export function noSuchRoute(): Response {
  return errorResponse(new HttpError(404, "There is no such route"));
}
