import {
  type AuthRule,
  type Finding,
  type Operation,
  type Provider,
  providerOf,
  type RuleCondition,
  type Strategy,
} from "@authmodes/rules";

/** A rule as a form holds it. It keeps what was typed while another strategy is chosen. */
export interface Draft {
  readonly allow: Strategy;
  readonly provider: Provider;
  /** The provider is written out although it is the default. */
  readonly spellsProvider: boolean;
  readonly ownerField: string;
  readonly identityClaim: string;
  readonly groupsBy: "name" | "field";
  readonly groups: string;
  readonly groupsField: string;
  readonly groupClaim: string;
  readonly everything: boolean;
  readonly operations: readonly (Operation | "read")[];
  readonly includeSignedIn: boolean;
  readonly allOf: readonly RuleCondition[];
}

/** Without a rule it starts with the most common one. */
export function draftOf(rule: AuthRule = { allow: "owner" }): Draft {
  return {
    allow: rule.allow,
    provider: providerOf(rule),
    spellsProvider: rule.provider !== undefined,
    ownerField: rule.ownerField ?? "",
    identityClaim: rule.identityClaim ?? "",
    groupsBy: rule.groupsField === undefined ? "name" : "field",
    groups: [rule.groups ?? []].flat().join(", "),
    groupsField: rule.groupsField ?? "",
    groupClaim: rule.groupClaim ?? "",
    everything: rule.operations === undefined,
    operations: rule.operations ?? ["read"],
    includeSignedIn: rule.includeSignedIn ?? false,
    allOf: rule.allOf ?? [],
  };
}

/** The rule that a form describes. Empty fields have their default. */
export function ruleOf(draft: Draft): AuthRule {
  const { allow, provider, everything, operations, allOf } = draft;
  const isDefault = provider === providerOf({ allow }) && !draft.spellsProvider;
  return {
    allow,
    ...(!isDefault && { provider }),
    ...(allow === "owner" && given("ownerField", draft.ownerField)),
    ...(allow === "owner" && given("identityClaim", draft.identityClaim)),
    ...(allow === "groups" && groupsOf(draft)),
    ...(allow === "groups" && given("groupClaim", draft.groupClaim)),
    ...(!everything && { operations }),
    ...((allow === "owner" || allow === "groups") && allOf.length > 0 && { allOf }),
    ...(allow === "public" &&
      provider === "identityPool" &&
      draft.includeSignedIn && { includeSignedIn: true }),
  };
}

function groupsOf({ groupsBy, groups, groupsField }: Draft): Pick<AuthRule, "groups" | "groupsField"> {
  if (groupsBy === "field") return given("groupsField", groupsField);
  const names = groups
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return { groups: names };
}

function given<N extends string>(name: N, value: string): { readonly [K in N]?: string } {
  const text = value.trim();
  return (text === "" ? {} : { [name]: text }) as { readonly [K in N]?: string };
}

/** The props of each part of the form. */
export interface DraftPart {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  /** Returns what would be wrong with another rule at the same place. */
  readonly objectionTo: (rule: AuthRule) => Finding | undefined;
  /** The type that has the rule. */
  readonly type: string;
}

/** Another strategy, with its default provider, or with a possible one if the default is not possible. */
export function withStrategy(draft: Draft, allow: Strategy, possible: readonly Provider[]): Draft {
  const usual = providerOf({ allow });
  const provider = possible.includes(usual) ? usual : (possible[0] ?? usual);
  return { ...draft, allow, provider, spellsProvider: false };
}
