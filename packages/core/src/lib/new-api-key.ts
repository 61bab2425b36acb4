import { crypto } from "#crypto";
import type { StoredApiKey } from "../modes/api-key.ts";
import { checkOptions, checkSeconds, must } from "./options.ts";
import { environmentShape, formatKey, isListOfTexts } from "./stored-key.ts";

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
