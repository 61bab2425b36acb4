import { claimSeparator } from "../compile/words.ts";

// What a token says, read with suspicion: only text that is not empty counts, and only the token's own keys.

export type Claims = Readonly<Record<string, unknown>>;

/** A claim's text; undefined where it is absent, empty, or anything but text. */
function textClaim(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `username` of an access token is `cognito:username` of an id token. */
function identityClaim(claims: Claims, name: string): string | undefined {
  const isNamed = Object.hasOwn(claims, name) && claims[name] !== undefined && claims[name] !== null;
  return name === "username" && !isNamed ? textClaim(claims, "cognito:username") : textClaim(claims, name);
}

/** What the claims of an owner rule say of a caller. */
export interface OwnerClaims {
  /** The value that is stored, joined of all parts; undefined where a part is missing or cannot be joined. */
  readonly stored: string | undefined;
  /** The parts that are there, in order. */
  readonly parts: readonly string[];
}

export function ownerClaims(claims: Claims, names: readonly string[]): OwnerClaims {
  const parts: string[] = [];
  for (const name of names) {
    const part = identityClaim(claims, name);
    if (part !== undefined) parts.push(part);
  }
  // A part that could be read as two would let one caller write down another's name.
  const readsOneWay = names.length === 1 || parts.every(isOnePart);
  if (!readsOneWay) return { stored: undefined, parts: [] };
  return { stored: parts.length === names.length ? parts.join(claimSeparator) : undefined, parts };
}

function isOnePart(part: string): boolean {
  return !part.includes(claimSeparator) && !part.startsWith(":") && !part.endsWith(":");
}

/**
 * The groups that a claim lists: a list of texts, or one text.
 * @param parse whether a text that holds a JSON list counts as that list
 */
export function groupsClaim(claims: Claims, name: string, parse: boolean): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (Array.isArray(value)) return (value as readonly unknown[]).filter(isName);
  if (!isName(value)) return [];
  return (parse ? listInJson(value) : undefined) ?? [value];
}

/** Whether the claim is a list, as opposed to one text. */
export function isListClaim(claims: Claims, name: string): boolean {
  return Object.hasOwn(claims, name) && Array.isArray(claims[name]);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function listInJson(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isName) : undefined;
  } catch {
    return undefined;
  }
}
