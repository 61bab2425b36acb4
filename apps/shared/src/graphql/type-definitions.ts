import type { ModelDefinition, RuleSchema } from "@authmodes/rules";

// The operations that Amplify's transformer generates for the models, so that documents of its clients run.
// Source: AWS Amplify documentation, "GraphQL transformer: model", queries and mutations that `@model` generates; "Set up
// real-time data".

const ofTexts = "ne eq le lt ge gt contains notContains between beginsWith";
const ofNumbers = "ne eq le lt ge gt between";
const comparisons: Readonly<Record<string, string>> = {
  String: ofTexts,
  ID: ofTexts,
  Int: ofNumbers,
  Float: ofNumbers,
};

/** Returns the SDL of all models, their inputs, queries, mutations and subscriptions. */
export function typeDefinitions({ models }: RuleSchema): string {
  const entries = Object.entries(models);
  // As the rules are at the start: rules that change while the shop runs can only close these.
  const live = entries.filter(([, { subscriptions }]) => subscriptions !== "off");
  return [
    ...comparisonInputs(
      "Model",
      (operators) => `${operators} attributeExists${operators === ofTexts ? " size" : ""}`,
    ),
    // Filters of events have other operators than those of lists.
    ...comparisonInputs("ModelSubscription", (operators) => `${operators} in notIn`),
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

/** @param extend adds the operators that are not for all filters */
function comparisonInputs(prefix: string, extend: (operators: string) => string): readonly string[] {
  return Object.entries(comparisons).map(([scalar, operators]) => {
    const fields = extend(operators)
      .split(" ")
      .map((name) => `${name}: ${operandOf(name, scalar)}`);
    return `input ${prefix}${scalar}Input { ${fields.join(" ")} }`;
  });
}

function operandOf(operator: string, scalar: string): string {
  if (["between", "in", "notIn"].includes(operator)) return `[${scalar}]`;
  if (operator === "attributeExists") return "Boolean";
  return operator === "size" ? "ModelSizeInput" : scalar;
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
