import type { ModelDefinition, RuleSchema } from "@authmodes/rules";

// The operations that Amplify's transformer generates for the models, so that documents of its clients run.
// Source: AWS Amplify documentation, "GraphQL transformer: model", queries and mutations that `@model` generates.

const comparisons: Readonly<Record<string, string>> = {
  String: "ne eq le lt ge gt contains notContains between beginsWith attributeExists size",
  ID: "ne eq le lt ge gt contains notContains between beginsWith attributeExists size",
  Int: "ne eq le lt ge gt between attributeExists",
  Float: "ne eq le lt ge gt between attributeExists",
};

/** Returns the SDL of all models, their inputs, queries and mutations. */
export function typeDefinitions({ models }: RuleSchema): string {
  const entries = Object.entries(models);
  return [
    ...Object.entries(comparisons).map(([scalar, names]) => comparisonInput(scalar, names.split(" "))),
    "input ModelSizeInput { ne: Int eq: Int le: Int lt: Int ge: Int gt: Int between: [Int] }",
    ...entries.map(([name, model]) => modelTypes(name, model)),
    `type Query { ${entries.map(([name]) => queries(name)).join("\n")} }`,
    `type Mutation { ${entries.map(([name]) => mutations(name)).join("\n")} }`,
  ].join("\n");
}

/** Returns the field of `Query` that lists a model. */
export function listName(model: string): string {
  return `list${model}s`;
}

function comparisonInput(scalar: string, names: readonly string[]): string {
  const typeOf = (name: string): string => {
    if (name === "between") return `[${scalar}]`;
    if (name === "attributeExists") return "Boolean";
    return name === "size" ? "ModelSizeInput" : scalar;
  };
  return `input Model${scalar}Input { ${names.map((name) => `${name}: ${typeOf(name)}`).join(" ")} }`;
}

function modelTypes(name: string, { fields }: ModelDefinition): string {
  const all = Object.entries(fields).map(([field, { type }]) => ({ field, type }));
  const own = all.filter(({ field }) => field !== "id");
  const write = (list: readonly { field: string; type: string }[]) =>
    list.map(({ field, type }) => `${field}: ${type}`).join(" ");
  const optional = own.map(({ field, type }) => ({ field, type: type.replace(/!$/, "") }));
  const compared = (list: typeof all) =>
    list.map(({ field, type }) => `${field}: Model${type.replaceAll(/[[\]!]/g, "")}Input`).join(" ");
  const logic = (input: string) => `and: [${input}] or: [${input}] not: ${input}`;
  return `
type ${name} { ${write(all)} }
type Model${name}Connection { items: [${name}]! nextToken: String }
input Model${name}FilterInput { ${compared(all)} ${logic(`Model${name}FilterInput`)} }
input Model${name}ConditionInput { ${compared(own)} ${logic(`Model${name}ConditionInput`)} }
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
