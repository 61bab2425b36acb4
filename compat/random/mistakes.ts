import type { AuthRule, Provider } from "@authmodes/rules";
import type { Draft, DraftField, DraftModel } from "./draft.ts";
import { printAuth } from "./print.ts";
import type { Random } from "./random.ts";
import { ruleOf } from "./rule.ts";

// What people write wrong. Most of it has to be refused by both sides; compat/differences.ts lists the rest.

type Mistake = (draft: Draft, model: DraftModel, field: DraftField) => void;

/** Adds a rule to the model. */
function rule(written: AuthRule): Mistake {
  return ({ providers }, model) => {
    // Nothing else is to be wrong with it.
    configure(providers, ["apiKey", "userPools", "oidc", "identityPool", "function"]);
    model.rules = [...(model.rules ?? []), written];
  };
}

function fieldRule(written: AuthRule): Mistake {
  return ({ providers }, _, field) => {
    configure(providers, ["apiKey", "userPools", "oidc", "identityPool", "function"]);
    field.rules = [...(field.rules ?? []), written];
  };
}

function configure(configured: Provider[], providers: readonly Provider[]): void {
  configured.push(...providers.filter((provider) => !configured.includes(provider)));
}

/** A word that the types do not know. */
function misspelt(word: string): never {
  return word as never;
}

const mistakes: readonly Mistake[] = [
  rule({ allow: "owner", provider: "apiKey" }),
  rule({ allow: "groups", groups: ["Admin"], provider: "identityPool" }),
  rule({ allow: "public", provider: "userPools" }),
  rule({ allow: "private", provider: "apiKey" }),
  rule({ allow: "custom", provider: "oidc" }),
  rule({ allow: "groups" }),
  rule({ allow: "groups", groups: ["Admin"], groupsField: "groups" }),
  rule({ allow: "groups", groups: [] }),
  rule({ allow: "groups", groups: ["Twice", "Twice"] }),
  rule({ allow: "groups", groups: ["Admin"], identityClaim: "sub" }),
  rule({ allow: "owner", groupClaim: "roles" }),
  rule({ allow: misspelt("group"), groups: ["Admin"] }),
  rule({ allow: "private", provider: misspelt("cognito") }),
  rule({ allow: "private", operations: [misspelt("write")] }),
  rule({ allow: "owner", ownerField: "someone", operations: ["read", "get"] }),
  rule({ allow: "owner", ownerField: "someone", operations: ["read", "read"] }),
  rule({ allow: "owner", ownerField: "someone", operations: ["create", "create", "read"] }),
  rule({ allow: "owner", ownerField: "someone", identityClaim: "tenant::" }),
  rule({ allow: "public", ownerField: "owner" }),
  rule({ allow: "owner", ownerField: "someone", groups: ["Strays"] }),
  rule({ allow: "owner", ownerField: "" }),
  rule({ allow: "groups", groups: [""] }),
  fieldRule({ allow: "private", operations: ["get"] }),
  fieldRule({ allow: "private", operations: ["read", "list"] }),
  fieldRule({ allow: "private", operations: ["listen", "create"] }),
  fieldRule({ allow: "owner", provider: "function" }),
  (_, model) => {
    model.rules = [];
  },
  (_, __, field) => {
    field.rules = [];
  },
  ({ providers }, model) => {
    const again = model.rules?.[0] ?? ruleOf(providers[0] ?? "apiKey");
    model.rules = [again, { ...again, operations: ["create"] }];
  },
  ({ providers }, model) => {
    const without = providers.pop() ?? "oidc";
    if (providers.length === 0) providers.push(without === "apiKey" ? "oidc" : "apiKey");
    model.rules = [ruleOf(without)];
  },
  ({ providers }, model) => {
    configure(providers, ["userPools"]);
    model.rules = [{ allow: "owner", ownerField: "copy" }];
    keyBy(model, "copy");
  },
  ({ providers }, model) => {
    configure(providers, ["userPools"]);
    model.rules = [{ allow: "owner", ownerField: "copy", identityClaim: "sub" }];
    keyBy(model, "copy");
  },
  ({ providers }, model) => {
    configure(providers, ["userPools", "apiKey"]);
    model.rules = [{ allow: "private" }, { allow: "public", operations: ["create"] }];
    model.fields.push({
      name: "pin",
      type: "Int!",
      directives: "",
      rules: [{ allow: "private", operations: ["create"] }],
    });
  },
  ({ providers }, model) => {
    configure(providers, ["userPools", "apiKey"]);
    model.model = "(subscriptions: null)";
    model.rules = [{ allow: "private" }, { allow: "public", operations: ["read"] }];
    model.fields.push({ name: "pin", type: "Int!", directives: "", rules: [{ allow: "private" }] });
  },
  ({ others, providers }) =>
    others.push(`type Box ${printAuth([ruleOf(providers[0] ?? "apiKey")])} { size: Int }`),
  outsideModels("Box", { allow: "private", operations: ["read"] }),
  outsideModels("Mutation", { allow: "private", operations: ["create"] }),
  outsideModels("Box", { allow: "owner" }),
  outsideModels("Mutation", { allow: "groups", groupsField: "groups" }),
  ({ others, providers }, { name }) =>
    others.push(`extend type ${name} ${printAuth([ruleOf(providers[0] ?? "apiKey")])} { more: Int }`),
  ({ others }) => others.push("type Box { size: Sise }"),
  ({ others }) => others.push("type Box @authh { size: Int }"),
];

function outsideModels(type: string, written: AuthRule): Mistake {
  return ({ others, providers }) => {
    configure(providers, ["userPools"]);
    others.push(`type ${type} { size: Int ${printAuth([written])} }`);
    if (type === "Mutation") others.push("type Query { version: Int }");
  };
}

function keyBy(model: DraftModel, sortKey: string): void {
  const others = model.fields.filter(({ name }) => name !== "isbn" && name !== sortKey);
  model.fields.splice(
    0,
    model.fields.length,
    { name: "isbn", type: "ID!", directives: `@primaryKey(sortKeyFields: ["${sortKey}"])`, rules: undefined },
    { name: sortKey, type: "String!", directives: "", rules: undefined },
    ...others,
  );
}

/** @param which counts through the mistakes, and begins again after the last */
export function makeMistake(which: number, random: Random, draft: Draft): void {
  const model = random.pick(draft.models as [DraftModel, ...DraftModel[]]);
  const field = model.fields.at(-1);
  if (field !== undefined) mistakes[which % mistakes.length]?.(draft, model, field);
}
