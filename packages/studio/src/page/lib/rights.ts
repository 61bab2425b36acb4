import { diffPolicies, type MatrixDiff, type Policy, type Right } from "@authmodes/rules";
import { columns, readOperations, rolesOf, rolesOfModel } from "./words.ts";

// What changes between two policies, for people.

const sandboxRole = "apiKey:sandbox";

/** What somebody may do now and might not before, and the other way round; of the types that differ alone. */
export function difference(before: Policy, after: Policy): MatrixDiff {
  const diffs = changedTypes(before, after).map((type) => diffPolicies(before, after, type));
  return {
    widened: diffs.flatMap(({ widened }) => widened),
    narrowed: diffs.flatMap(({ narrowed }) => narrowed),
  };
}

/** Many models stay as they are: comparing all rights of all of them would take its time with each key. */
export function changedTypes(before: Policy, after: Policy): readonly string[] {
  const typesOf = ({ schema: { models, types } }: Policy): Readonly<Record<string, object>> => ({
    ...models,
    ...types,
  });
  const [old, now] = [typesOf(before), typesOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const isSandboxed =
    before.schema.sandbox !== after.schema.sandbox || before.providers[0] !== after.providers[0];
  return names.filter((name) => isSandboxed || textOf(own(old, name)) !== textOf(own(now, name)));
}

const texts = new WeakMap<object, string>();

function textOf(definition: object | undefined): string {
  if (definition === undefined) return "";
  const text = texts.get(definition) ?? JSON.stringify(definition);
  texts.set(definition, text);
  return text;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A sentence about rights of one kind. */
export interface Change {
  readonly model: string;
  readonly who: string;
  /** "create, read" */
  readonly operations: string;
  readonly fields: readonly string[];
}

/** Rights put together: a sentence for all fields with which a role may do the same. */
export function changesOf(rights: readonly Right[], policies: readonly Policy[]): readonly Change[] {
  const byField = group(rights, ({ model, role, field }) => [model, role, field]);
  const fields = byField.map((some) => ({ right: some[0], operations: operationsOf(some) }));
  return group(fields, ({ right, operations }) => [right.model, right.role, operations]).map((some) => {
    const [{ right, operations }] = some;
    const who = whoOf(right, policies);
    return { model: right.model, who, operations, fields: some.map(({ right: { field } }) => field) };
  });
}

function whoOf({ model, role, field }: Right, policies: readonly Policy[]): string {
  if (role === sandboxRole) return "Anyone with an API key (sandbox)";
  for (const { schema } of policies) {
    const definition = own(schema.models, model);
    const found = definition === undefined ? undefined : rolesOfModel(definition).get(role);
    if (found !== undefined) return found.long;
    const rules = own(schema.types ?? {}, model)?.fields[field]?.rules ?? [];
    const named = rules.flatMap(rolesOf).find(({ name }) => name === role);
    if (named !== undefined) return named.long;
  }
  return role.slice(0, 1).toUpperCase() + role.slice(1);
}

/** `read` stands for all kinds of reading. */
function operationsOf(rights: readonly Right[]): string {
  const granted = new Set<string>(rights.map(({ operation }) => operation));
  const reads = readOperations.filter((operation) => granted.has(operation));
  if (reads.length === readOperations.length) granted.add("read");
  return columns
    .flatMap((column) => (granted.has(column) ? [column] : column === "read" ? reads : []))
    .join(", ");
}

type NonEmpty<T> = readonly [T, ...T[]];

function group<T>(items: readonly T[], keyOf: (item: T) => readonly string[]): readonly NonEmpty<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    const some = groups.get(key);
    if (some === undefined) groups.set(key, [item]);
    else some.push(item);
  }
  return [...groups.values()];
}
