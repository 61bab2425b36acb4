import type { Policy, Values } from "@authmodes/rules";
import { fieldsOfType, isModel, typeOfField } from "../schema/rule-fields.ts";

// Finds the fields that arguments filter, sort or aggregate by, since that reveals their values. Each key that is the name of
// a field counts, at any depth, below `and`, `or`, `not`, `some` and so on. So does a text that names fields, such as
// `orderBy: "price"`, unless it is a value that a field is compared with.

/** The fields of one type that arguments name. */
export interface UsedFields {
  /** A model, or a nested type. */
  readonly type: string;
  /** Whether it is behind a relation, to whose records the filter of the list does not apply. */
  readonly isRelated: boolean;
  readonly fields: ReadonlySet<string>;
}

/** A part of the arguments, with the type whose fields it names. */
interface Part {
  readonly type: string;
  readonly isRelated: boolean;
  /** Whether it is what a field is compared with, so that texts are values. */
  readonly isValue: boolean;
  readonly value: unknown;
}

/** @param args the arguments by name; null ones are ignored */
export function fieldsUsed(policy: Policy, model: string, args: Values): readonly UsedFields[] {
  const found = new Map<string, UsedFields & { readonly fields: Set<string> }>();

  const add = (type: string, isRelated: boolean): Set<string> => {
    const key = `${type} ${isRelated}`;
    const entry = found.get(key) ?? { type, isRelated, fields: new Set() };
    found.set(key, entry);
    return entry.fields;
  };

  /** @param isCondition whether it is a condition on the field's value, not only its name */
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
  // Without recursion, since callers choose how deep arguments are.
  const left: Part[] = [all];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const { value } = part;
    if (typeof value === "string" && !part.isValue) readNames(part, value);
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const isCondition = typeof inner === "object" && inner !== null;
      const below = Array.isArray(value) ? part : follow(part, key, isCondition);
      left.push({ ...below, value: inner });
      // Sorting and aggregates name their field: { field: "price", direction: "asc" }.
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
