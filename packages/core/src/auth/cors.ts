import { opened } from "./accepted-modes.ts";
import type { Auth } from "./auth.ts";

/** Header names for the framework's own CORS middleware. */
export interface CorsHeaders {
  /** For `Access-Control-Allow-Headers`. */
  readonly allow: readonly string[];
  /** For `Access-Control-Expose-Headers`: `Date` lets AWS's clients correct a wrong clock. */
  readonly expose: readonly string[];
}

/** Sent by clients of any mode. Amplify's GraphQL clients always send the second. */
const always = ["content-type", "x-amz-user-agent"];
const exposed = [
  "Date",
  "WWW-Authenticate",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "x-amzn-ErrorType",
  "x-amzn-RequestId",
];

/**
 * Returns the headers that clients of these modes send from another origin, and read from the answer.
 * @example
 * import { apiKey, corsHeaders, createAuth } from "@authmodes/core";
 *
 * const auth = createAuth([apiKey({ keys: () => undefined })]);
 * const { allow, expose } = corsHeaders(auth);
 * const options = { allowedHeaders: [...allow, "x-request-id"], exposedHeaders: expose };
 */
export function corsHeaders(auth: Auth): CorsHeaders {
  return { allow: [...new Set([...always, ...opened(auth).requestHeaders])], expose: exposed };
}
