import { ruleArguments } from "../compile/words.ts";
import type { AuthRule, RuleCondition } from "../types.ts";

// Rules as text, spelt as the formatter of this repository spells them.

/** These are words of GraphQL; other text stands in quotes. */
const words: ReadonlySet<string> = new Set(["allow", "provider", "operations"]);

/** `{ allow: owner, operations: [read] }`, on one line. */
export function printRule(rule: AuthRule | RuleCondition): string {
  const given = new Map(Object.entries(rule).filter(([, value]) => value !== undefined));
  const parts = ruleArguments
    .filter((name) => given.has(name))
    .map((name) => `${name}: ${printValue(name, given.get(name))}`);
  return `{ ${parts.join(", ")} }`;
}

function printValue(name: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((element) => printValue(name, element)).join(", ")}]`;
  if (typeof value === "object" && value !== null) return printRule(value as RuleCondition);
  // JSON's escapes are among GraphQL's.
  return words.has(name) || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

/** Two rules that say the same have the same key, however they are spelt. */
export function ruleKey(rule: unknown): string {
  return JSON.stringify(sorted(rule));
}

const lists: ReadonlySet<string> = new Set(["groups", "operations", "allOf"]);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => [name, sorted(lists.has(name) && !Array.isArray(part) ? [part] : part)]);
}
