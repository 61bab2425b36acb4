import type { RequestView } from "./types.ts";

/** A header that makes a verified caller's credentials reach another service. */
export interface ForwardableCredential {
  readonly name: string;
  readonly value: string;
}

// Beside the identity, not in it: identities are logged and sent to clients, credentials never are.
const credentials = new WeakMap<RequestView, ForwardableCredential>();

export function rememberForwardable(
  request: RequestView,
  credential: ForwardableCredential | undefined,
): void {
  if (credential !== undefined) credentials.set(request, credential);
}

/** The credential of this request that was verified; undefined before that, and for modes that cannot be forwarded. */
export function forwardableOf(request: RequestView): ForwardableCredential | undefined {
  return credentials.get(request);
}
