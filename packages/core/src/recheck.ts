import { AuthError } from "./error.ts";
import type { IdentityBase, MaybePromise } from "./types.ts";

// Asking about a verified credential again: `revoked`, key stores, authorizers. Only connections that stay open need it,
// and all that they have is the identity.

/** Verifies the credential again, and returns what it proves now. */
type Verify = (now: number) => MaybePromise<IdentityBase>;

interface Asked {
  /** By the server that accepted the identity: several auths can share one mode, and its cached identities. */
  readonly verify: Map<object, Verify>;
  /** When the credential was last known to be good, in milliseconds since 1970. */
  last: number;
}

// Identities are frozen, so that this cannot be a property of them. Bundlers such as Next's make copies of this module.
const key = Symbol.for("@authmodes/core: rechecks");
const asked = shared();

function shared(): WeakMap<object, Asked> {
  const known: unknown = Reflect.get(globalThis, key);
  if (known instanceof WeakMap) return known as WeakMap<object, Asked>;
  const made = new WeakMap<object, Asked>();
  Reflect.defineProperty(globalThis, key, { value: made });
  return made;
}

/** Remembers how to ask again about an identity that was just verified. */
export function rememberRecheck(identity: IdentityBase, server: object, now: number, verify: Verify): void {
  const known = asked.get(identity);
  if (known === undefined) {
    asked.set(identity, { verify: new Map([[server, verify]]), last: now });
    return;
  }
  known.verify.set(server, verify);
  known.last = now;
}

/** When the credential was last known to be good; undefined if nothing can tell that it no longer is. */
export function lastVerified(identity: IdentityBase): number | undefined {
  return asked.get(identity)?.last;
}

/** @throws AuthError if the credential is not good any more, or proves something else than before */
export async function recheck(identity: IdentityBase, now: number): Promise<void> {
  const known = asked.get(identity);
  if (known === undefined) return;
  for (const verify of known.verify.values()) {
    if (rightsOf(await verify(now)) === rightsOf(identity)) continue;
    throw new AuthError("credentials_refused", "credentials_changed", {
      detail: "the credential has other groups, scopes or denied fields than when the connection was opened",
    });
  }
  known.last = now;
}

function rightsOf(identity: IdentityBase): string {
  const deniedFields = "deniedFields" in identity ? identity.deniedFields : undefined;
  return JSON.stringify([identity.mode, identity.id, identity.groups, identity.scopes, deniedFields]);
}
