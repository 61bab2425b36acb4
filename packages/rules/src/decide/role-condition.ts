import { isText } from "../check/kinds.ts";
import { always, and, never, oneOf } from "../compile/condition.ts";
import type { ModelRole } from "../compile/model.ts";
import type { OwnerNeed, RecordGroupNeed, StaticNeed } from "../compile/roles.ts";
import { claimSeparator } from "../compile/words.ts";
import type { Condition } from "../types.ts";
import type { Caller } from "./caller.ts";
import type { ModelAccess } from "./model-access.ts";

// Caller × role: always, never, or a condition on the record.

/** Queries (get, list, search, sync) differ from everything else where Amplify's do. */
export type Purpose = "query" | "other";

/** On which records a caller has a role. */
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

/** Whether a caller has what a rule asks of the caller alone. */
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

/** Amplify filters lists of groups by a claim that is a list, and by no other; elsewhere it reads text too. */
function recordGroups(need: RecordGroupNeed, claims: Claims, purpose: Purpose): readonly string[] {
  if (purpose === "query" && need.isList && !isListClaim(claims, need.claim)) return [];
  return groupsClaim(claims, need.claim, true);
}

/**
 * On which records a caller is an owner.
 * @param partialClaims see `Compat.partialClaimsRead`
 */
export function ownerCondition(need: OwnerNeed, access: ModelAccess, partialClaims = false): Condition {
  return oneOf(need.field, need.isList, ownerNames(need, access, partialClaims));
}

/** By which stored values an owner field names the caller: the full one first, the displayed part last. */
function ownerNames(need: OwnerNeed, access: ModelAccess, partialClaims: boolean): readonly string[] {
  const stored = ownerValue(need, access);
  const field = access.model.ownerFields.get(need.field);
  const parts = field?.fullValueOnly === true ? [] : ownerClaims(access.caller.claims, need.claims).parts;
  if (stored !== undefined) return [stored, ...parts];
  return partialClaims && need.claims.length > 1 ? parts : [];
}

/** What is stored for the caller; undefined where the rule does not exist for them. */
export function ownerValue(need: OwnerNeed, { caller, model }: ModelAccess): string | undefined {
  const { stored } = ownerClaims(caller.claims, need.claims);
  // In a field where other rules store joined values, a single claim that looks like one could name another user.
  const isForged =
    need.claims.length === 1 &&
    stored?.includes(claimSeparator) === true &&
    model.ownerFields.get(need.field)?.joined === true;
  return isForged ? undefined : stored;
}

// What a token says, read with suspicion: only text that is not empty counts, and only the token's own keys.

export type Claims = Readonly<Record<string, unknown>>;

function ownClaim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** A claim's text; undefined where it is absent, empty, or anything but text. */
function textClaim(claims: Claims, name: string): string | undefined {
  const value = ownClaim(claims, name);
  return isText(value) ? value : undefined;
}

/** `username` of an access token is `cognito:username` of an id token. */
function identityClaim(claims: Claims, name: string): string | undefined {
  const isNamed = (ownClaim(claims, name) ?? null) !== null;
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
  const value = ownClaim(claims, name);
  if (Array.isArray(value)) return (value as readonly unknown[]).filter(isText);
  if (!isText(value)) return [];
  return (parse ? listInJson(value) : undefined) ?? [value];
}

/** Whether the claim is a list, as opposed to one text. */
function isListClaim(claims: Claims, name: string): boolean {
  return Array.isArray(ownClaim(claims, name));
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
