import { opened } from "../auth/accepted-modes.ts";
import type { Auth } from "../auth/auth.ts";
import type { Policy } from "../policy/policy.ts";

/** The rules that `createAuth` was given. */
export function policyOf(auth: Auth): Policy | undefined {
  return opened(auth).policy;
}

/** The lower-case names of the request headers that the modes of an auth read. */
export function requestHeadersOf(auth: Auth): readonly string[] {
  return opened(auth).requestHeaders;
}
