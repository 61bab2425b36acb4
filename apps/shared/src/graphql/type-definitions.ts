import type { ModelDefinition, RuleSchema } from "@authmodes/rules";

// The operations that Amplify's transformer generates for the models, so that documents of its clients run.
// Source: AWS Amplify documentation, "GraphQL transformer: model", queries and mutations that `@model` generates; "Set up
// real-time data".

const comparisons: Readonly<Record<string, string>> = {
  String: "ne eq le lt ge gt contains notContains between beginsWith attributeExists size",
  ID: "ne eq le lt ge gt contains notContains between beginsWith attributeExists size",
  Int: "ne eq le lt ge gt between attributeExists",
  Float: "ne eq le lt ge gt between attributeExists",
};

/** Filters of events have other operators than those of lists. */
const eventComparisons: Readonly<Record<string, string>> = {
  String: "ne eq le lt ge gt contains notContains between beginsWith in notIn",
  ID: "ne eq le lt ge gt contains notContains between beginsWith in notIn",
  Int: "ne eq le lt ge gt between in notIn",
  Float: "ne eq le lt ge gt between in notIn",
};

/** Returns the SDL of all models, their inputs, queries, mutations and subscriptions. */
export function typeDefinitions({ models }: RuleSchema): string {
  const entries = Object.entries(models);
  // As the rules are at the start: rules that change while the shop runs can only close these.
  const live = entries.filter(([, { subscriptions }]) => subscriptions !== "off");
  return [
    ...inputs("Model", comparisons),
    ...inputs("ModelSubscription", eventComparisons),
    "input ModelSizeInput { ne: Int eq: Int le: Int lt: Int ge: Int gt: Int between: [Int] }",
    ...entries.map(([name, model]) => modelTypes(name, model)),
    `type Query { ${entries.map(([name]) => queries(name)).join("\n")} }`,
    `type Mutation { ${entries.map(([name]) => mutations(name)).join("\n")} }`,
    ...(live.length === 0 ? [] : [`type Subscription { ${live.map(subscriptions).join("\n")} }`]),
  ].join("\n");
}

/** Returns the field of `Query` that lists a model. */
export function listName(model: string): string {
  return `list${model}s`;
}

function inputs(prefix: string, operators: typeof comparisons): readonly string[] {
  return Object.entries(operators).map(([scalar, names]) =>
    comparisonInput(`${prefix}${scalar}Input`, scalar, names.split(" ")),
  );
}

function comparisonInput(input: string, scalar: string, names: readonly string[]): string {
  const typeOf = (name: string): string => {
    if (["between", "in", "notIn"].includes(name)) return `[${scalar}]`;
    if (name === "attributeExists") return "Boolean";
    return name === "size" ? "ModelSizeInput" : scalar;
  };
  return `input ${input} { ${names.map((name) => `${name}: ${typeOf(name)}`).join(" ")} }`;
}

function modelTypes(name: string, { fields }: ModelDefinition): string {
  const all = Object.entries(fields).map(([field, { type }]) => ({ field, type }));
  const own = all.filter(({ field }) => field !== "id");
  const write = (list: readonly { field: string; type: string }[]) =>
    list.map(({ field, type }) => `${field}: ${type}`).join(" ");
  const optional = own.map(({ field, type }) => ({ field, type: type.replace(/!$/, "") }));
  const compared = (list: typeof all, prefix = "Model") =>
    list.map(({ field, type }) => `${field}: ${prefix}${type.replaceAll(/[[\]!]/g, "")}Input`).join(" ");
  const logic = (input: string) => `and: [${input}] or: [${input}] not: ${input}`;
  return `
type ${name} { ${write(all)} }
type Model${name}Connection { items: [${name}]! nextToken: String }
input Model${name}FilterInput { ${compared(all)} ${logic(`Model${name}FilterInput`)} }
input Model${name}ConditionInput { ${compared(own)} ${logic(`Model${name}ConditionInput`)} }
input ModelSubscription${name}FilterInput { ${compared(all, "ModelSubscription")} and: [ModelSubscription${name}FilterInput] or: [ModelSubscription${name}FilterInput] }
input Create${name}Input { id: ID ${write(own)} }
input Update${name}Input { id: ID! ${write(optional)} }
input Delete${name}Input { id: ID! }`;
}

function queries(name: string): string {
  return `
get${name}(id: ID!): ${name}
${listName(name)}(filter: Model${name}FilterInput, limit: Int, nextToken: String): Model${name}Connection`;
}

function mutations(name: string): string {
  return ["Create", "Update", "Delete"]
    .map(
      (verb) =>
        `${verb.toLowerCase()}${name}(input: ${verb}${name}Input!, condition: Model${name}ConditionInput): ${name}`,
    )
    .join("\n");
}

function subscriptions([name, { rules = [], fields }]: readonly [string, ModelDefinition]): string {
  const owners = rules.flatMap((rule) => (rule.allow === "owner" ? [rule.ownerField ?? "owner"] : []));
  const selected = [...new Set(owners)].filter((field) => Object.hasOwn(fields, field));
  const args = [
    `filter: ModelSubscription${name}FilterInput`,
    ...selected.map((field) => `${field}: String`),
  ];
  return ["Create", "Update", "Delete"]
    .map((verb) => `on${verb}${name}(${args.join(", ")}): ${name}`)
    .join("\n");
}
