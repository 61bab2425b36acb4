import type { AuthRule, Provider, Strategy } from "../types.ts";

// The words of rules, and their defaults.

/** The first provider is the default. */
export const providersOfStrategy: Readonly<Record<Strategy, readonly [Provider, ...Provider[]]>> = {
  owner: ["userPools", "oidc"],
  groups: ["userPools", "oidc"],
  private: ["userPools", "oidc", "identityPool"],
  public: ["apiKey", "identityPool"],
  custom: ["function"],
};
/** The providers that rules can name. */
export const providers: readonly Provider[] = ["apiKey", "userPools", "oidc", "identityPool", "function"];
/** With the deprecated spelling of `identityPool`. */
export const writtenProviders: readonly (Provider | "iam")[] = [...providers, "iam"];

/** In reading order: who, how they are authenticated, what they may do. */
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
const ofRulesAlone: ReadonlySet<string> = new Set(["provider", "operations", "allOf", "includeSignedIn"]);
export const conditionArguments: readonly string[] = ruleArguments.filter((name) => !ofRulesAlone.has(name));

export const claimSeparator = "::";
export const defaultOwnerField = "owner";
export const defaultIdentityClaim = "sub::username";
export const defaultGroupClaim = "cognito:groups";

export const strategies: readonly Strategy[] = ["owner", "groups", "private", "public", "custom"];

/**
 * Returns the provider of a rule: its own, or the default of its strategy.
 * @example
 * import { providerOf } from "@authmodes/rules";
 * export const provider = providerOf({ allow: "owner" }); // "userPools"
 */
export function providerOf({ allow, provider }: Pick<AuthRule, "allow" | "provider">): Provider {
  return unaliased(provider ?? providersOfStrategy[allow]?.[0]);
}

export function unaliased(provider: Provider | "iam"): Provider {
  return provider === "iam" ? "identityPool" : provider;
}

/** The provider of each mode, by the mode's name: `userPools` for `userPool`. */
export const providerOfMode: ReadonlyMap<string, Provider> = new Map([
  ["apiKey", "apiKey"],
  ["iam", "identityPool"],
  ["userPool", "userPools"],
  ["oidc", "oidc"],
  ["lambda", "function"],
]);
