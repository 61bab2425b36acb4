import { readOperations } from "../compile/operations.ts";
import type { Operation } from "../types.ts";
import type { Right } from "./diff.ts";

/**
 * Rights as sentences, such as `Post: apiKey:public may create, read title, body`.
 * @param may what they mean: `may`, `may no longer`
 */
export function describeRights(rights: readonly Right[], may: string): readonly string[] {
  const byField = groupBy(rights, ({ model, role, field }) => [model, role, field]);
  const fields = byField.map((group) => ({ ...group[0], granted: wordsOf(group) }));
  return groupBy(fields, ({ model, role, granted }) => [model, role, granted]).map((group) => {
    const [{ model, role, granted }] = group;
    return `${model}: ${role} ${may} ${granted} ${group.map(({ field }) => field).join(", ")}`;
  });
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
