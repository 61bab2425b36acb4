import type { Right } from "./diff.ts";
import { readOperations } from "./operations.ts";
import type { Operation } from "./types.ts";

/** What a role may do alike with some fields of a model. */
export interface RightsGroup {
  readonly model: string;
  readonly role: string;
  /** `create, read`, where `read` is all kinds of reading. */
  readonly operations: string;
  readonly fields: readonly string[];
}

/** The fields together with which a role may do the same. */
export function groupRights(rights: readonly Right[]): readonly RightsGroup[] {
  const byField = groupBy(rights, ({ model, role, field }) => [model, role, field]);
  const fields = byField.map((group) => ({ ...group[0], operations: wordsOf(group) }));
  return groupBy(fields, ({ model, role, operations }) => [model, role, operations]).map((group) => {
    const [{ model, role, operations }] = group;
    return { model, role, operations, fields: group.map(({ field }) => field) };
  });
}

/**
 * Rights as sentences, such as `Post: apiKey:public may create, read title, body`.
 * @param may what they mean: `may`, `may no longer`
 */
export function describeRights(rights: readonly Right[], may: string): readonly string[] {
  return groupRights(rights).map(
    ({ model, role, operations, fields }) => `${model}: ${role} ${may} ${operations} ${fields.join(", ")}`,
  );
}

/** `read` stands for all kinds of reading. */
function wordsOf(rights: readonly Right[]): string {
  const granted = new Set<Operation>(rights.map(({ operation }) => operation));
  const reads = readOperations.filter((operation) => granted.has(operation));
  const isRead = reads.length === readOperations.length;
  const has = (operation: Operation): readonly string[] => (granted.has(operation) ? [operation] : []);
  return [...has("create"), ...(isRead ? ["read"] : reads), ...has("update"), ...has("delete")].join(", ");
}

type NonEmpty<T> = readonly [T, ...T[]];

function groupBy<T>(items: readonly T[], keyOf: (item: T) => readonly string[]): readonly NonEmpty<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
