import { must } from "@authmodes/core/options";

/** 32 bytes in base64, with or without the padding. */
const shape = /^[A-Za-z0-9+/]{43}=?$/;

/** The bytes of a key. Web Crypto takes no shared memory. */
export type Key = Uint8Array<ArrayBuffer>;

/**
 * Reads keys of 32 bytes in base64, comma separated.
 * @param what the call and the option, as the user wrote them. Errors never quote a key
 * @throws TypeError
 */
export function readKeys(what: string, text: string): readonly Key[] {
  const parts = typeof text === "string" ? text.split(",").map((part) => part.trim()) : [];
  const wrong = parts.findIndex((part) => !shape.test(part));
  must(
    parts.length > 0 && text.trim() !== "",
    `${what} is missing: 32 random bytes in base64, such as the output of 'openssl rand -base64 32'`,
  );
  must(
    wrong === -1,
    `${what}: key ${wrong + 1} of ${parts.length} is not 32 bytes in base64; make one with 'openssl rand -base64 32'`,
  );
  return parts.map((part) => Uint8Array.from(atob(part), (character) => character.charCodeAt(0)));
}

export function randomBytes(size: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(size));
}
