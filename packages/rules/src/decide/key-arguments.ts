import { type Entry, type Reach, Reached } from "./model-access.ts";
import { deny } from "./decision.ts";
import { argumentSentence } from "./sentences.ts";
import type { Condition, Denied, Values } from "../types.ts";

// A query that names somebody else in the key that it asks for is refused at once, where Amplify refuses it too. An
// argument only ever takes a role away: what remains is still filtered by the record, so that a store that does not
// use the key as it was asked to shows nothing more.

/** The roles that remain for the key that is asked for; a denial where none does. */
export function narrowByKey(reach: Reach, args: Values | undefined): Reach | Denied {
  if (args === undefined || reach.entries[0]?.test === undefined) return reach;
  const { model, caller } = reach.access;
  const key = keyFields(model.key, model.definition.indexes ?? [], args);
  const remaining = reach.entries.filter((entry) => foreignKey(entry, key, args) === undefined);
  if (remaining.length === reach.entries.length) return reach;
  if (remaining.length > 0) return new Reached(reach.access, reach.operation, reach.roles, remaining);
  const field = reach.entries.map((entry) => foreignKey(entry, key, args)).find((name) => name !== undefined);
  const sentence = argumentSentence(model, field ?? "", args[field ?? ""], caller);
  return deny("owner-key-argument-mismatch", sentence);
}

/** The fields of the index that the arguments name, else of the primary key. */
function keyFields(
  primary: readonly string[],
  indexes: readonly { readonly name: string; readonly fields: readonly string[] }[],
  args: Values,
): readonly string[] {
  const { index } = args;
  if (index === undefined || index === null) return primary;
  return indexes.find(({ name }) => name === index)?.fields ?? [];
}

/** The key field in which the arguments ask for somebody else than the role is about. */
function foreignKey(entry: Entry, key: readonly string[], args: Values): string | undefined {
  return texts(entry.condition).find(
    ({ field, anyOf }) => key.includes(field) && !asksFor(anyOf, args[field]),
  )?.field;
}

/** What has to hold in any case, of fields that hold one text. */
function texts(condition: Condition): readonly Extract<Condition, { kind: "equals" }>[] {
  if (condition.kind === "equals") return [condition];
  return condition.kind === "and" ? condition.all.flatMap(texts) : [];
}

/** Arguments that are absent, or other than an equality, are left to the filter. */
function asksFor(anyOf: readonly string[], argument: unknown): boolean {
  if (argument === undefined || argument === null) return true;
  if (typeof argument === "string") return anyOf.includes(argument);
  if (typeof argument !== "object" || !("eq" in argument)) return true;
  const values: readonly unknown[] = Array.isArray(argument.eq) ? argument.eq : [argument.eq];
  return values.every((value) => typeof value === "string" && anyOf.includes(value));
}
