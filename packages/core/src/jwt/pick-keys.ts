import { refused } from "./refused.ts";
import type { SigningKey } from "./signing-key.ts";
import type { TokenHeader } from "./token.ts";

/** Under one `kid`, for one algorithm: each costs a verification. */
const maxTwins = 4;

/**
 * The keys that a header can mean; none if a newer set may have one.
 * @throws AuthError if no newer set would help
 */
export function pickKeys(keys: readonly SigningKey[], { kid, alg }: TokenHeader): readonly SigningKey[] {
  const fitting = keys.filter((key) => (kid === undefined || key.kid === kid) && key.fits(alg));
  if (fitting.length <= 1) return fitting;
  if (kid === undefined) {
    throw refused("kid_missing", `the token names no key, and the set has ${fitting.length} for ${alg}`);
  }
  if (fitting.length > maxTwins) {
    throw refused("kid_ambiguous", `the key set has ${fitting.length} keys '${kid}' for ${alg}`);
  }
  return fitting;
}
