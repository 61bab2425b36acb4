import type { AuthRule, Provider } from "@authmodes/rules";
import type { Draft, DraftField, DraftModel } from "./draft.ts";
import { makeMistake } from "./mistakes.ts";
import { printAuth } from "./print.ts";
import { Random } from "./random.ts";
import { randomRules, ruleOf } from "./rule.ts";

export function randomSchema(seed: number): Draft {
  const random = new Random(seed);
  const providers = random.chance(0.7)
    ? (["apiKey", "userPools", "identityPool", "oidc", "function"] as const)
    : random.some(["apiKey", "userPools", "identityPool", "oidc", "function"]);
  const names = ["Post", "Comment", "Author"].slice(0, random.between(1, 3));
  const draft: Draft = {
    providers: [...providers],
    models: names.map((name) => randomModel(random, name, providers)),
    others: [],
  };
  // Every third is wrong, each time in the next way, so that no mistake is left out.
  if (seed % 3 === 0) makeMistake(seed / 3, random, draft);
  if (random.chance(0.35)) relate(random, draft);
  if (draft.others.length === 0 && random.chance(0.2)) nest(random, draft);
  return draft;
}

function randomModel(random: Random, name: string, providers: readonly Provider[]): DraftModel {
  // Required fields beside fields with rules are mostly refused by both, which says little about the matrix.
  const isStrict = random.chance(0.1);
  const hasFieldRules = random.chance(0.6);
  const required = isStrict || !hasFieldRules ? 0.4 : 0;
  const optional = [
    ["title", "String"],
    ["owner", random.pick(["String", "String", "[String]"])],
    ["author", random.pick(["String", "ID"])],
    ["editors", "[String]"],
    ["groups", random.pick(["[String]", "String"])],
    ["secret", "AWSJSON"],
    ["rank", "Int"],
    ["status", "Status"],
  ] as const;
  const fields: DraftField[] = optional
    .filter(() => random.chance(0.5))
    .map(([field, type]) => ({
      name: field,
      type: random.chance(required) ? `${type}!` : type,
      directives: "",
      rules: hasFieldRules && random.chance(0.35) ? randomRules(random, "field", providers) : undefined,
    }));
  fields.unshift(...randomKey(random, isStrict || !hasFieldRules));
  const title = fields.find((field) => field.name === "title");
  if (title !== undefined && random.chance(0.2)) title.directives = `@index(name: "by${name}Title")`;
  return {
    name,
    model: randomModelArguments(random),
    rules: random.chance(0.85) ? randomRules(random, "model", providers) : undefined,
    fields,
  };
}

function randomKey(random: Random, mayBeWritten: boolean): DraftField[] {
  const field = (name: string, directives = ""): DraftField => ({
    name,
    type: "ID!",
    directives,
    rules: undefined,
  });
  switch (
    mayBeWritten || random.chance(0.1) ? random.pick(["none", "id", "id", "primaryKey", "sortKey"]) : "none"
  ) {
    case "none":
      return [{ ...field("body"), type: "String" }];
    case "id":
      return [field("id")];
    case "primaryKey":
      return [field("isbn", "@primaryKey")];
    case "sortKey":
      return [field("isbn", '@primaryKey(sortKeyFields: ["copy"])'), field("copy")];
  }
}

function randomModelArguments(random: Random): string {
  if (random.chance(0.7)) return "";
  return random.pick([
    "(subscriptions: { level: off })",
    "(subscriptions: { level: public })",
    "(subscriptions: { level: on })",
    "(subscriptions: null)",
    "(queries: null)",
    "(mutations: null)",
    "(timestamps: null)",
  ]);
}

function relate(random: Random, { models, providers }: Draft): void {
  const from = random.pick(models as [DraftModel, ...DraftModel[]]);
  const to = models.find((model) => model !== from);
  if (to === undefined) return;
  const rules = (): AuthRule[] | undefined =>
    random.chance(0.3) ? randomRules(random, "field", providers) : undefined;
  const field = (model: DraftModel, name: string, type: string, directives: string): void => {
    model.fields.push({ name, type, directives, rules: rules() });
  };
  // The relational transformer breaks on other relations of models with a sort key, whatever their rules.
  const hasSortKey = [from, to].some(({ fields }) => fields.some(({ name }) => name === "copy"));
  switch (hasSortKey ? "hasMany" : random.pick(["hasMany", "hasManyBack", "hasOne", "manyToMany"])) {
    case "hasMany":
      return field(from, "items", `[${to.name}]`, "@hasMany");
    case "hasManyBack":
      field(from, "items", `[${to.name}]`, "@hasMany");
      return field(to, "whole", from.name, "@belongsTo");
    case "hasOne":
      return field(from, "other", to.name, "@hasOne");
    case "manyToMany": {
      const directive = '@manyToMany(relationName: "Link")';
      field(from, "those", `[${to.name}]`, directive);
      return field(to, "these", `[${from.name}]`, directive);
    }
  }
}

/** A type that is not a model, and a root field. */
function nest(random: Random, draft: Draft): void {
  const auth = (): string =>
    random.chance(0.5)
      ? ""
      : printAuth(random.some(draft.providers as [Provider, ...Provider[]]).map(ruleOf));
  draft.others.push(`type Note {\n  text: String ${auth()}\n  stars: Int\n}`);
  draft.models[0]?.fields.push({ name: "note", type: "Note", directives: "", rules: undefined });
  if (random.chance(0.5)) draft.others.push(`type Query {\n  version: String ${auth()}\n}`);
}
