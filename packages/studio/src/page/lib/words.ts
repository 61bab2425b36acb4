import {
  type AuthRule,
  type Policy,
  type Provider,
  providerOf,
  rolesOf,
  roleTitle,
  type RuleCondition,
} from "@authmodes/rules";
import { rulesWithin, typeNamed } from "./schema.ts";

// Rules and roles in plain words.

export const columns = ["create", "read", "update", "delete"] as const;
export type Column = (typeof columns)[number];

export const providerNames: Readonly<Record<Provider, string>> = {
  apiKey: "API key",
  userPools: "user pool",
  oidc: "OpenID provider",
  identityPool: "identity pool",
  function: "Lambda authorizer",
};

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
    case "owner":
      return `The owner named in ${rule.ownerField ?? "owner"}${details(provider, "known by", rule.identityClaim)}`;
    case "groups":
      return `Members of ${groupsInWords(rule)}${details(provider, "by", rule.groupClaim)}`;
    case "custom":
      return "Callers that the Lambda authorizer accepts";
  }
}

/** Names the tokens and the claim if they are not the default. */
function details(provider: Provider, by: string, claim: string | undefined): string {
  const token = provider === "oidc" && "OpenID provider";
  const told = [token, claim !== undefined && `${by} ${claim}`].filter((one) => one !== false);
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
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
  if (words.length < 2) return words[0] ?? "no group";
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** A role of the matrix, in words. */
export interface RoleWords {
  readonly name: string;
  /** The rule that gives it, limited to one group. */
  readonly rule: AuthRule;
  /** "Members of Librarians" */
  readonly long: string;
  /** "Librarians", for the head of a column. */
  readonly short: string;
}

/** The roles that a rule gives, in the order of its groups. */
export function roleWords(rule: AuthRule): readonly RoleWords[] {
  const parts =
    rule.groups === undefined
      ? [rule]
      : [rule.groups].flat().map((group): AuthRule => ({ ...rule, groups: [group] }));
  return parts.flatMap((part) => {
    const also = (rule.allOf ?? []).map((condition) => conditionInWords(condition));
    const long = [whoInWords(part), ...also].join(" and ");
    return rolesOf(part, {}).map(({ name }) => ({ name, rule: part, long, short: roleTitle(part) }));
  });
}

/** All roles of a type by name, in the words of the first policy that has them. */
export function rolesOfType(type: string, policies: readonly Policy[]): ReadonlyMap<string, RoleWords> {
  const roles = new Map<string, RoleWords>();
  for (const { schema } of policies) {
    const rules = rulesWithin(typeNamed(schema, type) ?? { fields: {} });
    for (const role of rules.flatMap(roleWords)) if (!roles.has(role.name)) roles.set(role.name, role);
  }
  return roles;
}

/** "1 error", "2 errors" */
export function counted(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

export function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
