import type { AuthRule, Provider, RuleCondition, Strategy } from "../types.ts";

// The words of rules: what may be written, and what is meant where nothing is.

/** The first provider is the default. */
export const providersOfStrategy: Readonly<Record<Strategy, readonly [Provider, ...Provider[]]>> = {
  owner: ["userPools", "oidc"],
  groups: ["userPools", "oidc"],
  private: ["userPools", "oidc", "identityPool"],
  public: ["apiKey", "identityPool"],
  custom: ["function"],
};
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

export const strategies: readonly Strategy[] = ["owner", "groups", "private", "public", "custom"];

/** What proves who calls, as far as a rule is about it. */
export function providerOf({ allow, provider }: Pick<AuthRule, "allow" | "provider">): Provider {
  return provider === "iam" ? "identityPool" : (provider ?? providersOfStrategy[allow]?.[0]);
}

/** By the name of the mode that proves its callers. */
export const providerOfMode: ReadonlyMap<string, Provider> = new Map([
  ["apiKey", "apiKey"],
  ["iam", "identityPool"],
  ["userPool", "userPools"],
  ["oidc", "oidc"],
  ["lambda", "function"],
]);
