import { opened } from "../auth/accepted-modes.ts";
import type { Auth } from "../auth/auth.ts";
import type { Policy } from "../policy/policy.ts";

/**
 * Returns the `policy` option of an auth.
 * @example
 * import { createAuth, none } from "@authmodes/core";
 * import { policyOf } from "@authmodes/core/inspect";
 *
 * console.log(policyOf(createAuth([none()]))); // undefined
 */
export function policyOf(auth: Auth): Policy | undefined {
  return opened(auth).policy;
}

/**
 * Returns the lower-case names of the request headers that the modes of an auth read.
 * @example
 * import { apiKey, createAuth } from "@authmodes/core";
 * import { requestHeadersOf } from "@authmodes/core/inspect";
 *
 * console.log(requestHeadersOf(createAuth([apiKey({ keys: () => undefined })]))); // ["x-api-key"]
 */
export function requestHeadersOf(auth: Auth): readonly string[] {
  return opened(auth).requestHeaders;
}
