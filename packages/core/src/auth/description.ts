// What there is to tell people about the modes of a server: how they are set up and how they fare. No secret is in it.

/** Of one mode. */
export interface ModeDescription {
  readonly mode: string;
  /** Options as text, by their names. */
  readonly settings: Settings;
  /** The issuers whose tokens it accepts; none for modes without tokens, and for tenants known only at run time. */
  readonly issuers: readonly IssuerDescription[];
}

export type Settings = Readonly<Record<string, string>>;

export interface IssuerDescription {
  readonly issuer: string;
  /** What is asked of its tokens, by the names of the options. */
  readonly settings: Settings;
  readonly keys: KeySetDescription;
}

/** The keys of an issuer as they are at hand. */
export interface KeySetDescription {
  readonly count: number;
  /** The keys that are published but unsafe or not public, each with the reason; no key material. */
  readonly skipped: readonly string[];
  /** Milliseconds since 1970; null where they were not fetched yet. */
  readonly fetchedAt: number | null;
  /** Whether they count: fetched, and not too old. */
  readonly usable: boolean;
  /** Why the last fetch failed; null where it did not. */
  readonly trouble: string | null;
}

/** Options as text; those that are not set are left out. */
export function settingsOf(options: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
  );
}
