import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { type Key, readKeys } from "@authmodes/core/options";

const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

interface EncryptionKey {
  /** Names the key in what it encrypted. */
  readonly name: string;
  readonly bytes: Key;
}

/** Encrypts with the first key, and decrypts with any of them. */
export class Encryption {
  readonly #keys: readonly EncryptionKey[];

  /** @throws TypeError unless the text is one or more keys of 32 bytes in base64, with commas between */
  constructor(where: string, text: string | undefined) {
    this.#keys = readKeys(`${where}: AUTHMODES_ENCRYPTION_KEY`, text).map((bytes) => ({
      name: createHash("sha256").update(bytes).digest("hex").slice(0, 8),
      bytes,
    }));
  }

  /** @param context is not stored: the same is needed to decrypt */
  encrypt(secret: string, context: string): string {
    const [key] = this.#keys as readonly [EncryptionKey];
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, key.bytes, iv).setAAD(Buffer.from(context));
    const parts = [iv, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()];
    return `${key.name}.${Buffer.concat(parts).toString("base64")}`;
  }

  /** @returns undefined if no key decrypts it, or the context is another */
  decrypt(text: string, context: string): string | undefined {
    const [name, encoded = ""] = text.split(".");
    const key = this.#keys.find((key) => key.name === name);
    if (key === undefined) return undefined;
    const bytes = Buffer.from(encoded, "base64");
    try {
      const decipher = createDecipheriv(algorithm, key.bytes, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes));
      const secret = decipher.update(bytes.subarray(ivBytes, -tagBytes));
      return Buffer.concat([secret, decipher.final()]).toString("utf8");
    } catch {
      return undefined;
    }
  }

  /** Whether the first key encrypted it. */
  isCurrent(text: string): boolean {
    return text.startsWith(`${this.#keys[0]?.name}.`);
  }
}
