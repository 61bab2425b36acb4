import { opened } from "../auth/accepted-modes.ts";
import type { Auth } from "../auth/auth.ts";
import type { Policy } from "../policy/policy.ts";

/** What an adapter's guard requires of a request, for tools that list an app's routes. */
export interface GuardNote {
  /** The modes that it accepts. */
  readonly modes: readonly string[];
  /** The operation and model that the rules decide about: `get Book`. */
  readonly decision?: string;
}

/** The property of a guard that holds its note. All copies of this module share its name. */
export const guardNoteKey: unique symbol = Symbol.for("@authmodes/core: guard");

/** NestJS copies a handler's metadata to the function that serves the route. */
const metadata = Object(Reflect) as { readonly getMetadata?: (key: symbol, target: object) => unknown };

/**
 * Attaches a note to a guard.
 * @returns the guard
 * @example
 * import { guardNoteOf, noteGuard } from "@authmodes/core/inspect";
 *
 * const guard = noteGuard((): void => {}, { modes: ["oidc"], decision: "get Book" });
 * console.log(guardNoteOf(guard)?.modes); // ["oidc"]
 */
export function noteGuard<F extends object>(guard: F, note: GuardNote): F {
  return Object.defineProperty(guard, guardNoteKey, { value: note });
}

/**
 * Returns the note of a guard; undefined for any other function or object.
 * @example
 * import { guardNoteOf } from "@authmodes/core/inspect";
 *
 * export function isGuard(middleware: object): boolean {
 *   return guardNoteOf(middleware) !== undefined;
 * }
 */
export function guardNoteOf(guard: object): GuardNote | undefined {
  const own = (guard as { readonly [guardNoteKey]?: GuardNote })[guardNoteKey];
  return own ?? (metadata.getMetadata?.(guardNoteKey, guard) as GuardNote | undefined);
}

/**
 * Returns the `policy` option of an auth.
 * @example
 * import { createAuth, none } from "@authmodes/core";
 * import { policyOf } from "@authmodes/core/inspect";
 *
 * console.log(policyOf(createAuth([none()]))); // undefined
 */
export function policyOf(auth: Auth): Policy | undefined {
  return opened(auth).shared.policy;
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
