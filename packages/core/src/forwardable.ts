import type { Detection, IdentityBase, RequestView } from "./types.ts";

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

// On the view, not in the identity: identities are logged and sent to clients, credentials never are.
// Shared by copies of this module, which bundlers such as Next's make.
const verified: unique symbol = Symbol.for("@authmodes/core: verified");

interface Verified {
  readonly mode: string;
  readonly detection: Detection<IdentityBase>;
}

type VerifiedView = RequestView & { [verified]?: Verified };

export function rememberForwardable(request: VerifiedView, proven: Verified): void {
  request[verified] = proven;
}

/** What was verified of this request; undefined before that, and after a refusal. */
export function forwardableOf(request: VerifiedView): Forwardable | undefined {
  const proven = request[verified];
  return proven === undefined ? undefined : { mode: proven.mode, credential: proven.detection.forward };
}
