import type { ModelDefinition, Values } from "@authmodes/rules";
import { HttpError } from "../http/http-error.ts";

/**
 * Checks the values of a new record.
 * @throws HttpError 400
 */
export function checkNew(input: Values, definition: ModelDefinition): void {
  checkChange(input, definition);
  for (const [name, { type }] of Object.entries(definition.fields)) {
    if (name !== "id" && type.endsWith("!") && input[name] === undefined) {
      throw new HttpError(400, `${name} is missing`);
    }
  }
}

/**
 * Checks the new values of a record.
 * @throws HttpError 400
 */
export function checkChange(input: Values, { fields }: ModelDefinition): void {
  for (const [name, value] of Object.entries(input)) {
    const type = Object.hasOwn(fields, name) ? fields[name]?.type : undefined;
    if (type === undefined) throw new HttpError(400, `There is no field ${JSON.stringify(name)}`);
    if (name === "id") throw new HttpError(400, "id is chosen by the shop");
    if (!fits(value, type)) throw new HttpError(400, `${name} has to be ${type}`);
  }
}

/** @param type as GraphQL writes it */
function fits(value: unknown, type: string): boolean {
  if (type.endsWith("!")) return value !== null && fits(value, type.slice(0, -1));
  if (value === null) return true;
  if (type.startsWith("[")) {
    return Array.isArray(value) && value.every((item) => fits(item, type.slice(1, -1)));
  }
  return scalars[type]?.(value) === true;
}

// PostgreSQL stores no text with NUL.
const isText = (value: unknown) => typeof value === "string" && !value.includes("\0");

const scalars: Readonly<Record<string, (value: unknown) => boolean>> = {
  ID: isText,
  String: isText,
  Float: Number.isFinite,
  Int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
};
