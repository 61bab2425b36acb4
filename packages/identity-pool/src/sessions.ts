import { Cache } from "@authmodes/core/adapter";
import type { AccessKey, FindAccessKey, TokenFacts } from "@authmodes/core";
import { base64url, compactDecrypt, CompactEncrypt, errors } from "jose";
import type { Settings } from "./options.ts";

/** The owner of a session. */
export interface SessionOwner {
  readonly identityId: string;
  readonly role: string;
  /** `cognitoAuthenticationProvider`; undefined for a guest. */
  readonly authProvider: string | undefined;
  /** What identifies the login, so that it can be revoked; undefined for a guest. */
  readonly login: TokenFacts | undefined;
}

/** What a session token contains. Times are seconds since 1970. */
interface Session extends SessionOwner {
  readonly poolId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The answer to GetCredentialsForIdentity. */
export interface IssuedCredentials {
  readonly AccessKeyId: string;
  readonly SecretKey: string;
  readonly SessionToken: string;
  /** Seconds since 1970. */
  readonly Expiration: number;
}

const [alg, enc] = ["dir", "A256GCM"];
const decryption = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
/** Keeps session tokens apart from other texts that are encrypted with the same keys. */
const typ = "authmodes-session";
/** The alphabet of access key ids. */
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** It is in a header of every request. */
const maxTokenLength = 4096;
/** The length of the end of a token by which it is cached: its authentication tag of 16 bytes. */
const tagLength = 22;
/** Of all cached tokens, in characters. */
const maxCharacters = 8 * 1024 * 1024;
/** How far the clocks of two instances may differ, in seconds. */
const clockTolerance = 300;
/** How long a session is valid at most if the clock was ahead when it was set right, in seconds. */
const longestLife = 86_400;

interface Opened {
  readonly token: string;
  readonly key: AccessKey;
  readonly session: Session;
}

/** Issues credentials whose session token contains the whole session, encrypted, and opens it again. Nothing is stored. */
export class Sessions {
  readonly #settings: Settings;
  readonly #opened = new Cache<Opened>(maxCharacters, ({ token }) => token.length);
  /** The latest time that the clock showed, in seconds since 1970: what expired by it stays so if the clock steps back. */
  #latest = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Returns undefined if the session token would be too long. */
  async issue(owner: SessionOwner): Promise<IssuedCredentials | undefined> {
    const { id, keys, lifetimeSeconds } = this.#settings;
    const randomBytes = (size: number) => globalThis.crypto.getRandomValues(new Uint8Array(size));
    const issuedAt = Math.floor(this.#now());
    // A clock that was ahead for longer than a lifetime would make every new session expired until it has caught up.
    const untilLatest = Math.min(Math.floor(this.#latest) + 1 - issuedAt, longestLife);
    const session: Session = {
      ...owner,
      poolId: id,
      accessKeyId: `ASIA${Array.from(randomBytes(16), (byte) => base32[byte & 31]).join("")}`,
      secretAccessKey: btoa(String.fromCharCode(...randomBytes(30))),
      issuedAt,
      expiresAt: issuedAt + Math.max(lifetimeSeconds, untilLatest),
    };
    const token = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(session)))
      .setProtectedHeader({ alg, enc, typ })
      .encrypt(keys[0]);
    if (token.length >= maxTokenLength) return undefined;
    return {
      AccessKeyId: session.accessKeyId,
      SecretKey: session.secretAccessKey,
      SessionToken: token,
      Expiration: session.expiresAt,
    };
  }

  /** Undefined for keys that are not of this pool. `iam()` checks the expiry, for every request. */
  readonly find: FindAccessKey = (accessKeyId, { sessionToken: token }) => {
    if (token === undefined || token.length >= maxTokenLength) return undefined;
    const opened = this.#opened.get(token.slice(-tagLength));
    if (opened?.token === token) return this.#keyOf(opened, accessKeyId);
    return this.#open(token).then((fresh) => fresh && this.#keyOf(fresh, accessKeyId));
  };

  #keyOf({ key, session }: Opened, accessKeyId: string): AccessKey | undefined {
    const now = this.#now();
    // A clock that was set back to before the issue would make sessions valid for longer.
    if (session.issuedAt > now + clockTolerance || session.accessKeyId !== accessKeyId) return undefined;
    // By the caller's time it has not expired, or not any more. Clients renew what has expired.
    const isOver = session.expiresAt > now && session.expiresAt <= this.#latest;
    return isOver ? { ...key, expiresAt: 0 } : key;
  }

  /** Seconds since 1970. */
  #now(): number {
    const now = this.#settings.clock() / 1000;
    this.#latest = Math.max(this.#latest, now);
    return now;
  }

  async #open(token: string): Promise<Opened | undefined> {
    const session = await this.#decrypted(token);
    // Without its role, a session could call everything.
    const allow = session && this.#settings.roles.get(session.role);
    if (session === undefined || allow === undefined || session.poolId !== this.#settings.id)
      return undefined;
    const opened = { token, session, key: this.#accessKey(session, token, allow) };
    this.#opened.set(token.slice(-tagLength), opened);
    return opened;
  }

  async #decrypted(token: string): Promise<Session | undefined> {
    if (!isCanonical(token)) return undefined;
    for (const key of this.#settings.keys) {
      try {
        const { plaintext, protectedHeader } = await compactDecrypt(token, key, decryption);
        return protectedHeader.typ === typ ? JSON.parse(new TextDecoder().decode(plaintext)) : undefined;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
      }
    }
    return undefined;
  }

  #accessKey(session: Session, sessionToken: string, allow: readonly string[]): AccessKey {
    const { id, accountId, partition } = this.#settings;
    const { secretAccessKey, issuedAt, expiresAt, identityId, authProvider, login, role } = session;
    return {
      secretAccessKey,
      sessionToken,
      expiresAt,
      accountId,
      userArn: `arn:${partition}:sts::${accountId}:assumed-role/${role}/CognitoIdentityCredentials`,
      allow,
      cognito: {
        identityId,
        identityPoolId: id,
        authType: authProvider === undefined ? "unauthenticated" : "authenticated",
        ...(authProvider !== undefined && { authProvider }),
        issuedAt,
        ...(login !== undefined && { login: Object.freeze(login) }),
      },
    };
  }
}

const tokenShape = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/;

/** Whether each part is spelled as it was issued: its last character has bits that decoders ignore. */
function isCanonical(token: string): boolean {
  if (!tokenShape.test(token)) return false;
  const last = token.split(".").slice(2);
  return last.every((part) => part.length % 4 !== 1 && base64url.encode(base64url.decode(part)) === part);
}
