import type { Finding, ModelDefinition, RuleSchema, TypeDefinition } from "../types.ts";
import { finding } from "./finding.ts";

const nameShape = /^[A-Za-z_]\w*$/;

/** Whether it is a schema at all: JSON may come from anywhere. */
export function validateShape(schema: RuleSchema): readonly Finding[] {
  const root = { code: "schema-shape", mend: "write { models: { Post: { rules: […], fields: {…} } } }" };
  if (!isObject(schema) || !isObject(schema.models)) {
    return [{ ...root, level: "error", message: "a schema is an object with models" }];
  }
  const types = schema.types ?? {};
  if (!isObject(types)) return [{ ...root, level: "error", message: "types is an object" }];
  return [...Object.entries(schema.models), ...Object.entries(types)].flatMap(([model, definition]) =>
    shapeOfType(model, definition),
  );
}

function shapeOfType(model: string, definition: ModelDefinition | TypeDefinition): readonly Finding[] {
  const wrong = (message: string, mend: string, field?: string): Finding =>
    finding({ model, ...(field !== undefined && { field }) }, { code: "schema-shape", message, mend });
  if (!isName(model)) return [wrong(`'${model}' is not a name`, "use letters, digits and _")];
  if (!isObject(definition) || !isObject(definition.fields)) {
    return [wrong("it has no fields", "write fields: { title: { type: 'String' } }")];
  }
  const found: Finding[] = [];
  for (const [field, fieldDefinition] of Object.entries(definition.fields)) {
    const type = isObject(fieldDefinition) ? fieldDefinition.type : undefined;
    if (!isName(field)) found.push(wrong(`'${field}' is not a name`, "use letters, digits and _", field));
    if (typeof type !== "string" || type === "") {
      found.push(wrong("it has no type", "write type: 'String', as GraphQL writes types", field));
    }
  }
  const level = "subscriptions" in definition ? definition.subscriptions : undefined;
  if (level !== undefined && !["on", "public", "off"].includes(level)) {
    found.push(wrong("subscriptions is 'on', 'public' or 'off'", "write subscriptions: 'off'"));
  }
  return found;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(name: string): boolean {
  return nameShape.test(name) && name !== "__proto__";
}
