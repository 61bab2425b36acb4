import { list } from "@authmodes/core/options";
import type {
  AuthRule,
  FieldDefinition,
  Finding,
  Provider,
  RuleCondition,
  RuleSchema,
  TypeDefinition,
} from "../types.ts";
import type { WholeNumber } from "./condition.ts";
import {
  claimSeparator,
  defaultGroupClaim,
  defaultIdentityClaim,
  defaultOwnerField,
  providerOf,
} from "./words.ts";

// A rule becomes a role, or a role for each group that it lists. A caller has a role if all its needs are met.

export type Need = StaticNeed | OwnerNeed | RecordGroupNeed;

/** A need that depends on the caller only. */
export type StaticNeed =
  /** Met by the mode: API keys, authorizers, signed-in users of user pools and OIDC. */
  | { readonly kind: "mode" }
  | { readonly kind: "guest"; readonly includeSignedIn: boolean }
  | { readonly kind: "signedIn" }
  | { readonly kind: "inGroup"; readonly groups: readonly string[]; readonly claim: string };

export interface OwnerNeed {
  readonly kind: "owner";
  readonly field: string;
  readonly isList: boolean;
  /** The type of the field, if it holds a whole number instead of text. */
  readonly number: WholeNumber | undefined;
  /** The claims that the stored value is joined from. */
  readonly claims: readonly string[];
}

export interface RecordGroupNeed {
  readonly kind: "inRecordGroup";
  readonly field: string;
  readonly isList: boolean;
  readonly claim: string;
}

/** A role: what a rule requires of a caller, and of the record. */
export interface Role {
  /** Amplify's name, without the model: `userPools:owner:owner:sub::username`. */
  readonly name: string;
  readonly provider: Provider;
  readonly needs: readonly Need[];
  /** Whether it depends on the record, or on the input of a create. */
  readonly dynamic: boolean;
  /** Its position in Amplify's order: private, static groups, owners, dynamic groups. The first that allows everything decides. */
  readonly rank: number;
}

type Fields = Readonly<Record<string, FieldDefinition>>;

interface RulesAt {
  readonly at: Pick<Finding, "model" | "field">;
  readonly rules: readonly AuthRule[];
}

/** All lists of rules with their place. */
export function rulesByPlace({ models, types }: RuleSchema): readonly RulesAt[] {
  return Object.entries({ ...models, ...types }).flatMap(([model, { rules = [], fields }]) => [
    { at: { model }, rules },
    ...Object.entries(fields).map(([field, { rules: own = [] }]) => ({ at: { model, field }, rules: own })),
  ]);
}

export function rulesOf(schema: RuleSchema): readonly AuthRule[] {
  return rulesByPlace(schema).flatMap(({ rules }) => rules);
}

/** The rules of a model or type and of its fields. */
export function rulesOfType(definition: TypeDefinition): readonly AuthRule[] {
  return rulesOf({ models: { "": definition } });
}

/**
 * Returns the roles of a valid rule: one, or one for each group that it lists.
 * @param fields the fields of the rule's model or type
 * @example
 * import { rolesOf } from "@authmodes/rules";
 * export const names = rolesOf({ allow: "groups", groups: ["Admin", "Staff"] }, {}).map(({ name }) => name);
 * // ["userPools:staticGroup:Admin:cognito:groups", "userPools:staticGroup:Staff:cognito:groups"]
 */
export function rolesOf(rule: AuthRule, fields: Fields): readonly Role[] {
  const further = (rule.allOf ?? []).map((condition) => needOf(condition, fields));
  return splitGroups(rule).map((part) => roleOf(providerOf(rule), [needOf(part, fields), ...further]));
}

/** Splits a rule for several groups into one for each. */
function splitGroups(rule: AuthRule): readonly AuthRule[] {
  if (rule.groups === undefined) return [rule];
  return list(rule.groups).map((group) => ({ ...rule, groups: [group] }));
}

function roleOf(provider: Provider, needs: readonly Need[]): Role {
  const prefix = provider === "identityPool" ? "iam" : provider;
  return {
    name: `${prefix}:${needs.map((need) => nameOf(need, provider)).join("+")}`,
    provider,
    needs,
    dynamic: needs.some(isDynamic),
    rank: Math.max(...needs.map(({ kind }) => ranks[kind])),
  };
}

function needOf(rule: AuthRule | RuleCondition, fields: Fields): Need {
  switch (rule.allow) {
    case "owner": {
      const field = rule.ownerField ?? defaultOwnerField;
      const claims = (rule.identityClaim ?? defaultIdentityClaim).split(claimSeparator);
      return {
        kind: "owner",
        field,
        isList: isListField(fields, field),
        number: numberOf(fields, field),
        claims,
      };
    }
    case "groups": {
      const claim = rule.groupClaim ?? defaultGroupClaim;
      if (rule.groupsField === undefined) return { kind: "inGroup", groups: list(rule.groups ?? []), claim };
      const field = rule.groupsField;
      return { kind: "inRecordGroup", field, isList: isListField(fields, field), claim };
    }
    case "private":
      return isIdentityPool(rule) ? { kind: "signedIn" } : { kind: "mode" };
    case "public":
      return isIdentityPool(rule)
        ? { kind: "guest", includeSignedIn: "includeSignedIn" in rule && rule.includeSignedIn }
        : { kind: "mode" };
    case "custom":
      return { kind: "mode" };
  }
}

function isIdentityPool(rule: AuthRule | RuleCondition): boolean {
  return "provider" in rule && providerOf(rule) === "identityPool";
}

function isListField(fields: Fields, field: string): boolean {
  return Object.hasOwn(fields, field) && fields[field]?.type.startsWith("[") === true;
}

function numberOf(fields: Fields, field: string): WholeNumber | undefined {
  const type = Object.hasOwn(fields, field) ? fields[field]?.type.replaceAll(/[[\]!]/g, "") : undefined;
  return type === "Int" || type === "BigInt" ? type : undefined;
}

export function ownerNeeds({ needs }: Role): readonly OwnerNeed[] {
  return needs.filter((need) => need.kind === "owner");
}

export function isDynamic(need: Need): need is OwnerNeed | RecordGroupNeed {
  return need.kind === "owner" || need.kind === "inRecordGroup";
}

function nameOf(need: Need, provider: Provider): string {
  switch (need.kind) {
    case "mode":
      return provider === "apiKey" ? "public" : provider === "function" ? "custom" : "private";
    case "guest":
      return need.includeSignedIn ? "public:includeSignedIn" : "public";
    case "signedIn":
      return "private";
    case "inGroup":
      return `staticGroup:${need.groups.join("|")}:${need.claim}`;
    case "owner":
      return `owner:${need.field}:${need.claims.join(claimSeparator)}`;
    case "inRecordGroup":
      return `dynamicGroup:${need.field}:${need.claim}`;
  }
}

const ranks: Readonly<Record<Need["kind"], number>> = {
  mode: 0,
  guest: 0,
  signedIn: 0,
  inGroup: 1,
  owner: 2,
  inRecordGroup: 3,
};
