import {
  type AuthRule,
  createPolicy,
  type ModelDefinition,
  type Provider,
  type RuleCondition,
} from "@authmodes/rules";
import { printRule } from "@authmodes/rules/sdl";

// Rules and roles in plain words.

export const readOperations: readonly ("get" | "list" | "search" | "listen" | "sync")[] = [
  "get",
  "list",
  "search",
  "listen",
  "sync",
];
export const columns = ["create", "read", "update", "delete"] as const;
export type Column = (typeof columns)[number];

export const defaultProviders: Readonly<Record<AuthRule["allow"], Provider>> = {
  owner: "userPools",
  groups: "userPools",
  private: "userPools",
  public: "apiKey",
  custom: "function",
};

export const providerNames: Readonly<Record<Provider, string>> = {
  apiKey: "API key",
  userPools: "user pool",
  oidc: "OpenID provider",
  identityPool: "identity pool",
  function: "Lambda authorizer",
};

export function providerOf({ allow, provider }: AuthRule): Provider {
  return provider === "iam" ? "identityPool" : (provider ?? defaultProviders[allow]);
}

/** "Anyone with an API key may read." */
export function ruleInWords(rule: AuthRule): string {
  const also = (rule.allOf ?? []).map((condition) => conditionInWords(condition));
  const condition = also.length === 0 ? "" : `, if they are also ${also.join(" and ")}`;
  return `${whoInWords(rule)} may ${operationsInWords(rule.operations)}${condition}.`;
}

export function whoInWords(rule: AuthRule): string {
  const provider = providerOf(rule);
  switch (rule.allow) {
    case "public":
      if (provider === "apiKey") return "Anyone with an API key";
      return rule.includeSignedIn === true
        ? "Guests and signed-in users of the identity pool"
        : "Guests of the identity pool";
    case "private":
      if (provider === "identityPool") return "Every signed-in user of the identity pool";
      return `Every user of the ${providerNames[provider]}`;
    case "owner": {
      const claim = rule.identityClaim === undefined ? "" : `, known by ${rule.identityClaim}`;
      const of =
        provider === "oidc" ? " (OpenID provider" + claim + ")" : claim === "" ? "" : ` (${claim.slice(2)})`;
      return `The owner named in ${rule.ownerField ?? "owner"}${of}`;
    }
    case "groups": {
      const of = [
        ...(provider === "oidc" ? ["OpenID provider"] : []),
        ...(rule.groupClaim === undefined ? [] : [`by ${rule.groupClaim}`]),
      ];
      return `Members of ${groupsInWords(rule)}${of.length === 0 ? "" : ` (${of.join(", ")})`}`;
    }
    case "custom":
      return "Callers whom the Lambda authorizer admits";
  }
}

function conditionInWords(condition: RuleCondition): string {
  if (condition.allow === "owner") return `the owner named in ${condition.ownerField ?? "owner"}`;
  return `members of ${groupsInWords(condition)}`;
}

function groupsInWords({ groups, groupsField }: RuleCondition): string {
  if (groupsField !== undefined) return `the groups in ${groupsField}`;
  return listed(typeof groups === "string" ? [groups] : (groups ?? []), "or");
}

export function operationsInWords(operations: AuthRule["operations"]): string {
  if (operations === undefined) return "do everything";
  return operations.length === 0 ? "do nothing" : listed(operations, "and");
}

export function listed(words: readonly string[], last: "and" | "or"): string {
  if (words.length < 2) return words[0] ?? "nobody";
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** A role of the matrix, where it comes from. */
export interface RoleWords {
  readonly name: string;
  /** The rule of which it is one, for one group. */
  readonly rule: AuthRule;
  /** "Members of Librarians" */
  readonly long: string;
  /** "Librarians": the head of a column. */
  readonly short: string;
}

const known = new Map<string, readonly RoleWords[]>();

/** The roles that a rule gives, in the order of its groups. */
export function rolesOf(rule: AuthRule): readonly RoleWords[] {
  const key = printRule(rule);
  const found = known.get(key) ?? readRoles(rule);
  known.set(key, found);
  return found;
}

function readRoles(rule: AuthRule): readonly RoleWords[] {
  const parts =
    rule.groups === undefined
      ? [rule]
      : [rule.groups].flat().map((group): AuthRule => ({ ...rule, groups: [group] }));
  return parts.flatMap((part) => {
    const { operations: _operations, ...whole } = part;
    // The only name that is told is that of the matrix.
    const [row] = createPolicy({
      models: { M: { rules: [whole], fields: { id: { type: "ID" } }, subscriptions: "off" } },
    }).matrix();
    const also = (rule.allOf ?? []).map((condition) => conditionInWords(condition));
    const long = [whoInWords(part), ...also].join(" and ");
    return row === undefined ? [] : [{ name: row.role, rule: part, long, short: shortOf(part) }];
  });
}

function shortOf(rule: AuthRule): string {
  const provider = providerOf(rule);
  const suffix = provider === "oidc" ? " (OIDC)" : "";
  const also = rule.allOf === undefined ? "" : " +";
  switch (rule.allow) {
    case "public":
      return provider === "apiKey"
        ? "API key"
        : rule.includeSignedIn === true
          ? "Guests, signed in"
          : "Guests";
    case "private":
      return provider === "identityPool"
        ? "Signed in (IAM)"
        : provider === "oidc"
          ? "OIDC users"
          : "Pool users";
    case "owner":
      return `Owner: ${rule.ownerField ?? "owner"}${suffix}${also}`;
    case "groups": {
      const groups =
        rule.groupsField === undefined
          ? [rule.groups ?? []].flat().join(", ")
          : `Groups: ${rule.groupsField}`;
      return `${groups}${suffix}${also}`;
    }
    case "custom":
      return "Lambda";
  }
}

/** All roles of a model by their names. */
export function rolesOfModel({ rules = [], fields }: ModelDefinition): ReadonlyMap<string, RoleWords> {
  const all = [...rules, ...Object.values(fields).flatMap((field) => field.rules ?? [])];
  return new Map(all.flatMap(rolesOf).map((role) => [role.name, role]));
}
