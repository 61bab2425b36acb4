import type { ModelAccess } from "./access.ts";
import { isFieldOpen } from "./plain-type.ts";
import type { Values } from "./types.ts";

// Keys of an input that are refused whichever role admits the caller.

/** Fields that a Lambda authorizer denied, and fields of nested types that the caller may not read. */
export function closedKeys(access: ModelAccess, input: Values): readonly string[] {
  const { caller, model, compiled } = access;
  const closed: string[] = [];
  if (caller.deniedFields.size > 0) {
    closed.push(...Object.keys(input).filter((key) => caller.deniedFields.has(`${model.name}.${key}`)));
  }
  if (compiled.types.size === 0 || compiled.options.compat.openNestedWrites) return closed;
  for (const [key, value] of Object.entries(input)) {
    const baseType = model.fields.get(key)?.baseType;
    if (baseType !== undefined) closed.push(...closedWithin(access, baseType, value, key));
  }
  return closed;
}

function closedWithin(
  access: ModelAccess,
  typeName: string,
  value: unknown,
  path: string,
): readonly string[] {
  const type = access.compiled.types.get(typeName);
  if (type === undefined || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((element) => closedWithin(access, typeName, element, path));
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const field = `${path}.${key}`;
    if (!isFieldOpen(access.caller, type, key)) return [field];
    const baseType = type.fields.get(key)?.baseType;
    return baseType === undefined ? [] : closedWithin(access, baseType, inner, field);
  });
}
