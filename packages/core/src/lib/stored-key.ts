import { isText } from "./json.ts";
import { checkFlag, type OptionNames, simplified, checkOptions, checkSeconds, must } from "./options.ts";
import { crypto } from "#crypto";
import type { StoredApiKey } from "../modes/api-key.ts";

/** Names of the opposite meaning. */
const opposites = ["enabled", "isEnabled", "active", "isActive"];
/** Our members, with other names that stores have for them. */
const aliases: OptionNames = {
  expiresAt: ["expires", "expiry", "expiryDate", "expiration", "expirationDate", "expiresOn", "validUntil"],
  scopes: ["scope"],
  disabled: ["revoked", "isRevoked", "revokedAt", "isDisabled", "disabledAt", ...opposites],
};

/** The members of a stored key, and names that look like one of them. */
interface StoredMembers {
  readonly known: ReadonlySet<string>;
  /** The right name, by simplified names. */
  readonly meant: ReadonlyMap<string, string>;
}

/** @param names of the members that are read */
export function storedMembers(names: readonly string[], own: OptionNames = {}): StoredMembers {
  const others = [...Object.entries(aliases), ...Object.entries(own)];
  const all = [...names.map((name) => [name, [name]] as const), ...others];
  const meant = all.flatMap(([name, spellings]) => spellings.map((one) => [simplified(one), name] as const));
  return { known: new Set(names), meant: new Map(meant) };
}

/**
 * Checks a stored key. A member that looks like one of ours under another name, such as `revoked`, is an error: if it were
 * ignored, a revoked key would be accepted. All other members are ignored.
 * @param where names the key in errors
 * @throws TypeError that names the right member
 */
export function checkStored(where: string, stored: object, { known, meant }: StoredMembers): void {
  // Records of an ORM inherit getters, which are not own properties.
  for (let holder: object | null = stored; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
    if (isBasePrototype(holder)) break;
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (known.has(name)) continue;
      const right = meant.get(simplified(name));
      if (right === undefined || isMethod(holder, name)) continue;
      throw new TypeError(`${where} has a member '${name}'; write '${right}'`);
    }
  }
  const { disabled } = stored as { readonly disabled?: unknown };
  if (disabled !== undefined) checkFlag(`${where}: disabled`, disabled);
}

function isMethod(holder: object, name: string): boolean {
  const { value, enumerable } = Reflect.getOwnPropertyDescriptor(holder, name) ?? {};
  return enumerable !== true && typeof value === "function";
}

/** `Object.prototype` of any realm, such as that of a test's sandbox. */
function isBasePrototype(holder: object): boolean {
  return Reflect.getPrototypeOf(holder) === null && Object.hasOwn(holder, "hasOwnProperty");
}

/** The year 5138: a larger number of seconds must be milliseconds. */
export const latestSecond = 1e11;

/** @throws TypeError unless it is a number of seconds since 1970, or null */
export function checkExpiry(where: string, expiresAt: unknown): void {
  if (expiresAt === null) return;
  // Not `must`: a store's key is checked for each request, and the text of an error takes longer than a check.
  if (typeof expiresAt !== "number" || !Number.isFinite(expiresAt)) {
    throw new TypeError(`${where} needs expiresAt in seconds since 1970, or null if it does not expire`);
  }
  if (expiresAt > latestSecond) {
    throw new TypeError(
      `${where}: expiresAt is ${expiresAt}, which looks like milliseconds; write seconds since 1970`,
    );
  }
}

export function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

// The form of the API keys that we make: `am_<environment>_<43 random characters><6 characters of checksum>`. Scanners for
// leaked secrets recognise it without asking a server, and a mistyped key is rejected without a look-up.

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The digits of ASCII's characters. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));
/** 62^43 is just over 2^256. */
const randomLength = 43;
/** 62^6 is over 2^32. */
const checksumLength = 6;
const shape = /^am_[a-z][a-z0-9]{0,15}_[0-9A-Za-z]{49}$/;

/** The environment in a key. */
const environmentShape = /^[a-z][a-z0-9]{0,15}$/;

/** @param randomHex 64 hexadecimal digits */
export function formatKey(environment: string, randomHex: string): string {
  const start = `am_${environment}_${base62(BigInt(`0x${randomHex}`), randomLength)}`;
  return start + base62(BigInt(crc32(start, start.length)), checksumLength);
}

/** Whether a key has our form and a wrong checksum. Keys of any other form have none. */
export function isMistyped(key: string): boolean {
  if (!key.startsWith("am_")) return false;
  const end = key.length - checksumLength;
  let checksum = 0;
  for (let i = end; i < key.length; i++) checksum = checksum * 62 + (digits[key.charCodeAt(i)] ?? 0);
  // The form last: the expression takes longer than the checksum, which nearly every key has.
  return crc32(key, end) !== checksum && shape.test(key);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  return crc;
});

/** CRC-32 as in zip and PNG, of ASCII text up to `end`. */
function crc32(text: string, end: number): number {
  // Of 32 bits with a sign, as bit operations give them: larger numbers are slow.
  let crc = -1;
  for (let i = 0; i < end; i++) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

/** Options of `newApiKey`. */
export interface NewApiKeyOptions {
  /** How long the key is valid, in seconds; null for a key that does not expire. */
  readonly expiresInSeconds: number | null;
  /** Default: eight random hexadecimal digits. */
  readonly id?: string;
  /** Default: none. */
  readonly scopes?: readonly string[];
  /** The second part of the key, lower-case letters and digits. Default `live`. */
  readonly environment?: string;
}

/** A new API key, and the record to store. */
export interface NewApiKey {
  /** The key: show it to its owner once. It cannot be recovered from the hash. */
  readonly key: string;
  /** The record to store. */
  readonly stored: StoredApiKey;
}

/**
 * Makes an API key of 256 random bits: `am_live_…`, with a checksum at its end.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { newApiKey } from "@authmodes/core";
 *
 * const { key, stored } = await newApiKey({ expiresInSeconds: 30 * 86_400, scopes: ["orders/read"] });
 * console.log(`x-api-key: ${key}`); // for its owner; keep only `stored`
 */
export async function newApiKey(options: NewApiKeyOptions): Promise<NewApiKey> {
  checkOptions("newApiKey()", options, {
    expiresInSeconds: ["expiresIn"],
    id: [],
    scopes: [],
    environment: ["env"],
  });
  const { expiresInSeconds, scopes, environment = "live" } = options;
  must(
    expiresInSeconds !== undefined,
    "newApiKey(): expiresInSeconds is missing; write null for a key that does not expire",
  );
  must(scopes === undefined || isListOfTexts(scopes), "newApiKey(): scopes is a list of texts");
  if (expiresInSeconds !== null) checkSeconds("newApiKey()", "expiresInSeconds", expiresInSeconds, 1, 1e10);
  must(
    typeof environment === "string" && environmentShape.test(environment),
    "newApiKey(): environment is at most 16 lower-case letters and digits, such as 'test'",
  );
  const key = formatKey(environment, crypto.randomHex(32));
  const id = options.id ?? crypto.randomHex(4);
  const expiresAt = expiresInSeconds === null ? null : Math.floor(Date.now() / 1000) + expiresInSeconds;
  const hash = await hashApiKey(key);
  return { key, stored: { id, hash, expiresAt, ...(scopes !== undefined && { scopes }) } };
}

/**
 * Hashes an API key that exists already, such as one of API Gateway or AppSync, for its record.
 * @example
 * import { hashApiKey, type StoredApiKey } from "@authmodes/core";
 *
 * const hash = await hashApiKey(process.env["OLD_KEY"] ?? "");
 * export const stored: StoredApiKey = { id: "old", hash, expiresAt: null };
 */
export async function hashApiKey(key: string): Promise<string> {
  return crypto.sha256Hex(key);
}
