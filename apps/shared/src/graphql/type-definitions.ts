import type { ModelDefinition, RuleSchema } from "@authmodes/rules";

// The operations that Amplify's transformer generates for the models, so that documents of its clients run.
// Source: AWS Amplify documentation, "GraphQL transformer: model", queries and mutations that `@model` generates; "Set up
// real-time data".

type Entry = readonly [name: string, model: ModelDefinition];

const verbs = ["Create", "Update", "Delete"];

/** Returns the SDL of all models, their inputs, queries, mutations and subscriptions. */
export function typeDefinitions({ models }: RuleSchema): string {
  const entries = Object.entries(models);
  // As the rules are at the start: rules that change while the shop runs can only close these.
  const live = entries.filter(([, { subscriptions }]) => subscriptions !== "off");
  return [
    ...["ID", "String", "Int", "Float"].map(comparisonInputs),
    "input ModelSizeInput { ne: Int eq: Int le: Int lt: Int ge: Int gt: Int between: [Int] }",
    ...entries.map(modelTypes),
    `type Query { ${entries.map(queries).join("")} }`,
    `type Mutation { ${entries.map(mutations).join("\n")} }`,
    ...(live.length === 0 ? [] : [`type Subscription { ${live.map(subscriptions).join("\n")} }`]),
  ].join("\n");
}

/** Returns the field of `Query` that lists a model. */
export function listName(model: string): string {
  return `list${model}s`;
}

/** Filters of events have other operators than those of lists. */
function comparisonInputs(scalar: string): string {
  const isText = scalar === "ID" || scalar === "String";
  const operators = ["ne", "eq", "le", "lt", "ge", "gt"];
  if (isText) operators.push("contains", "notContains", "beginsWith");
  const shared = `${operators.map((name) => `${name}: ${scalar}`).join(" ")} between: [${scalar}]`;
  return `
input Model${scalar}Input { ${shared} attributeExists: Boolean ${isText ? "size: ModelSizeInput" : ""} }
input ModelSubscription${scalar}Input { ${shared} in: [${scalar}] notIn: [${scalar}] }`;
}

function modelTypes([name, { fields }]: Entry): string {
  const list = (typeOf: (type: string) => string, but?: string) =>
    Object.entries(fields)
      .filter(([field]) => field !== but)
      .map(([field, { type }]) => `${field}: ${typeOf(type)}`)
      .join(" ");
  const same = (type: string) => type;
  const optional = (type: string) => type.replace(/!$/, "");
  const compared = (prefix: string) => (type: string) => `${prefix}${type.replaceAll(/[[\]!]/g, "")}Input`;
  const logic = (input: string) => `and: [${input}] or: [${input}]`;
  const [filter, condition] = [`Model${name}FilterInput`, `Model${name}ConditionInput`];
  const ofEvents = `ModelSubscription${name}FilterInput`;
  return `
type ${name} { ${list(same)} }
type Model${name}Connection { items: [${name}]! nextToken: String }
input ${filter} { ${list(compared("Model"))} ${logic(filter)} not: ${filter} }
input ${condition} { ${list(compared("Model"), "id")} ${logic(condition)} not: ${condition} }
input ${ofEvents} { ${list(compared("ModelSubscription"))} ${logic(ofEvents)} }
input Create${name}Input { id: ID ${list(same, "id")} }
input Update${name}Input { id: ID! ${list(optional, "id")} }
input Delete${name}Input { id: ID! }`;
}

function queries([name]: Entry): string {
  return `
get${name}(id: ID!): ${name}
${listName(name)}(filter: Model${name}FilterInput, limit: Int, nextToken: String): Model${name}Connection`;
}

function mutations([name]: Entry): string {
  const args = (verb: string) => `input: ${verb}${name}Input!, condition: Model${name}ConditionInput`;
  return verbs.map((verb) => `${verb.toLowerCase()}${name}(${args(verb)}): ${name}`).join("\n");
}

function subscriptions([name, { rules = [], fields }]: Entry): string {
  const owners = rules.flatMap((rule) => (rule.allow === "owner" ? [rule.ownerField ?? "owner"] : []));
  const selected = [...new Set(owners)].filter((field) => Object.hasOwn(fields, field));
  const args = [
    `filter: ModelSubscription${name}FilterInput`,
    ...selected.map((field) => `${field}: String`),
  ];
  return verbs.map((verb) => `on${verb}${name}(${args.join(", ")}): ${name}`).join("\n");
}
