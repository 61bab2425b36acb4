import { isObject } from "../check/kinds.ts";
import type { PlainType } from "../compile/compile.ts";
import { displayedOwner, type Field, type Model } from "../compile/model.ts";
import type { Values } from "../types.ts";
import { isFieldOpen } from "./decide-field.ts";
import type { ModelAccess } from "./model-access.ts";

// Records as a caller may see them. Keys that are not fields of the model are dropped, since no rule covers them. Related
// records are masked by the rules of their own model.

/** Masks a record that is read: fields that the caller may not read are null, or all if the record is not readable. */
export function mask(access: ModelAccess, record: Values): Values {
  const isReadable = access.reads(record);
  return copy(access, record, (field) => isReadable && isShown(access, field, record));
}

/** Masks the answer to a write: like a read, but of a record that the caller may write and need not be able to read. */
export function maskWritten(access: ModelAccess, record: Values): Values {
  return copy(access, record, (field) => isShown(access, field, record));
}

/**
 * The fields that are null in the answer to a write. A caller that may write the record sees the fields that every reader
 * sees. A guarded field follows its rules. If subscribers receive the answer as it is, guarded fields are null for all, and
 * so are relations to models with other roles.
 */
export function nullFieldsAfterWrite(
  access: ModelAccess,
  record: Values,
  isPublished: boolean,
): readonly string[] {
  const isAnswered = isPublished && access.model.subscriptions === "on" ? isPublic : isShown;
  const fields = [...access.model.fields.keys()].filter((field) => !isAnswered(access, field, record));
  const within = access.hidden().always.filter((path) => path.includes("."));
  return [...fields, ...within.filter((path) => !fields.some((field) => path.startsWith(`${field}.`)))];
}

function isShown(access: ModelAccess, field: string, record: Values): boolean {
  const visibility = access.visibility(field);
  return visibility === "shown" || (visibility !== "hidden" && visibility(record));
}

/** Whether the field may be shown to every subscriber, as far as Amplify knows. */
function isPublic(access: ModelAccess, name: string, record: Values): boolean {
  const field = access.model.fields.get(name);
  const isRestricted = field !== undefined && (field.guarded || isRedacted(access, field));
  return !isRestricted && isShown(access, name, record);
}

/** Amplify sets nullable relations to models with other roles to null. */
function isRedacted({ model, to }: ModelAccess, field: Field): boolean {
  if (field.related === undefined || field.required) return false;
  const related = to(field.related)?.model;
  return related !== undefined && roleNames(model) !== roleNames(related);
}

function roleNames({ roles }: Model): string {
  return roles
    .map((role) => role.name)
    .toSorted()
    .join(" ");
}

function copy(access: ModelAccess, record: Values, isVisible: (field: string) => boolean): Values {
  const seen: Record<string, unknown> = {};
  for (const key of keysOf(access.model, record)) {
    if (!access.model.known.has(key)) continue;
    seen[key] = isVisible(key) ? within(access, key, record[key]) : null;
  }
  return seen;
}

/** The documents of Mongoose and the instances of Sequelize have their fields as getters of their class. */
function keysOf({ known }: Model, record: Values): readonly string[] {
  const own = Object.keys(record);
  const parent: unknown = Object.getPrototypeOf(record);
  if (parent === Object.prototype || parent === null) return own;
  const inherited = [...known].filter((key) => !Object.hasOwn(record, key) && isGetter(record, key));
  return [...own, ...inherited];
}

function isGetter(record: object, key: string): boolean {
  let at: unknown = record;
  while (isObject(at) && !Object.hasOwn(at, key)) at = Object.getPrototypeOf(at);
  return isObject(at) && Object.getOwnPropertyDescriptor(at, key)?.get !== undefined && key !== "__proto__";
}

/** Masks the value of a visible field: nested types and related records by their own rules. */
function within(access: ModelAccess, key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const field = access.model.fields.get(key);
  if (field === undefined) return value;
  if (field.related !== undefined) return relatedRecords(access.to(field.related), value);
  const type = access.compiled.types.get(field.baseType);
  return type === undefined ? value : nested(access, type, value);
}

function relatedRecords(access: ModelAccess | undefined, value: object): unknown {
  if (access === undefined) return null;
  const see = (record: Values): Values | null => (access.reads(record) ? mask(access, record) : null);
  if (!Array.isArray(value)) return see(value as Values);
  return (value as readonly unknown[])
    .map((item) => (isObject(item) ? see(item as Values) : null))
    .filter((item) => item !== null);
}

function nested(access: ModelAccess, type: PlainType, value: object): unknown {
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((item) => (isObject(item) ? nested(access, type, item) : item));
  }
  const seen: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const field = type.fields.get(key);
    if (field === undefined) continue;
    const innerType = access.compiled.types.get(field.baseType);
    if (!isFieldOpen(access.caller, type, key)) seen[key] = null;
    else seen[key] = innerType !== undefined && isObject(inner) ? nested(access, innerType, inner) : inner;
  }
  return seen;
}

/** The record with owners as clients see them: the last part of `sub::username`. */
export function withDisplayedOwners(model: Model, record: Values): Values {
  const shown: Record<string, unknown> = { ...record };
  const display = (owner: unknown): unknown => (typeof owner === "string" ? displayedOwner(owner) : owner);
  for (const { name, joined } of model.ownerFields.values()) {
    const value = record[name];
    if (!joined || value === undefined) continue;
    shown[name] = Array.isArray(value) ? (value as readonly unknown[]).map(display) : display(value);
  }
  return shown;
}

/** The fields of the schema that the caller may read on this record, or on every record. */
export function readableFields(access: ModelAccess, record: Values | undefined): readonly string[] {
  const names = [...access.model.fields.keys()];
  if (access.bypass !== undefined) return names;
  const isReadable =
    record === undefined ? access.anyReading().some(({ test }) => test === undefined) : access.reads(record);
  if (!isReadable) return [];
  return names.filter((name) =>
    record === undefined ? access.visibility(name) === "shown" : isShown(access, name, record),
  );
}
