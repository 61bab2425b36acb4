import { must, simplified } from "../options.ts";

/** Names that stores have for a member of ours, in any spelling, with ours. */
const aliases: Readonly<Record<string, string>> = {
  expires: "expiresAt",
  expiry: "expiresAt",
  expiryDate: "expiresAt",
  expiration: "expiresAt",
  expirationDate: "expiresAt",
  expiresOn: "expiresAt",
  validUntil: "expiresAt",
  scope: "scopes",
  revoked: "disabled",
  revokedAt: "disabled",
  disabledAt: "disabled",
  enabled: "disabled",
  active: "disabled",
  isRevoked: "disabled",
  isDisabled: "disabled",
  isEnabled: "disabled",
  isActive: "disabled",
};

/** By the names without letter case and punctuation: a store is asked for each request. */
export type Lookalikes = ReadonlyMap<string, string>;

/** @param known the names of the members that count */
export function lookalikesOf(
  known: readonly string[],
  own: Readonly<Record<string, string>> = {},
): Lookalikes {
  return new Map(
    [...known.map((name) => [name, name] as const), ...Object.entries({ ...aliases, ...own })].map(
      ([name, meant]) => [simplified(name), meant],
    ),
  );
}

/**
 * Checks what every stored key has. A member that looks like one of ours under another name, such as `revoked`, would
 * be ignored, and a key that its owner believes to be revoked would be accepted; all other members are ignored.
 * @param where which key, for people
 * @throws TypeError that names the right member
 */
export function checkStored(where: string, stored: object, lookalikes: Lookalikes): void {
  for (const name of memberNames(stored)) {
    const meant = lookalikes.get(simplified(name));
    must(meant === undefined || meant === name, `${where} has a member '${name}'; write '${meant}'`);
  }
  const { disabled } = stored as { readonly disabled?: unknown };
  must(disabled === undefined || typeof disabled === "boolean", `${where}: disabled is true or false`);
}

/** With those that records of an ORM inherit: getters, which a loop does not find; but not the methods of a class. */
function memberNames(stored: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (let holder: object | null = stored; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
    if (isBasePrototype(holder)) break;
    for (const [name, { value, enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (enumerable === true || typeof value !== "function") names.add(name);
    }
  }
  return names;
}

/** `Object.prototype` of any realm, such as that of a test's sandbox. */
function isBasePrototype(holder: object): boolean {
  return Reflect.getPrototypeOf(holder) === null && Object.hasOwn(holder, "hasOwnProperty");
}

/** After it (in the year 5138) a number of seconds is one of milliseconds. */
const latest = 1e11;

/** @throws TypeError unless it is a number of seconds since 1970, or null */
export function checkExpiry(where: string, expiresAt: unknown): void {
  if (expiresAt === null) return;
  must(
    typeof expiresAt === "number" && Number.isFinite(expiresAt),
    `${where} needs expiresAt in seconds since 1970, or null if it does not expire`,
  );
  must(
    expiresAt <= latest,
    `${where}: expiresAt is ${expiresAt}, which looks like milliseconds; write seconds since 1970`,
  );
}
