import { isText } from "../lib/json.ts";
import { AuthError, refused } from "../refusal/error.ts";
import { crypto } from "#crypto";
import type { ApiKeyIdentity } from "../identity.ts";
import { after, type Wait, within } from "../lib/promises.ts";
import { checkOptions, isToken, must } from "../lib/options.ts";
import { isSignature, trimSpace } from "../auth/credentials.ts";
import { settingsOf, builtIn } from "../auth/mode.ts";
import { askable, checkOnChange } from "../auth/recheck.ts";
import type { AuthMode, CallContext, Detection, LookUp, MaybePromise } from "../types.ts";
import { checkExpiry, checkStored, isListOfTexts, isMistyped, storedMembers } from "../lib/stored-key.ts";
export { hashApiKey, newApiKey, type NewApiKey, type NewApiKeyOptions } from "../lib/stored-key.ts";

/**
 * The record of an API key that a server stores: its hash, never the key itself. Other members are ignored, except those
 * that look like one of these (`expires_at`, `revoked`, `enabled`): they are an error.
 */
export interface StoredApiKey {
  /** Names the key in logs and in the identity. */
  readonly id: string;
  /** SHA-256 of the key, 64 lower-case hexadecimal digits. */
  readonly hash: string;
  /** Seconds since 1970; null for a key that does not expire. */
  readonly expiresAt: number | null;
  /** Default: none. */
  readonly scopes?: readonly string[];
  /** Whether the key is rejected, as an unknown one is. Default false. */
  readonly disabled?: boolean;
}

/** Options of `apiKey`. */
export interface ApiKeyOptions {
  /**
   * The keys, or a function that finds one by its hash. The answer is 503 if the function throws, takes over 5 seconds or
   * returns a malformed record. An empty list is a warning on stderr.
   */
  readonly keys:
    | readonly StoredApiKey[]
    | LookUp<(hash: string, context: CallContext) => MaybePromise<StoredApiKey | undefined>>;
  /**
   * Default `x-api-key`, which Amplify's and API Gateway's clients send. In `authorization`, a key is raw or after `Bearer ` or
   * `ApiKey `; without `scheme` or `prefix`, anything there that is neither a signature nor a JWT is a key, so that `lambda`
   * cannot read that header too.
   */
  readonly header?: string;
  /** With `header: "authorization"`: the only scheme that a key is sent after, such as `ApiKey`. Default: see `header`. */
  readonly scheme?: string;
  /** With `header: "authorization"`: how each key starts, such as `sk_`. Other text there is left to other modes. Default: any. */
  readonly prefix?: string;
}

const maxKeyLength = 512;
const hashShape = /^[0-9a-f]{64}$/;

/**
 * Accepts API keys in a header. They are found by their hash, so the store holds nothing that a client could send.
 * @throws TypeError if an option is missing or a stored key is malformed
 * @example
 * import { apiKey, createAuth, type StoredApiKey } from "@authmodes/core";
 *
 * const stored: StoredApiKey = {
 *   id: "shop",
 *   hash: process.env["SHOP_KEY_HASH"] ?? "", // of newApiKey() or hashApiKey()
 *   expiresAt: Date.UTC(2030, 0, 1) / 1000,
 *   scopes: ["orders/read"],
 * };
 * export const auth = createAuth([apiKey({ keys: [stored] })]);
 */
export function apiKey(options: ApiKeyOptions): AuthMode<ApiKeyIdentity> {
  checkOptions("apiKey()", options, {
    keys: ["key", "apiKeys"],
    header: ["headerName"],
    scheme: [],
    prefix: ["keyPrefix", "startsWith"],
  });
  must(
    Array.isArray(options.keys) || typeof options.keys === "function",
    "apiKey(): keys is a list of stored keys (see newApiKey) or a function that finds one by its hash",
  );
  checkOnChange("apiKey(): keys", options.keys);
  if (typeof options.keys !== "function" && options.keys.length === 0) {
    console.warn("authmodes: apiKey() has no keys, so every API key is rejected");
  }
  const find = findKey(options.keys);
  const header = (options.header ?? "x-api-key").toLowerCase();
  must(isToken(header), `apiKey(): '${header}' is not a header name`);
  const isShared = header === "authorization";
  const { scheme, prefix } = options;
  for (const [name, value] of Object.entries({ scheme, prefix })) {
    must(
      value === undefined || isShared,
      `apiKey(): ${name} is for keys in Authorization; add header: "authorization"`,
    );
    must(value === undefined || isToken(value), `apiKey(): ${name} is text without spaces, not '${value}'`);
  }
  const isOwn = scheme !== undefined || prefix !== undefined;
  const fit = isShared && !isOwn ? "fallback" : "own";
  const keyOf = isShared ? authorizationReader(options) : (value: string) => value;

  return builtIn({
    name: "apiKey",
    scheme: scheme ?? "ApiKey",
    requestHeaders: [header],
    places: isOwn ? [] : [header],
    describe: (now) => ({
      settings: settingsOf({ header, scheme, prefix, keys: describeKeys(options.keys, now) }),
      issuers: [],
    }),
    detect(request) {
      const value = request.header(header);
      const key = value === undefined ? undefined : keyOf(value);
      if (value === undefined || key === undefined) return undefined;
      const check = (now: number) => verify(key, find, now);
      const found: Detection<ApiKeyIdentity> = {
        place: header,
        fit,
        forward: { name: header, value },
        verify: check,
      };
      // A list does not change.
      if (typeof options.keys === "function") {
        found.again = check;
        found.onChange = options.keys.onChange;
      }
      return found;
    },
  });
}

/** Reads the key of an `Authorization`; undefined for other credentials. */
function authorizationReader({ scheme, prefix = "" }: ApiKeyOptions): (value: string) => string | undefined {
  const schemes = scheme === undefined ? ["bearer", "apikey"] : [scheme.toLowerCase()];
  return (value) => {
    const [, sent = "", after = ""] = /^([^ \t]*) *(.*)$/s.exec(trimSpace(value)) ?? [];
    const isAfter = schemes.includes(sent.toLowerCase());
    const key = isAfter
      ? after
      : after === "" && scheme === undefined && !isSignature(sent)
        ? sent
        : undefined;
    return key?.startsWith(prefix) ? key : undefined;
  };
}

/** Ids and expiry, for people. */
function describeKeys(keys: ApiKeyOptions["keys"], now: number): string {
  if (typeof keys === "function") return "looked up by their hash";
  return keys
    .map(({ id, expiresAt, disabled }) => {
      if (disabled === true) return `${id} (disabled)`;
      if (expiresAt === null) return `${id} (does not expire)`;
      const isOver = expiresAt * 1000 <= now;
      return `${id} (${isOver ? "expired" : "until"} ${new Date(expiresAt * 1000).toISOString().slice(0, 10)})`;
    })
    .join(", ");
}

const none: readonly string[] = Object.freeze([]);

/** A stored key that was checked. */
type KnownKey = Required<StoredApiKey>;

type FindKey = (hash: string) => MaybePromise<KnownKey | undefined>;

const finderWait: Wait = { what: "apiKey({ keys })", reason: "finder_timeout" };

/** Checks the keys of a list once, those of a store each time, unless they cannot change. */
function findKey(keys: ApiKeyOptions["keys"]): FindKey {
  if (typeof keys !== "function") return finderOf(keys);
  const constants = new WeakMap<StoredApiKey, KnownKey>();
  return (hash) =>
    after(
      within(finderWait, (context) => keys(hash, context)),
      (stored) => {
        if (stored === undefined || stored === null) return undefined;
        const constant = constants.get(stored);
        if (constant !== undefined) return constant;
        const known = readStoredKey(stored);
        if (isConstant(stored)) constants.set(stored, known);
        return known;
      },
    );
}

/** Whether a record is deeply frozen: without getters, whose values may change, and without a prototype that may. */
function isConstant(stored: StoredApiKey): boolean {
  return (
    Object.isFrozen(stored) &&
    Object.isFrozen(stored.scopes ?? none) &&
    Reflect.getPrototypeOf(stored) === Object.prototype &&
    Object.values(Object.getOwnPropertyDescriptors(stored)).every((member) => "value" in member)
  );
}

function verify(key: string, find: FindKey, now: number): MaybePromise<ApiKeyIdentity> {
  if (key === "" || key.length > maxKeyLength) throw refused("api_key_malformed");
  if (isMistyped(key))
    throw refused("api_key_mistyped", "the checksum at the end of the key does not match it");
  return after(crypto.sha256Hex(key), (hash) => after(find(hash), (known) => identityOf(known, hash, now)));
}

/** @throws AuthError unless this is the stored key for the hash, and it is still valid */
function identityOf(known: KnownKey | undefined, hash: string, now: number): ApiKeyIdentity {
  if (known === undefined) throw refused("api_key_unknown");
  // A store that matches loosely (by a prefix, in another letter case) must not accept other keys.
  if (!crypto.equal(known.hash, hash)) {
    throw refused(
      "api_key_mismatch",
      "the key source returned a key with another hash than the one it was asked for",
    );
  }
  if (known.disabled) {
    throw refused("api_key_disabled", `key ${known.id} is disabled or revoked`);
  }
  if (known.expiresAt !== null && known.expiresAt * 1000 <= now) {
    throw new AuthError("credentials_expired", "api_key_expired", {
      awsMessage: "You are not authorized to make this call.",
      detail: `key ${known.id} expired at ${new Date(known.expiresAt * 1000).toISOString()}`,
    });
  }
  return askable({
    mode: "apiKey",
    id: known.id,
    keyId: known.id,
    groups: none,
    scopes: known.scopes,
    expiresAt: known.expiresAt,
  });
}

function finderOf(keys: readonly StoredApiKey[]): FindKey {
  const byHash = new Map<string, KnownKey>();
  for (const key of keys) {
    const known = readStoredKey(key);
    must(!byHash.has(known.hash), `apiKey(): two keys have the same hash ('${known.id}')`);
    byHash.set(known.hash, known);
  }
  return (hash) => byHash.get(hash);
}

const members = storedMembers(["id", "hash", "expiresAt", "scopes", "disabled"]);

/**
 * Checks a key and copies the members that we read. A spread would leave out the inherited getters of an ORM's record, and
 * a key without `expiresAt` would never expire.
 */
function readStoredKey(key: StoredApiKey): KnownKey {
  const { id, hash, expiresAt, scopes, disabled } = key;
  must(
    isText(id),
    "apiKey(): a stored key needs an id; store what newApiKey() returns as 'stored', or { id, hash, expiresAt } with the hash of hashApiKey()",
  );
  const fault =
    hash === ""
      ? "is empty: is an environment variable missing, or its file not loaded (--env-file)?"
      : "is not 64 lower-case hexadecimal digits; make it with hashApiKey()";
  must(typeof hash === "string" && hashShape.test(hash), `apiKey(): the hash of key '${id}' ${fault}`);
  const where = `apiKey(): key '${id}'`;
  checkStored(where, key, members);
  checkExpiry(where, expiresAt);
  if (scopes !== undefined && !isListOfTexts(scopes)) {
    throw new TypeError(`${where}: scopes is a list of texts, such as ["read"]`);
  }
  const copied = scopes === undefined ? none : Object.freeze([...scopes]);
  return { id, hash, expiresAt, scopes: copied, disabled: disabled === true };
}
