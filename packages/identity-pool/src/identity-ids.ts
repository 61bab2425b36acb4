import type { webcrypto } from "node:crypto";
import type { Key } from "@authmodes/core/options";

const idShape = /^[a-z0-9-]{1,20}:[0-9a-f]{8}-[0-9a-f]{4}-([48])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** The random part of a guest's id; the rest proves that it was made here. */
const randomSize = 11;

/**
 * Makes identity ids, `region:uuid`, and recognises them without a store. The version of the UUID tells users (8) and guests
 * (4) apart, so that the id of a user is never accepted as that of a guest.
 */
export class IdentityIds {
  readonly #poolId: string;
  readonly #region: string;
  readonly #key: Key;
  /** Importing takes longer than hashing. */
  #imported: Promise<webcrypto.CryptoKey> | undefined;

  constructor(poolId: string, key: Key) {
    this.#poolId = poolId;
    this.#region = poolId.slice(0, poolId.indexOf(":"));
    this.#key = key;
  }

  /** The same user has the same id, for as long as the key stays. */
  async ofUser(issuer: string, subject: string): Promise<string> {
    return this.#text(await this.#hmac("user", this.#poolId, issuer, subject), "8");
  }

  newGuest(): Promise<string> {
    return this.#guest(globalThis.crypto.getRandomValues(new Uint8Array(randomSize)));
  }

  /** Whether this pool made the id, and for a guest. */
  async isGuest(id: string): Promise<boolean> {
    if (idShape.exec(id)?.[1] !== "4") return false;
    const digits = id.slice(id.indexOf(":") + 1).replaceAll("-", "");
    const random = digits.slice(0, 2 * randomSize).match(/../g) ?? [];
    return (await this.#guest(Uint8Array.from(random, (pair) => Number.parseInt(pair, 16)))) === id;
  }

  /** Whether it may be the id of a user of this region. Only its owner's login can tell. */
  isUser(id: string): boolean {
    return idShape.exec(id)?.[1] === "8" && id.startsWith(`${this.#region}:`);
  }

  async #guest(random: Uint8Array): Promise<string> {
    const bytes = new Uint8Array(16);
    bytes.set(random);
    const proof = await this.#hmac("guest", this.#poolId, this.#text(bytes, "4"));
    bytes.set(proof.subarray(0, 16 - randomSize), randomSize);
    return this.#text(bytes, "4");
  }

  /** HMAC-SHA-256 over a list of texts. JSON keeps their bounds apart. */
  async #hmac(...texts: readonly string[]): Promise<Uint8Array> {
    const { subtle } = globalThis.crypto;
    this.#imported ??= subtle.importKey("raw", this.#key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const data = new TextEncoder().encode(JSON.stringify(texts));
    return new Uint8Array(await subtle.sign("HMAC", await this.#imported, data));
  }

  /** Sets version and variant (RFC 9562 §4). */
  #text(bytes: Uint8Array, version: string): string {
    const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const variant = "89ab"[Number.parseInt(hex[16] ?? "", 16) & 3] ?? "";
    const uuid = `${hex.slice(0, 12)}${version}${hex.slice(13, 16)}${variant}${hex.slice(17)}`;
    return `${this.#region}:${uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
  }
}
