import { isObject } from "../check/kinds.ts";
import type { PlainType } from "../compile/compile.ts";
import { displayedOwner, type Field, type Model } from "../compile/model.ts";
import type { Values } from "../types.ts";
import { isFieldOpen } from "./decide-field.ts";
import type { ModelAccess } from "./model-access.ts";

// Records as a caller may see them. Keys that are no field of the model are left out: nobody was given a right to
// them. Records of other models within a record follow the rules of their own model.

/** A record that is read: fields that the caller may not read are null, all of them where the record is not readable. */
export function mask(access: ModelAccess, record: Values): Values {
  const isReadable = access.reads(record);
  return copy(access, record, (field) => isReadable && isShown(access, field, record));
}

/** The answer to a write, see `nullFieldsAfterWrite`. */
export function maskWritten(access: ModelAccess, record: Values): Values {
  return copy(access, record, (field) => isAnswered(access, field, record));
}

/**
 * The fields that the answer to a write leaves null. Being allowed to write is enough to see what no rule guards
 * from anybody. A guarded field follows its rules; but where subscribers are sent the answer too (subscriptions `on`)
 * it is null for everybody, and so is a relation to a model with other roles.
 */
export function nullFieldsAfterWrite(access: ModelAccess, record: Values): readonly string[] {
  const fields = [...access.model.fields.keys()].filter((field) => !isAnswered(access, field, record));
  const within = access.hidden().always.filter((path) => path.includes("."));
  return [...fields, ...within.filter((path) => !fields.some((field) => path.startsWith(`${field}.`)))];
}

function isShown(access: ModelAccess, field: string, record: Values): boolean {
  const visibility = access.visibility(field);
  return visibility === "shown" || (visibility !== "hidden" && visibility(record));
}

function isAnswered(access: ModelAccess, name: string, record: Values): boolean {
  const { model } = access;
  const field = model.fields.get(name);
  if (model.subscriptions !== "on" || field === undefined) return isShown(access, name, record);
  return !field.guarded && !isRedacted(access, field) && isShown(access, name, record);
}

/** Amplify redacts relations that may be null, to models whose roles are not the same. */
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
  for (const key of Object.keys(record)) {
    if (!access.model.known.has(key)) continue;
    seen[key] = isVisible(key) ? within(access, key, record[key]) : null;
  }
  return seen;
}

/** What a visible field holds: plain values as they are, nested types and related records by their own rules. */
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

/** The record with owners as clients are shown them: of `sub::username` the last part. */
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

/** The fields, as the schema writes them, that the caller may read: of this record, or of every record. */
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
