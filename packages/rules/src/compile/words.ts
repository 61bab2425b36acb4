import type { AuthRule, Provider, RuleCondition, Strategy } from "../types.ts";

// The words of rules: what may be written, and what is meant where nothing is.

export const strategies: readonly Strategy[] = ["owner", "groups", "private", "public", "custom"];
export const providers: readonly Provider[] = ["apiKey", "identityPool", "userPools", "oidc", "function"];

/** In the order in which people read them: who, then what proves it, then what they may do. */
export const ruleArguments: readonly (keyof AuthRule)[] = [
  "allow",
  "ownerField",
  "provider",
  "identityClaim",
  "groups",
  "groupsField",
  "groupClaim",
  "operations",
  "allOf",
  "includeSignedIn",
];
export const conditionArguments: readonly (keyof RuleCondition)[] = [
  "allow",
  "ownerField",
  "identityClaim",
  "groups",
  "groupsField",
  "groupClaim",
];

export const claimSeparator = "::";
export const defaultOwnerField = "owner";
export const defaultIdentityClaim = "sub::username";
export const defaultGroupClaim = "cognito:groups";

const defaultProviders: Readonly<Record<Strategy, Provider>> = {
  owner: "userPools",
  groups: "userPools",
  private: "userPools",
  public: "apiKey",
  custom: "function",
};

/** What proves who calls, as far as a rule is about it. */
export function providerOf({ allow, provider }: Pick<AuthRule, "allow" | "provider">): Provider {
  return provider === "iam" ? "identityPool" : (provider ?? defaultProviders[allow]);
}

/** By the name of the mode that proves its callers. */
export const providerOfMode: ReadonlyMap<string, Provider> = new Map([
  ["apiKey", "apiKey"],
  ["iam", "identityPool"],
  ["userPool", "userPools"],
  ["oidc", "oidc"],
  ["lambda", "function"],
]);
