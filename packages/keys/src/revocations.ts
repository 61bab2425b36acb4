import type { LookUp, TokenFacts } from "@authmodes/core";
import { checkOptions, must } from "@authmodes/core/options";
import { checkLabel } from "./checks.ts";
import { Live } from "./live.ts";
import { checkOpenOptions, type OpenOptions, steadySeconds } from "./records.ts";
import type { Store } from "./store/store.ts";

/** What to revoke: exactly one of `jti`, `originJti`, `sid` and `sub`, or `issuedBefore` of an issuer. */
export interface Revocation {
  /** One token; the access key id for temporary credentials of an identity pool. */
  readonly jti?: string;
  /** All tokens of a session of a user pool (Amazon Cognito's user directory). */
  readonly originJti?: string;
  /** All tokens of a session of an OpenID Connect provider. */
  readonly sid?: string;
  /** All tokens and temporary credentials of a user that were issued until now, or until `issuedBefore`. */
  readonly sub?: string;
  /** Seconds since 1970. With `sub`, or with `issuer` alone for all tokens of the issuer. Default: now. */
  readonly issuedBefore?: number;
  /** The `iss` of the tokens. Must be set if servers verified tokens of several issuers. Default: any issuer. */
  readonly issuer?: string;
  /** For people. */
  readonly reason?: string;
  /**
   * How long it holds, at least as long as the tokens live. From 1 to 3650. Default 3650 for a session, which can be refreshed
   * for long, else 365.
   */
  readonly expiresInDays?: number;
}

/** A revocation that holds. */
export interface ListedRevocation {
  readonly claim: "jti" | "originJti" | "sid" | "sub" | "issuer";
  readonly value: string;
  /** null for any issuer. */
  readonly issuer: string | null;
  /** Seconds since 1970: the tokens issued until then; null for all. */
  readonly issuedBefore: number | null;
  readonly reason: string | null;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

const kind = "revocation";
const claims = ["jti", "originJti", "sid", "sub"] as const;
const day = 86_400;
/** Of the issuers that servers met, so that a revocation without an issuer is not ambiguous. */
const issuerKind = "issuer";
const maxIssuers = 50;

/**
 * Opens the revoked tokens and sessions in a store, for `createAuth({ revoked })`. All of them are in memory, so a request
 * costs no look-up; one that is added reaches every instance within a second or so, and ends open connections within 5
 * seconds. If the store could not be read for `maxStaleSeconds`, the answer is 503, and open connections end.
 * @throws StoreError if the store cannot be reached, or holds records of a newer version
 * @example
 * import { createAuth, oidc } from "@authmodes/core";
 * import { openRevocations, openStore } from "@authmodes/keys";
 *
 * const revocations = await openRevocations(await openStore("redis://127.0.0.1:6379"));
 * export const auth = createAuth(
 *   [oidc({ issuer: "https://id.example.com", audience: "https://api.example.com" })],
 *   { revoked: revocations.isRevoked },
 * );
 */
export async function openRevocations(store: Store, options: OpenOptions = {}): Promise<Revocations> {
  const maxStaleSeconds = checkOpenOptions("openRevocations()", store, options);
  const index = new Index();
  const live = await Live.open<ListedRevocation>(store, kind, maxStaleSeconds, (_, entry, before) => {
    if (before !== undefined) index.delete(before);
    if (entry !== undefined) index.add(entry);
  });
  const issuers = await Live.open<unknown>(store, issuerKind, maxStaleSeconds, () => {}).catch(
    (error: unknown) => {
      live.close();
      throw error;
    },
  );
  return new Revocations(live, issuers, index);
}

/**
 * The revoked tokens and sessions of a store. `openRevocations` makes it. Methods that read or write the store reject with a
 * `StoreError` if it cannot be used.
 */
export class Revocations {
  readonly #live: Live<ListedRevocation>;
  readonly #issuers: Live<unknown>;
  readonly #index: Index;
  #isNoting = false;

  /** @internal */
  constructor(live: Live<ListedRevocation>, issuers: Live<unknown>, index: Index) {
    this.#live = live;
    this.#issuers = issuers;
    this.#index = index;
  }

  /**
   * Whether a token, or the login behind temporary credentials, was revoked, for `createAuth({ revoked: revocations.isRevoked })`.
   * @throws AuthError for a 503 if the store could not be read for `maxStaleSeconds`
   */
  readonly isRevoked: LookUp<(token: TokenFacts) => boolean> = Object.assign(
    (token: TokenFacts) => {
      this.#live.checkFresh();
      this.#noteIssuer(plain(token.iss));
      return this.#index.has(token) || (token.login !== undefined && this.#index.has(token.login));
    },
    { onChange: (listener: () => void) => this.#live.onChange(listener) },
  );

  /**
   * Revokes tokens. Repeated, it holds for the longer time and the later `issuedBefore`.
   * @throws TypeError if an option is missing or wrong, or `issuer` is missing and there are several
   */
  async revoke(revocation: Revocation): Promise<ListedRevocation> {
    const entry = readRevocation("revocations.revoke()", revocation);
    const known = await this.issuers();
    must(
      entry.issuer !== null || known.length < 2,
      `revocations.revoke(): issuer is missing, and servers accepted tokens of several. Write one of these:\n  ${known.join("\n  ")}`,
    );
    const id = JSON.stringify([entry.claim, entry.value, entry.issuer]);
    return this.#live.write(() => {
      const result = merged(entry, this.#live.records.get(id));
      const { expiresAt } = result;
      return { writes: [{ kind, id, data: JSON.stringify(result), expiresAt }], result };
    });
  }

  /** Reads all that hold, the newest first. */
  async list(): Promise<readonly ListedRevocation[]> {
    await this.#live.sync();
    return [...this.#live.records.values()].filter(holds).toSorted((a, b) => b.createdAt - a.createdAt);
  }

  /** Reads the issuers whose tokens servers with this store accepted, at most 50, without a slash at the end. */
  async issuers(): Promise<readonly string[]> {
    await this.#issuers.sync();
    return [...this.#issuers.records.keys()].toSorted();
  }

  /** Stops following the store, which stays open. */
  async close(): Promise<void> {
    this.#live.close();
    this.#issuers.close();
  }

  /** Its writes are rare: one for each issuer, by the first server that meets it. */
  #noteIssuer(issuer: string | undefined): void {
    const { records } = this.#issuers;
    if (issuer === undefined || this.#isNoting || records.has(issuer) || records.size >= maxIssuers) return;
    this.#isNoting = true;
    const writes = [{ kind: issuerKind, id: issuer, data: "{}" }];
    void this.#issuers
      .write(() => ({ writes, result: undefined }))
      .catch(() => {})
      .then(() => (this.#isNoting = false));
  }
}

/** @throws TypeError */
function readRevocation(where: string, revocation: Revocation): ListedRevocation {
  checkOptions(where, revocation, {
    jti: ["tokenId"],
    originJti: ["origin_jti"],
    sid: ["sessionId"],
    sub: ["subject", "userId"],
    issuedBefore: ["before"],
    issuer: ["iss"],
    reason: [],
    expiresInDays: ["days"],
  });
  const { issuer, issuedBefore, reason, expiresInDays } = revocation;
  const named = claims.filter((claim) => revocation[claim] !== undefined);
  const [claim = "issuer"] = named;
  must(
    named.length === 1 || (named.length === 0 && issuer !== undefined && issuedBefore !== undefined),
    `${where} takes one of jti, originJti, sid and sub, or issuer with issuedBefore`,
  );
  for (const name of [...named, "issuer"] as const) {
    const text: unknown = revocation[name] ?? "x";
    must(
      typeof text === "string" && text !== "" && text.length <= 2048,
      `${where}: ${name} is text, as in the token`,
    );
  }
  // For an issuer alone there is no value.
  const value = claim === "issuer" ? "" : (revocation[claim] ?? "");
  checkLabel(where, "reason", reason);
  must(
    issuedBefore === undefined || claim === "sub" || claim === "issuer",
    `${where}: issuedBefore goes with sub, or with issuer alone; ${claim} revokes all of its tokens`,
  );
  must(
    issuedBefore === undefined || (Number.isInteger(issuedBefore) && issuedBefore > 0 && issuedBefore < 1e11),
    `${where}: issuedBefore is in seconds since 1970, not ${String(issuedBefore)}`,
  );
  const days = expiresInDays ?? (claim === "originJti" || claim === "sid" ? 3650 : 365);
  must(
    Number.isInteger(days) && days >= 1 && days <= 3650,
    `${where}: expiresInDays is a whole number of days from 1 to 3650, not ${String(days)}`,
  );
  const createdAt = steadySeconds();
  return {
    claim,
    value,
    issuer: plain(issuer) ?? null,
    issuedBefore: claim === "sub" || claim === "issuer" ? (issuedBefore ?? createdAt) : null,
    reason: reason ?? null,
    createdAt,
    expiresAt: createdAt + days * day,
  };
}

function merged(entry: ListedRevocation, before: ListedRevocation | undefined): ListedRevocation {
  if (before === undefined || !holds(before)) return entry;
  return {
    ...entry,
    issuedBefore: entry.issuedBefore === null ? null : Math.max(entry.issuedBefore, before.issuedBefore ?? 0),
    expiresAt: Math.max(entry.expiresAt, before.expiresAt),
  };
}

function holds({ expiresAt }: ListedRevocation): boolean {
  return expiresAt > steadySeconds();
}

/** A slash more or less in the issuer must not spare a token. */
function plain(issuer: string | undefined): string | undefined {
  return issuer?.replace(/\/$/, "");
}

/** The revocations by what they revoke. */
class Index {
  readonly #byClaim = new Map<string, Map<string, ListedRevocation[]>>();

  add(entry: ListedRevocation): void {
    const byValue = this.#byClaim.get(entry.claim) ?? new Map<string, ListedRevocation[]>();
    this.#byClaim.set(entry.claim, byValue);
    byValue.set(entry.value, [...(byValue.get(entry.value) ?? []), entry]);
  }

  delete(entry: ListedRevocation): void {
    const byValue = this.#byClaim.get(entry.claim);
    const others = byValue?.get(entry.value)?.filter((other) => other !== entry) ?? [];
    if (others.length > 0) byValue?.set(entry.value, others);
    else byValue?.delete(entry.value);
  }

  has(token: TokenFacts): boolean {
    const { iss, iat } = token;
    for (const [claim, byValue] of this.#byClaim) {
      const value = claim === "issuer" ? "" : token[claim as (typeof claims)[number]];
      const entries = value === undefined ? undefined : byValue.get(value);
      if (entries?.some((entry) => applies(entry, iss, iat))) return true;
    }
    return false;
  }
}

/** A token without `iat` may have been issued at any time, so `issuedBefore` holds for it. */
function applies(entry: ListedRevocation, iss: string | undefined, iat: number | undefined): boolean {
  const { issuer, issuedBefore } = entry;
  if (issuer !== null && issuer !== plain(iss)) return false;
  return (issuedBefore === null || iat === undefined || iat <= issuedBefore) && holds(entry);
}
