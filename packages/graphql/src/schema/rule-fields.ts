import type { ListOperation, Operation, Policy, TypeDefinition } from "@authmodes/rules";

// Models, operations and fields as the rules define them.

/** An own member of an object; names from a request must not reach inherited ones. */
export function own<T>(object: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function isModel({ schema }: Policy, type: string): boolean {
  return Object.hasOwn(schema.models, type);
}

export function isListing(operation: Operation): operation is ListOperation {
  return operation === "list" || operation === "search" || operation === "sync";
}

/** The fields of a type that is not a model; undefined if the rules do not have the type. */
export function fieldsOfType({ schema }: Policy, type: string): TypeDefinition["fields"] | undefined {
  return own(schema.types, type)?.fields;
}

/** The type of a field without brackets and `!`; empty if the rules do not have the field. */
export function typeOfField(policy: Policy, type: string, field: string): string {
  const fields = own(policy.schema.models, type)?.fields ?? fieldsOfType(policy, type);
  return (own(fields, field)?.type ?? "").replaceAll(/[[\]!\s]/g, "");
}

/** The fields of a model's primary key. */
export function keyOf({ schema }: Policy, model: string): readonly string[] {
  const { key, fields = {} } = schema.models[model] ?? {};
  if (key !== undefined) return key;
  const marked = Object.keys(fields).filter((name) => fields[name]?.primaryKey === true);
  return marked.length === 0 ? ["id"] : marked;
}
