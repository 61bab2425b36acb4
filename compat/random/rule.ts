import type { AuthRule, Provider } from "@authmodes/rules";
import type { Random } from "./random.ts";

// Rules that are right one by one: every strategy, provider, argument and operation, defaults written or left out.

/** A rule with what tells its roles apart: two rules of a list must not have a key in common. */
export interface RandomRule {
  readonly rule: AuthRule;
  readonly keys: readonly string[];
}

/** Of a field or of a whole model: on fields there is only one kind of reading. */
export type RulePlace = "model" | "field";

export function randomRules(random: Random, place: RulePlace, providers: readonly Provider[]): AuthRule[] {
  const seen = new Set<string>();
  const rules: AuthRule[] = [];
  const wanted = random.between(1, place === "model" ? 4 : 2);
  for (let attempt = 0; attempt < 40 && rules.length < wanted; attempt += 1) {
    const { rule, keys } = randomRule(random);
    const isConfigured = providers.some((provider) => keys[0]?.startsWith(provider));
    // On a field the later of two rules for one role holds, which is worth comparing.
    const isNew = !keys.some((key) => seen.has(key)) || (place === "field" && random.chance(0.5));
    if (!isConfigured || !isNew) continue;
    for (const key of keys) seen.add(key);
    rules.push({ ...rule, ...randomOperations(random, place) });
  }
  return rules.length > 0 ? rules : [ruleOf(providers[0] ?? "apiKey")];
}

function randomRule(random: Random): RandomRule {
  switch (random.pick(["public", "private", "owner", "owner", "groups", "groupsField", "custom"])) {
    case "public":
      return random.chance(0.5)
        ? { rule: { allow: "public", ...maybe(random, { provider: "apiKey" }) }, keys: ["apiKey"] }
        : { rule: { allow: "public", provider: iam(random) }, keys: ["identityPool:public"] };
    case "private":
      return randomPrivate(random);
    case "owner":
      return randomOwner(random);
    case "groups":
      return randomGroups(random);
    case "groupsField":
      return randomGroupsField(random);
    case "custom":
      return { rule: { allow: "custom", ...maybe(random, { provider: "function" }) }, keys: ["function"] };
  }
}

function randomPrivate(random: Random): RandomRule {
  switch (random.pick(["userPools", "oidc", "identityPool"])) {
    case "userPools":
      return {
        rule: { allow: "private", ...maybe(random, { provider: "userPools" }) },
        keys: ["userPools:private"],
      };
    case "oidc":
      return { rule: { allow: "private", provider: "oidc" }, keys: ["oidc:private"] };
    case "identityPool":
      return { rule: { allow: "private", provider: iam(random) }, keys: ["identityPool:private"] };
  }
}

function randomOwner(random: Random): RandomRule {
  const provider = random.pick(["userPools", "oidc"]);
  // The last is never among the fields that are written down.
  const ownerField = random.pick(["owner", "owner", "author", "editors", "title", "keeper"]);
  const identityClaim = random.pick(["sub::username", "sub::username", "sub", "email", "user_id::tenant"]);
  return {
    rule: {
      allow: "owner",
      ...(provider === "userPools" ? maybe(random, { provider }) : { provider }),
      ...(ownerField === "owner" ? maybe(random, { ownerField }) : { ownerField }),
      ...(identityClaim === "sub::username" ? maybe(random, { identityClaim }) : { identityClaim }),
    },
    keys: [`${provider}:owner:${ownerField}:${identityClaim}`],
  };
}

function randomGroups(random: Random): RandomRule {
  const { provider, groupClaim, rule } = randomGroupBasis(random);
  const groups = random.some(["Admin", "Editors", "team:red", "Zoë & co", "owner"]);
  return {
    // GraphQL takes a single value for a list of one.
    rule: { ...rule, groups: groups.length === 1 && random.chance(0.5) ? (groups[0] ?? "") : groups },
    keys: groups.map((group) => `${provider}:group:${group}:${groupClaim}`),
  };
}

function randomGroupsField(random: Random): RandomRule {
  const { provider, groupClaim, rule } = randomGroupBasis(random);
  const groupsField = random.pick(["groups", "editors", "title", "crew"]);
  return { rule: { ...rule, groupsField }, keys: [`${provider}:groupsField:${groupsField}:${groupClaim}`] };
}

function randomGroupBasis(random: Random): { provider: Provider; groupClaim: string; rule: AuthRule } {
  const provider = random.pick(["userPools", "oidc"]);
  const groupClaim = random.pick(["cognito:groups", "cognito:groups", "roles"]);
  const rule: AuthRule = {
    allow: "groups",
    ...(provider === "userPools" ? maybe(random, { provider }) : { provider }),
    ...(groupClaim === "cognito:groups" ? maybe(random, { groupClaim }) : { groupClaim }),
  };
  return { provider, groupClaim, rule };
}

function randomOperations(random: Random, place: RulePlace): Pick<AuthRule, "operations"> {
  if (random.chance(0.35)) return {};
  if (random.chance(0.06)) return { operations: [] };
  if (place === "field") return { operations: random.some(["create", "read", "update", "delete"]) };
  return {
    operations: random.chance(0.6)
      ? random.some(["read", "create", "delete", "update"])
      : random.some(["list", "get", "create", "update", "delete", "search", "listen", "sync"]),
  };
}

/** The plainest rule of a provider. */
export function ruleOf(provider: Provider): AuthRule {
  switch (provider) {
    case "apiKey":
      return { allow: "public" };
    case "function":
      return { allow: "custom" };
    case "identityPool":
    case "userPools":
    case "oidc":
      return { allow: "private", provider };
  }
}

/** A default: written, or left out. */
function maybe<T extends Partial<AuthRule>>(random: Random, written: T): T | Record<string, never> {
  return random.chance(0.3) ? written : {};
}

function iam(random: Random): "iam" | "identityPool" {
  return random.pick(["identityPool", "identityPool", "iam"]);
}
