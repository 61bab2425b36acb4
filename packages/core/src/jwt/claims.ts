import type { Claims } from "../identity.ts";
import { refused } from "./refused.ts";

// Reading claims: what has another type than it should have counts as absent.

/** The subject, which names the caller. */
export function subjectOf(claims: Claims): string {
  const { sub } = claims;
  if (typeof sub === "string" && sub !== "") return sub;
  throw refused("subject_missing", "the token has no sub");
}

export function textOf(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A list that holds text alone; a list that holds anything else is no list of names. */
export function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.every((item) => typeof item === "string") ? value : [];
}

/** `scope` (RFC 8693 §4.2), or the `scp` of other issuers: a list, or text with spaces between. */
export function scopesOf({ scope, scp }: Claims): readonly string[] {
  const value = scope ?? scp;
  if (typeof value !== "string") return textsOf(value);
  return value.split(" ").filter((word) => word !== "");
}
