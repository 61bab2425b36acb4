import { isObject } from "../check/kinds.ts";
import type { PlainType } from "../compile/compile.ts";
import type { Values } from "../types.ts";
import { isFieldOpen } from "./decide-field.ts";
import type { ModelAccess } from "./model-access.ts";

// Keys of an input that are denied whichever role allows the write.

/**
 * Fields that an authorizer denied; owners and groups that are objects; and fields of embedded objects that the caller
 * may not read or the type does not have.
 */
export function closedKeys(access: ModelAccess, input: Values): readonly string[] {
  const { caller, compiled } = access;
  const closed: string[] = [];
  for (const key of Object.keys(input)) if (isClosedKey(access, key, input[key])) closed.push(key);
  if (compiled.types.size === 0 || compiled.options.compat.openNestedWrites === true) return closed;
  const within = pathsWithin(
    access,
    input,
    (type, key) => !type.fields.has(key) || !isFieldOpen(caller, type, key),
  );
  return [...closed, ...within];
}

function isClosedKey({ caller, model }: ModelAccess, key: string, value: unknown): boolean {
  if (isObject(value) && model.compared.has(key) && isOperator(value)) return true;
  return caller.deniedFields.size > 0 && caller.deniedFields.has(`${model.name}.${key}`);
}

/** Prisma writes "bob" for `{ owner: { set: "bob" } }`, but the rules would compare the object. */
function isOperator(value: object): boolean {
  return !Array.isArray(value) || value.some(isObject);
}

/** Whether null is written for the value. Prisma writes it for `{ set: null }` and `{ unset: true }` too. */
export function writesNull(value: unknown): boolean {
  return value === null || (isObject(value) && ("set" in value || "unset" in value));
}

type IsClosed = (type: PlainType, key: string) => boolean;

/** Deeper objects are denied, since visiting them could overflow the stack. */
const maxDepth = 32;

/** The denied fields of the embedded objects of an input, such as `address.street`. */
export function pathsWithin(
  { model, compiled }: ModelAccess,
  input: Values,
  isClosed: IsClosed,
): readonly string[] {
  const within = (typeName: string, value: unknown, path: string, depth: number): readonly string[] => {
    const type = compiled.types.get(typeName);
    if (type === undefined || typeof value !== "object" || value === null) return [];
    if (depth > maxDepth) return [path];
    if (Array.isArray(value)) {
      return value.flatMap((element) => within(typeName, element, path, depth + 1));
    }
    return Object.entries(value).flatMap(([key, inner]) => {
      const field = `${path}.${key}`;
      if (isClosed(type, key)) return [field];
      return within(type.fields.get(key)?.baseType ?? "", inner, field, depth + 1);
    });
  };
  return Object.entries(input).flatMap(([key, value]) =>
    within(model.fields.get(key)?.baseType ?? "", value, key, 0),
  );
}
