import type { Draft } from "../sigv4-signer.ts";
import type { Drafts } from "./drafts.ts";

export const refusals = {
  missing: [401, "credentials_missing"],
  unread: [401, "mode_not_accepted"],
  malformed: [400, "credentials_malformed"],
  ambiguous: [400, "credentials_ambiguous"],
  refused: [401, "credentials_refused"],
  expired: [401, "credentials_expired"],
  tooLarge: [413, "body_too_large"],
  unavailable: [503, "unavailable"],
} as const;

/** A request that has to be refused. */
export interface SignatureCase {
  readonly name: string;
  /** One of the configurations; `usual` by default. */
  readonly on?: string;
  readonly draft: (drafts: Drafts) => Draft;
  readonly expects: readonly [kind: keyof typeof refusals, reason: string];
}

export const mismatch: SignatureCase["expects"] = ["refused", "signature_mismatch"];
export const broken = (reason: string): SignatureCase["expects"] => ["malformed", reason];
export const refusedAs = (reason: string): SignatureCase["expects"] => ["refused", reason];
