import { opened } from "./accepted-modes.ts";
import type { Auth } from "./auth.ts";

/** Header names for the framework's own CORS middleware. */
export interface CorsHeaders {
  /** For `Access-Control-Allow-Headers`. */
  readonly allow: readonly string[];
  /** For `Access-Control-Expose-Headers`: `Date` lets AWS's clients correct a wrong clock. */
  readonly expose: readonly string[];
}

/** What clients send whatever the mode: Amplify's GraphQL clients never leave out the second. */
const always = ["content-type", "x-amz-user-agent"];
const exposed = ["Date", "WWW-Authenticate", "Retry-After", "x-amzn-ErrorType", "x-amzn-RequestId"];

/** The headers that clients of these modes send from another origin, and need to read of the answer. */
export function corsHeaders(auth: Auth): CorsHeaders {
  return { allow: [...new Set([...always, ...opened(auth).requestHeaders])], expose: exposed };
}
