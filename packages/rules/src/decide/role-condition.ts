import { isText } from "../check/kinds.ts";
import { always, and, never, oneOf, wholeNumber } from "../compile/condition.ts";
import type { ModelRole } from "../compile/model.ts";
import type { OwnerNeed, RecordGroupNeed, StaticNeed } from "../compile/roles.ts";
import { claimSeparator } from "../compile/words.ts";
import type { Condition } from "../types.ts";
import type { Caller } from "./caller.ts";
import type { ModelAccess } from "./model-access.ts";

// On which records a caller has a role: all, none, or those that match a condition.

/** Amplify treats queries (get, list, search, sync) differently in a few cases. */
export type Purpose = "query" | "other";

/** The condition under which a caller has a role. */
export function roleCondition(role: ModelRole, access: ModelAccess, purpose: Purpose): Condition {
  const { caller, compiled } = access;
  const { partialClaimsRead = false } = compiled.options.compat;
  if (caller.provider !== role.provider) return never;
  return and(
    role.needs.map((need) => {
      if (need.kind === "owner")
        return ownerCondition(need, access, partialClaimsRead && purpose === "query");
      if (need.kind === "inRecordGroup") {
        return oneOf(need.field, need.isList, recordGroups(need, caller.claims, purpose));
      }
      return holds(need, caller) ? always : never;
    }),
  );
}

/** Whether a caller meets a need that depends on the caller only. */
export function holds(need: StaticNeed, caller: Caller): boolean {
  switch (need.kind) {
    case "mode":
      return true;
    case "guest":
      return caller.guest || (need.includeSignedIn && caller.signedIn);
    case "signedIn":
      return caller.signedIn;
    case "inGroup": {
      const groups = groupsClaim(caller.claims, need.claim, false);
      return need.groups.some((group) => groups.includes(group));
    }
  }
}

/** For queries, Amplify compares a list of groups only with a claim that is a list; otherwise with text as well. */
function recordGroups(need: RecordGroupNeed, claims: Claims, purpose: Purpose): readonly string[] {
  if (purpose === "query" && need.isList && !Array.isArray(ownClaim(claims, need.claim))) return [];
  return groupsClaim(claims, need.claim, true);
}

/**
 * The condition under which a caller is an owner.
 * @param partialClaims see `Compat.partialClaimsRead`
 */
export function ownerCondition(need: OwnerNeed, access: ModelAccess, partialClaims = false): Condition {
  return oneOf(need.field, need.isList, ownerNames(need, access, partialClaims));
}

/** The stored values that name the caller: the full one first, then its parts. */
function ownerNames(need: OwnerNeed, access: ModelAccess, partialClaims: boolean): readonly string[] {
  const stored = ownerValue(need, access);
  const field = access.model.ownerFields.get(need.field);
  const parts = field?.fullValueOnly === true ? [] : ownerClaims(access.caller.claims, need.claims).parts;
  if (stored !== undefined) return [stored, ...parts];
  return partialClaims && need.claims.length > 1 ? parts : [];
}

/** The text of the value that is stored for the caller; undefined if the rule does not apply to them. */
export function ownerValue(need: OwnerNeed, { caller, model }: ModelAccess): string | undefined {
  const { stored } = ownerClaims(caller.claims, need.claims);
  if (need.number !== undefined && wholeNumber(stored ?? "", need.number) === undefined) return undefined;
  // If other rules store joined values in the field, a single claim that looks like one could name another user.
  const isForged =
    need.claims.length === 1 &&
    stored?.includes(claimSeparator) === true &&
    model.ownerFields.get(need.field)?.joined === true;
  return isForged ? undefined : stored;
}

// Claims are read strictly: only own keys, and only text that is not empty.

export type Claims = Readonly<Record<string, unknown>>;

function ownClaim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** A claim's text; undefined if it is absent, empty or not text. */
function textClaim(claims: Claims, name: string): string | undefined {
  const value = ownClaim(claims, name);
  return isText(value) ? value : undefined;
}

/** What access tokens call `username`, id tokens call `cognito:username`. */
function identityClaim(claims: Claims, name: string): string | undefined {
  const isNamed = (ownClaim(claims, name) ?? null) !== null;
  return name === "username" && !isNamed ? textClaim(claims, "cognito:username") : textClaim(claims, name);
}

/** The caller's values for the claims of an owner rule. */
export interface OwnerClaims {
  /** The value that is stored: all parts, joined. undefined if a part is missing or cannot be joined. */
  readonly stored: string | undefined;
  /** The parts that the token has, in order. */
  readonly parts: readonly string[];
}

export function ownerClaims(claims: Claims, names: readonly string[]): OwnerClaims {
  const parts: string[] = [];
  for (const name of names) {
    const part = identityClaim(claims, name);
    if (part !== undefined) parts.push(part);
  }
  // A part that contains the separator could make one caller's value equal to another's.
  const readsOneWay = names.length === 1 || parts.every(isOnePart);
  if (!readsOneWay) return { stored: undefined, parts: [] };
  return { stored: parts.length === names.length ? parts.join(claimSeparator) : undefined, parts };
}

function isOnePart(part: string): boolean {
  return !part.includes(claimSeparator) && !part.startsWith(":") && !part.endsWith(":");
}

/**
 * The groups of a claim, which is a list of texts or one text.
 * @param parse whether a text that contains a JSON list counts as that list
 */
export function groupsClaim(claims: Claims, name: string, parse: boolean): readonly string[] {
  const value = ownClaim(claims, name);
  if (Array.isArray(value)) return (value as readonly unknown[]).filter(isText);
  if (!isText(value)) return [];
  return (parse ? listInJson(value) : undefined) ?? [value];
}

function listInJson(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isText) : undefined;
  } catch {
    return undefined;
  }
}
