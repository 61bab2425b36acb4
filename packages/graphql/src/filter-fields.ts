import type { Policy } from "@authmodes/rules";
import { getNamedType, type GraphQLArgument, isEnumType } from "graphql";

// Which fields a client filters, sorts or aggregates by: whoever may choose records by a field learns its values.
// Any key of an argument that is a field's name counts, wherever it stands: and, or, not, some … are but wrappings.

/** Fields by the type that has them: a model, or a type within one. */
export type UsedFields = ReadonlyMap<string, ReadonlySet<string>>;

type Args = Readonly<Record<string, unknown>>;

export function fieldsUsed(
  policy: Policy,
  model: string,
  args: Args,
  definitions: readonly GraphQLArgument[],
): UsedFields {
  const used = new Map<string, Set<string>>();
  const add = (type: string, field: string): void => {
    used.set(type, (used.get(type) ?? new Set()).add(field));
  };
  for (const { name, type } of definitions) {
    const value = args[name];
    if (value === undefined || value === null) continue;
    if (policy.fields(model).has(name)) add(model, name);
    const isFieldName = isEnumType(getNamedType(type));
    walk(policy, model, isFieldName ? { field: value } : value, add);
  }
  return used;
}

/** Without recursion: callers choose how deep an argument nests. */
function walk(
  policy: Policy,
  model: string,
  given: unknown,
  add: (type: string, field: string) => void,
): void {
  const left: (readonly [type: string, value: unknown])[] = [[model, given]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [type, value] = next;
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      for (const element of value as readonly unknown[]) left.push([type, element]);
      continue;
    }
    const known = fieldsOf(policy, type);
    for (const [key, inner] of Object.entries(value)) {
      if (known.has(key)) add(type, key);
      // Sorting and aggregates name their field: { field: "price", direction: "asc" }.
      const names: readonly unknown[] = key === "field" ? [inner].flat() : [];
      for (const name of names) if (typeof name === "string" && known.has(name)) add(type, name);
      left.push([known.has(key) ? typeWithin(policy, type, key) : type, inner]);
    }
  }
}

const nothing: ReadonlySet<string> = new Set();

function fieldsOf(policy: Policy, type: string): ReadonlySet<string> {
  const { schema } = policy;
  if (Object.hasOwn(schema.models, type)) return policy.fields(type);
  const plain =
    schema.types !== undefined && Object.hasOwn(schema.types, type) ? schema.types[type] : undefined;
  return plain === undefined ? nothing : new Set(Object.keys(plain.fields));
}

/** The type that a field leads to in the rules, without list and non-null signs; empty if they know no such field. */
export function typeWithin({ schema }: Policy, type: string, field: string): string {
  const fields = (schema.models[type] ?? schema.types?.[type])?.fields ?? {};
  return (Object.hasOwn(fields, field) ? (fields[field]?.type ?? "") : "").replaceAll(/[[\]!\s]/g, "");
}
