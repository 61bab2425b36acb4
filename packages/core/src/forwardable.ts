import type { RequestView } from "./types.ts";

/** A header that makes a verified caller's credentials reach another service. */
export interface ForwardableCredential {
  readonly name: string;
  readonly value: string;
}

/** What was verified of a request, for whoever sends it on. */
export interface Forwardable {
  readonly mode: string;
  /** undefined for modes whose credentials cannot travel. */
  readonly credential: ForwardableCredential | undefined;
}

// Beside the identity, not in it: identities are logged and sent to clients, credentials never are.
const verified = new WeakMap<RequestView, Forwardable>();

export function rememberForwardable(
  request: RequestView,
  mode: string,
  credential: ForwardableCredential | undefined,
): void {
  verified.set(request, { mode, credential });
}

/** What was verified of this request; undefined before that, and after a refusal. */
export function forwardableOf(request: RequestView): Forwardable | undefined {
  return verified.get(request);
}
