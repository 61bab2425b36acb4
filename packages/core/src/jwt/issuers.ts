import type { KeySet } from "./key-set.ts";

/** By name; the same one twice would let the order of a list decide what a token has to be. */
export function issuersByName<T>(
  where: string,
  entries: readonly (readonly [issuer: string, value: T])[],
): ReadonlyMap<string, T> {
  const issuers = new Map<string, T>();
  for (const [issuer, value] of entries) {
    if (issuers.has(issuer)) {
      throw new TypeError(`${where}: the issuer ${issuer} stands twice; give its options once, as lists`);
    }
    issuers.set(issuer, value);
  }
  return issuers;
}

/** Fetches keys ahead, of one of several sets that serve the same issuer: not all of them need to exist. */
export async function anyReady(keySets: readonly KeySet[], now: number): Promise<void> {
  const results = await Promise.allSettled(keySets.map((keys) => keys.ready(now)));
  const failed = results.filter((result) => result.status === "rejected");
  if (failed.length === results.length) throw failed[0]?.reason;
}
