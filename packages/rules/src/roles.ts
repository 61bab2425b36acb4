import { list } from "./lists.ts";
import type { AuthRule, FieldDefinition, Provider, RuleCondition, Strategy } from "./types.ts";

// A rule becomes one role, or one for each group that it lists. What a caller needs for a role is a list of needs, all
// of which must hold.

export type Need = StaticNeed | OwnerNeed | RecordGroupNeed;

/** What the caller alone decides. */
export type StaticNeed =
  /** The mode alone is enough: API keys, Lambda authorizers, signed-in users of user pools and OIDC. */
  | { readonly kind: "mode" }
  | { readonly kind: "guest"; readonly includeSignedIn: boolean }
  | { readonly kind: "signedIn" }
  | { readonly kind: "inGroup"; readonly groups: readonly string[]; readonly claim: string };

export interface OwnerNeed {
  readonly kind: "owner";
  readonly field: string;
  readonly isList: boolean;
  /** The claims of which the stored value is joined. */
  readonly claims: readonly string[];
}

export interface RecordGroupNeed {
  readonly kind: "inRecordGroup";
  readonly field: string;
  readonly isList: boolean;
  readonly claim: string;
}

export interface Role {
  /** As Amplify names it, without the model: `userPools:owner:owner:sub::username`. */
  readonly name: string;
  readonly provider: Provider;
  readonly needs: readonly Need[];
  /** Whether it depends on the record (or on what is to be written). */
  readonly dynamic: boolean;
  /** In Amplify's order: private, static groups, owners, dynamic groups. The first that allows everything decides. */
  readonly rank: number;
}

export const defaultProviders: Readonly<Record<Strategy, Provider>> = {
  owner: "userPools",
  groups: "userPools",
  private: "userPools",
  public: "apiKey",
  custom: "function",
};

export const claimSeparator = "::";
export const defaultOwnerField = "owner";
export const defaultIdentityClaim = "sub::username";
export const defaultGroupClaim = "cognito:groups";

type Fields = Readonly<Record<string, FieldDefinition>>;

/** The provider of a rule, which it may leave to its strategy. */
export function providerOf(rule: AuthRule): Provider {
  if (rule.provider === "iam") return "identityPool";
  return rule.provider ?? defaultProviders[rule.allow];
}

/** The roles of a rule that was found valid. */
export function rolesOf(rule: AuthRule, fields: Fields): readonly Role[] {
  const further = (rule.allOf ?? []).map((condition) => needOf(condition, fields));
  return splitGroups(rule).map((part) => roleOf(providerOf(rule), [needOf(part, fields), ...further]));
}

/** A rule for several groups is a role for each. */
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
    rank: Math.max(...needs.map(rankOf)),
  };
}

function needOf(rule: AuthRule | RuleCondition, fields: Fields): Need {
  switch (rule.allow) {
    case "owner": {
      const field = rule.ownerField ?? defaultOwnerField;
      const claims = (rule.identityClaim ?? defaultIdentityClaim).split(claimSeparator);
      return { kind: "owner", field, isList: isListField(fields, field), claims };
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

function rankOf(need: Need): number {
  switch (need.kind) {
    case "mode":
    case "guest":
    case "signedIn":
      return 0;
    case "inGroup":
      return 1;
    case "owner":
      return 2;
    case "inRecordGroup":
      return 3;
  }
}
