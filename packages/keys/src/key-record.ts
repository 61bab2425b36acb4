import type { StoredApiKey } from "@authmodes/core";
import { type KeyLife, steadySeconds } from "./records.ts";

/** A value that core finds, and until when. */
export interface Secret {
  /** SHA-256 of the key. */
  readonly hash: string;
  /** Seconds since 1970; null for an imported key that does not expire. */
  readonly expiresAt: number | null;
}

/** What a store holds of a key, as JSON. */
export interface KeyRecord extends KeyLife {
  readonly name: string;
  readonly owner?: string;
  readonly scopes?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Ids of usage plans of API Gateway, of an import. */
  readonly plans?: readonly string[];
  /** How long a key is valid from its rotation on; absent for an imported one. */
  readonly days?: number;
  readonly environment?: string;
  /** The newest first. Those behind it are of rotations, and still in their overlap. */
  readonly secrets: readonly [Secret, ...Secret[]];
}

/** An API key, without its value, which is not stored. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly owner: string | null;
  readonly scopes: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Ids of the usage plans that an imported key of API Gateway had. */
  readonly plans: readonly string[];
  /** Revoked comes before expired, and expired before disabled. */
  readonly state: "active" | "disabled" | "revoked" | "expired";
  /** Why it was disabled or revoked. */
  readonly reason: string | null;
  /** Seconds since 1970, as all times here. */
  readonly createdAt: number;
  /** Null for an imported key that does not expire. */
  readonly expiresAt: number | null;
  /** Until when the value before the last rotation is accepted too; null if it is not any more. */
  readonly previousExpiresAt: number | null;
}

export function isOver({ expiresAt }: Secret, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

export function keyOf(id: string, record: KeyRecord): Key {
  const { name, owner = null, scopes = [], metadata = {}, plans = [], createdAt, revoked, disabled } = record;
  const [newest, previous] = record.secrets;
  const now = steadySeconds();
  const isPreviousLive = previous !== undefined && !isOver(previous, now);
  return {
    id,
    name,
    owner,
    scopes,
    metadata,
    plans,
    state:
      revoked !== undefined
        ? "revoked"
        : isOver(newest, now)
          ? "expired"
          : disabled !== undefined
            ? "disabled"
            : "active",
    reason: (revoked ?? disabled)?.reason ?? null,
    createdAt,
    expiresAt: newest.expiresAt,
    previousExpiresAt: isPreviousLive ? previous.expiresAt : null,
  };
}

/** What core checks, for each value of the key. */
export function storedKeysOf(
  id: string,
  { secrets, scopes, disabled, revoked }: KeyRecord,
): readonly StoredApiKey[] {
  const isDisabled = disabled !== undefined || revoked !== undefined;
  // Frozen, so that `apiKey` checks it once and not for each request.
  const kept = scopes !== undefined && { scopes: Object.freeze([...scopes]) };
  return secrets.map(({ hash, expiresAt }) =>
    Object.freeze({ id, hash, expiresAt, ...kept, disabled: isDisabled }),
  );
}
