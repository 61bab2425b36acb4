import type { Condition, Denied, Values } from "../types.ts";
import { deny } from "./decision.ts";
import { type HeldRole, OperationAccess } from "./operation-access.ts";
import { argumentSentence } from "./sentences.ts";

// A query that names somebody else in the key that it asks for is refused at once, where Amplify refuses it too. An
// argument only ever takes a role away: what remains is still filtered by the record, so that a store that does not
// use the key as it was asked to shows nothing more.

/** The access with the roles that remain for the key that is asked for; a denial if none does. */
export function narrowByKey(granted: OperationAccess, args: Values | undefined): OperationAccess | Denied {
  const { access, operation, roles, held } = granted;
  if (args === undefined || held[0]?.test === undefined) return granted;
  const { model, caller } = access;
  const key = keyFields(model.key, model.definition.indexes ?? [], args);
  const foreign = held.map((one) => foreignKey(one, key, args));
  const remaining = held.filter((_, i) => foreign[i] === undefined);
  if (remaining.length === held.length) return granted;
  if (remaining.length > 0) return new OperationAccess(access, operation, roles, remaining);
  const field = foreign[0] ?? "";
  return deny("owner-key-argument-mismatch", argumentSentence(model, field, args[field], caller));
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
function foreignKey({ condition }: HeldRole, key: readonly string[], args: Values): string | undefined {
  return texts(condition).find(({ field, anyOf }) => key.includes(field) && !asksFor(anyOf, args[field]))
    ?.field;
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
