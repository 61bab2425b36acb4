// Descriptions of a server's modes, for people. They hold no secrets.

/** The options and the state of a mode. */
export interface ModeDescription {
  readonly mode: string;
  /** The options as text, by name. */
  readonly settings: Settings;
  /** The issuers whose tokens it accepts; none for modes without tokens, and for tenants known only at run time. */
  readonly issuers: readonly IssuerDescription[];
}

/** Options as text, by name. */
export type Settings = Readonly<Record<string, string>>;

/** The options and the keys of an issuer. */
export interface IssuerDescription {
  readonly issuer: string;
  /** The requirements for its tokens, by the names of the options. */
  readonly settings: Settings;
  readonly keys: KeySetDescription;
}

/** The cached keys of an issuer. */
export interface KeySetDescription {
  readonly count: number;
  /** The keys that are published but unsafe or not public, each with the reason; no key material. */
  readonly skipped: readonly string[];
  /** Milliseconds since 1970; null before the first fetch. */
  readonly fetchedAt: number | null;
  /** Whether they are used: fetched, and not too old. */
  readonly usable: boolean;
  /** Why the last fetch failed; null if it did not. */
  readonly trouble: string | null;
}

/** Options as text, without those that are not set. */
export function settingsOf(options: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
  );
}
