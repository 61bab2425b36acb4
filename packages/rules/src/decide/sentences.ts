import { list } from "@authmodes/core/options";
import { isText } from "../check/kinds.ts";
import { printable } from "../check/spelling.ts";
import { comparable } from "../compile/condition.ts";
import { displayedOwner, type Model, type ModelRole } from "../compile/model.ts";
import type { Need } from "../compile/roles.ts";
import { claimSeparator } from "../compile/words.ts";
import type { Operation, Values } from "../types.ts";
import type { Caller } from "./caller.ts";
import type { ModelAccess } from "./model-access.ts";
import { groupsClaim, ownerClaims } from "./role-condition.ts";

// Explanations for logs: "Order owner: alice, not bob". Values from records, tokens and requests are shortened and cannot
// contain line breaks.

export function allowedSentence(
  role: ModelRole,
  { model, caller }: ModelAccess,
  operation: Operation | "any-reading",
): string {
  return role.needs.map((need) => allowedBy(need, model, caller, operation)).join(", ");
}

function allowedBy(need: Need, model: Model, caller: Caller, operation: string): string {
  switch (need.kind) {
    case "mode":
      return `${model.name}: ${caller.mode} callers may ${operation}`;
    case "guest":
      return `${model.name}: guests may ${operation}`;
    case "signedIn":
      return `${model.name}: signed-in callers may ${operation}`;
    case "inGroup":
      return `${model.name}: group ${need.groups.join(" or ")} may ${operation}`;
    case "owner":
      return `${model.name} ${need.field}: ${printable(caller.name)}`;
    case "inRecordGroup":
      return `${model.name} ${need.field}: a group of ${printable(caller.name)}`;
  }
}

/** Why none of these roles admits the caller. Roles that depend on the record explain most, so that the others are omitted. */
export function refusedSentence(
  { model, caller }: ModelAccess,
  operation: Operation,
  roles: readonly ModelRole[],
  record: Values | null | undefined,
): string {
  const needs = roles.flatMap((role) => role.needs);
  const dynamic = needs.filter((need) => need.kind === "owner" || need.kind === "inRecordGroup");
  const telling = dynamic.length > 0 ? dynamic : needs;
  const reasons = telling.map((need) =>
    "field" in need && operation !== "create" && isAbsent(need.field, record)
      ? `${model.name}: ${need.field} was not loaded`
      : refusedBy(need, model, caller, record),
  );
  return [...new Set(reasons)].slice(0, maxReasons).join("; ");
}

const maxReasons = 3;

function refusedBy(need: Need, model: Model, caller: Caller, record: Values | null | undefined): string {
  const name = printable(caller.name);
  switch (need.kind) {
    case "mode":
      return `${model.name}: not open to ${name}`;
    case "guest":
      return `${model.name}: ${name} is not a guest of the identity pool`;
    case "signedIn":
      return `${model.name}: ${name} is not signed in with the identity pool`;
    case "inGroup":
      return `${model.name}: ${name} is not in ${need.groups.join(" or ")}`;
    case "owner":
      return ownerClaims(caller.claims, need.claims).stored === undefined
        ? `${model.name} ${need.field}: ${name} has no usable ${need.claims.join(claimSeparator)}`
        : `${model.name} ${need.field}: ${othersNamed(storedNames(need.field, record), name)}`;
    case "inRecordGroup":
      return `${model.name} ${need.field}: ${storedNames(need.field, record)}, not ${groupsOf(caller, need.claim)}`;
  }
}

/** A query that selects some columns, or a `select` of Prisma, leaves out the field that decides. */
function isAbsent(field: string, record: Values | null | undefined): boolean {
  return record !== null && record !== undefined && record[field] === undefined;
}

/** Two users can have one name: the stored value also holds their ids. */
function othersNamed(names: string, name: string): string {
  return `${names}, not ${name}${names.split(", ").includes(name) ? " (another user of that name)" : ""}`;
}

function storedNames(field: string, record: Values | null | undefined): string {
  if (record === null) return "no such record";
  const value = record?.[field];
  const names = list<unknown>(value).map(comparable).filter(isText);
  if (names.length === 0) return record === undefined ? "another user" : "empty";
  return listed(names.map((name) => (name.includes(claimSeparator) ? displayedOwner(name) : name)));
}

function groupsOf(caller: Caller, claim: string): string {
  const groups = groupsClaim(caller.claims, claim, true);
  return `${printable(caller.name)} ${groups.length === 0 ? "without groups" : `in ${listed(groups)}`}`;
}

export function noRoleSentence({ model, caller }: ModelAccess, operation: Operation): string {
  if (!model.hasRules) return `${model.name}: no rules, so that ${operation} is denied`;
  return `${model.name}: no rule lets ${caller.mode} callers ${operation}`;
}

export function noProviderSentence(caller: Caller): string {
  if (caller.mode === "none") return "No rule covers unauthenticated callers (mode `none`)";
  const name = printable(caller.name);
  return `No rule covers ${name}: no rule has the provider of mode ${caller.mode} (such as provider: "oidc"), or not for this issuer`;
}

export function fieldsSentence(
  { model, caller }: ModelAccess,
  verb: string,
  fields: readonly string[],
): string {
  return `${model.name}: ${printable(caller.name)} may not ${verb} ${listed(fields)}`;
}

export function argumentSentence({ model, caller }: ModelAccess, field: string, value: unknown): string {
  const asked = typeof value === "string" ? displayedOwner(value) : "another user";
  return `${model.name} ${field}: asked for ${othersNamed(printable(asked), printable(caller.name))}`;
}

const maxListed = 5;

function listed(words: readonly string[]): string {
  const shown = words.slice(0, maxListed).map((word) => printable(word));
  const more = words.length > maxListed ? ` and ${words.length - maxListed} more` : "";
  return shown.join(", ") + more;
}
