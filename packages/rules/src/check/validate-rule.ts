import { list } from "@authmodes/core/options";
import { bits, readOperations } from "../compile/operations.ts";
import {
  claimSeparator,
  conditionArguments,
  providerOf,
  providersOfStrategy,
  ruleArguments,
  strategies,
  writtenProviders,
} from "../compile/words.ts";
import type { AuthRule, Operation, Provider, RuleCondition, Strategy } from "../types.ts";
import { type Complaint, complaint } from "./finding.ts";
import { isPlainObject, isText } from "./kinds.ts";
import { unknownSentence } from "./spelling.ts";

// Validates one rule. If Amplify's transformer has a message for an error, it is used here too, so that a web search for
// it finds answers.

/** The place of a rule, which limits its operations. */
export type RulePlace = "model" | "field" | "plain-field" | "root-field";

/** As Amplify's messages list them. `private` accepts oidc too, although its message does not say so. */
const legalProvidersInWords: Readonly<Record<Strategy, string>> = {
  owner: "'userPools' (default) and 'oidc' providers",
  groups: "'userPools' and 'oidc' providers",
  private: "'userPools' (default) and 'identityPool' providers",
  public: "'apiKey' (default) and 'identityPool' providers",
  custom: "'function' (default) provider",
};

const modeOfProvider: Readonly<Record<Provider, string>> = {
  apiKey: "API Key",
  oidc: "OPENID_CONNECT",
  userPools: "Cognito User Pools",
  identityPool: "IAM",
  function: "Lambda",
};

/** @param configured the providers of the API; undefined if the options do not name them */
export function validateRule(
  rule: AuthRule,
  place: RulePlace,
  configured: ReadonlySet<Provider> | undefined,
): readonly Complaint[] {
  const shape = shapeOf(rule, ruleArguments);
  if (shape.length > 0) return shape;
  return [
    ...validateProvider(rule, configured),
    ...validateArguments(rule),
    ...validateOperations(rule, place),
    ...validateAllOf(rule),
    ...validateIncludeSignedIn(rule),
  ];
}

function shapeOf(rule: AuthRule | RuleCondition, known: readonly string[]): readonly Complaint[] {
  if (!isPlainObject(rule)) {
    return [complaint("rule-shape", "a rule is an object such as { allow: 'owner' }", "write { allow: … }")];
  }
  const found = Object.keys(rule)
    .filter((name) => !known.includes(name))
    .map((name) =>
      complaint("unknown-argument", unknownSentence("argument of rules", name, known), "rename or remove it"),
    );
  // `operations: undefined` would grant all of them.
  for (const [name, value] of Object.entries(rule)) {
    if (value === undefined && name !== "allow")
      found.push(
        complaint("argument-undefined", `${name} is undefined`, `give ${name} a value, or leave it out`),
      );
  }
  if (!strategies.includes(rule.allow)) {
    const mend = `allow is one of ${strategies.join(", ")}`;
    found.push(complaint("unknown-strategy", unknownSentence("strategy", rule.allow, strategies), mend));
  }
  return found;
}

export function validateProvider(
  rule: AuthRule,
  configured: ReadonlySet<Provider> | undefined,
): readonly Complaint[] {
  const { allow } = rule;
  const legal = providersOfStrategy[allow];
  const provider = providerOf(rule);
  const written = rule.provider ?? provider;
  if (!writtenProviders.includes(written)) {
    const sentence = unknownSentence("provider", written, writtenProviders);
    return [complaint("unknown-provider", sentence, `for ${allow} write ${legal.join(" or ")}`)];
  }
  if (!legal.includes(provider)) {
    const supported = `only supports ${legalProvidersInWords[allow]}, but found '${written}' assigned.`;
    const message = `@auth directive with '${allow}' strategy ${supported}`;
    return [complaint("provider-of-strategy", message, `set provider to ${legal.join(" or ")}`)];
  }
  if (configured === undefined || configured.has(provider)) return [];
  const lack = `the project has no ${modeOfProvider[provider]} authentication provider configured.`;
  const message = `@auth directive with '${written}' provider found, but ${lack}`;
  return [
    complaint("provider-not-configured", message, `add '${provider}' to providers, or remove the rule`),
  ];
}

function validateArguments(rule: AuthRule | RuleCondition): readonly Complaint[] {
  const { allow, identityClaim } = rule;
  const found = allow === "groups" ? [...validateGroups(rule)] : [];
  for (const [name, strategy] of strategyOfArgument) {
    const value = rule[name];
    if (value === undefined) continue;
    if (allow !== strategy) {
      const mend = `remove it, or write allow: '${strategy}'`;
      const message = `${name} has no meaning for allow: ${allow}`;
      found.push(misplaced[`${name} ${allow}`] ?? complaint("argument-of-strategy", message, mend));
    }
    const words: readonly unknown[] = name === "groups" ? list<unknown>(value) : [value];
    if (!words.every(isText)) {
      const message = `${name} is not text, or empty`;
      found.push(complaint("argument-text", message, `write ${name}: '…'`));
    }
  }
  if (isText(identityClaim) && identityClaim.split(claimSeparator).includes("")) {
    const message = `identityClaim '${identityClaim}' names an empty claim`;
    found.push(complaint("identity-claim-parts", message, "join claims by '::', as in 'sub::username'"));
  }
  return found;
}

const strategyOfArgument = [
  ["ownerField", "owner"],
  ["identityClaim", "owner"],
  ["groups", "groups"],
  ["groupsField", "groups"],
  ["groupClaim", "groups"],
] as const;

/** Arguments of another strategy, if Amplify has a message for it. */
const misplaced: Readonly<Record<string, Complaint>> = {
  "identityClaim groups": complaint(
    "identity-claim-on-groups",
    "@auth identityClaim can only be used for 'allow: owner'",
    "write groupClaim",
  ),
  "groupClaim owner": complaint(
    "group-claim-on-owner",
    "@auth groupClaim can only be used 'allow: groups'",
    "write identityClaim",
  ),
};

function validateGroups({ groups, groupsField }: AuthRule | RuleCondition): readonly Complaint[] {
  if (groups === undefined && groupsField === undefined) {
    const message = "@auth directive with 'groups' should have a defined groups list or a groupsField.";
    const mend = "add groups: ['…'], or groupsField: 'groups' for groups named by each record";
    return [complaint("groups-missing", message, mend)];
  }
  if (groups !== undefined && groupsField !== undefined) {
    const message = "This rule has groupsField and groups, please use one or the other";
    return [complaint("groups-and-groups-field", message, "keep one of them, or write two rules")];
  }
  if (groups === undefined || list(groups).length > 0) return [];
  const message = "@auth rules using groups cannot have an empty list";
  return [complaint("groups-empty", message, "name a group, or remove the rule")];
}

function validateOperations(rule: AuthRule, place: RulePlace): readonly Complaint[] {
  const { operations } = rule;
  if (operations === undefined) return [];
  if (!Array.isArray(operations)) {
    return [complaint("operations-list", "operations is not a list", "write operations: ['read']")];
  }
  const known = [...Object.keys(bits), "read"];
  const unknown = operations.filter((operation) => !known.includes(operation));
  if (unknown.length > 0) {
    return unknown.map((operation) =>
      complaint("unknown-operation", unknownSentence("operation", operation, known), "use one of those"),
    );
  }
  if (operations.length > 0 && (place === "root-field" || place === "plain-field")) {
    return [complaint("operations-outside-models", operationsSentence(place), "remove operations")];
  }
  return validateReading(operations, place);
}

function operationsSentence(place: "root-field" | "plain-field"): string {
  return place === "root-field"
    ? "@auth rules on fields within Query, Mutation, Subscription cannot specify 'operations' argument as these rules are already on an operation already."
    : "@auth rules on fields within types that does not have @model directive cannot specify 'operations' argument as there are operations will be generated by the CLI.";
}

function validateReading(
  operations: readonly (Operation | "read")[],
  place: RulePlace,
): readonly Complaint[] {
  const fine = operations.filter((operation) => readOperations.some((read) => read === operation)).join(",");
  if (fine === "") return [];
  if (place === "field") {
    const message = `'${fine}' operation is not allowed at the field level.`;
    return [complaint("operation-on-field", message, "on a field write read, create, update or delete")];
  }
  if (!operations.includes("read")) return [];
  const message = `'${fine}' operations are specified in addition to 'read'. Either remove 'read' to limit access only to '${fine}' or only keep 'read' to grant all ${readOperations.join(",")} access.`;
  return [complaint("read-and-more", message, `keep 'read', or '${fine}'`)];
}

function validateAllOf(rule: AuthRule): readonly Complaint[] {
  const { allOf } = rule;
  if (allOf === undefined) return [];
  if (!Array.isArray(allOf) || allOf.length === 0) {
    const mend = "write allOf: [{ allow: 'groups', groups: ['…'] }], or leave it out";
    return [complaint("all-of-list", "allOf is not a list of conditions, or empty", mend)];
  }
  const provider = providerOf(rule);
  if (provider !== "userPools" && provider !== "oidc") {
    const message = `allOf needs claims, which callers of '${provider}' do not have`;
    return [complaint("all-of-provider", message, "use provider userPools or oidc")];
  }
  return (allOf as readonly RuleCondition[]).flatMap((condition) => {
    const shape = shapeOf(condition, conditionArguments);
    if (shape.length > 0) return shape;
    if (condition.allow === "owner" || condition.allow === "groups") return validateArguments(condition);
    const message = `allOf takes conditions with allow: owner or groups, not ${condition.allow}`;
    return [complaint("all-of-strategy", message, "write the other condition as owner or groups")];
  });
}

function validateIncludeSignedIn(rule: AuthRule): readonly Complaint[] {
  const { includeSignedIn } = rule;
  if (includeSignedIn === undefined) return [];
  if (typeof includeSignedIn !== "boolean") {
    return [
      complaint("include-signed-in", "includeSignedIn is true or false", "write includeSignedIn: true"),
    ];
  }
  if (rule.allow === "public" && providerOf(rule) === "identityPool") return [];
  const message = "includeSignedIn belongs to { allow: public, provider: identityPool }";
  return [complaint("include-signed-in", message, "remove it, or add a rule with allow: private")];
}
