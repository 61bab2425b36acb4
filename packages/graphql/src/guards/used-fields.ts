import type { Policy, Values } from "@authmodes/rules";
import { fieldsOfType, isModel, typeOfField } from "../schema/rule-fields.ts";

// Which fields a client filters, sorts or aggregates by: a caller that may choose records by a field learns its values.
// Any key of an argument that is a field's name counts, wherever it is: and, or, not, some … are wrappings. So does a
// text that names fields, such as `orderBy: "price"`, unless it is a value that a field is compared with.

/** Fields that arguments name, of one type. */
export interface UsedFields {
  /** A model, or a type within one. */
  readonly type: string;
  /** Beyond a relation: the condition of the list does not hold for these records. */
  readonly isRelated: boolean;
  readonly fields: ReadonlySet<string>;
}

/** Where in the arguments: which type's fields are named there. */
interface Part {
  readonly type: string;
  readonly isRelated: boolean;
  /** What a field is compared with: texts are values. */
  readonly isValue: boolean;
  readonly value: unknown;
}

/** @param args by name; null is no condition */
export function fieldsUsed(policy: Policy, model: string, args: Values): readonly UsedFields[] {
  const found = new Map<string, UsedFields & { readonly fields: Set<string> }>();

  const add = (type: string, isRelated: boolean): Set<string> => {
    const key = `${type} ${isRelated}`;
    const entry = found.get(key) ?? { type, isRelated, fields: new Set() };
    found.set(key, entry);
    return entry.fields;
  };

  /** @param isCondition on what the field holds, as opposed to its name alone */
  const follow = (part: Part, path: string, isCondition: boolean): Part => {
    let { type, isRelated, isValue } = part;
    const names = path.split(".");
    for (const [i, name] of names.entries()) {
      if (!hasField(policy, type, name)) continue;
      add(type, isRelated).add(name);
      type = typeOfField(policy, type, name);
      const leadsToModel = isModel(policy, type);
      isRelated ||= leadsToModel;
      isValue = !leadsToModel;
      if (leadsToModel && (isCondition || i < names.length - 1)) add(type, isRelated);
    }
    return { ...part, type, isRelated, isValue };
  };

  /** `price`, `-price`, `title, price desc`, `shelf.code:asc`. */
  const readNames = (part: Part, text: string): void => {
    for (const one of text.split(",")) {
      const [, name] = /^\s*[+-]?([A-Za-z_][\w.]*)(?:[\s:]+(?:asc|desc))?\s*$/i.exec(one) ?? [];
      if (name !== undefined) follow(part, name, false);
    }
  };

  const given = Object.entries(args).filter(([, value]) => value !== null && value !== undefined);
  const all = { type: model, isRelated: false, isValue: false, value: Object.fromEntries(given) };
  // Without recursion: callers choose how deep an argument nests.
  const left: Part[] = [all];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const { value } = part;
    if (typeof value === "string" && !part.isValue) readNames(part, value);
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const isCondition = typeof inner === "object" && inner !== null;
      const below = Array.isArray(value) ? part : follow(part, key, isCondition);
      left.push({ ...below, value: inner });
      // Sorting and aggregates name their field, also below another: { field: "price", direction: "asc" }.
      for (const name of key === "field" ? [inner].flat() : [])
        if (typeof name === "string") readNames(part, name);
    }
  }
  return [...found.values()];
}

function hasField(policy: Policy, type: string, name: string): boolean {
  if (isModel(policy, type)) return policy.fields(type).has(name);
  return Object.hasOwn(fieldsOfType(policy, type) ?? {}, name);
}
