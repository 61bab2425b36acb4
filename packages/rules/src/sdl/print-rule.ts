import { ruleArguments } from "../compile/words.ts";
import type { AuthRule, RuleCondition } from "../types.ts";

// Rules as SDL text.

/** Arguments with enum values; other text is quoted. */
const words: ReadonlySet<string> = new Set(["allow", "provider", "operations"]);

/**
 * Prints a rule as SDL, on one line.
 * @example
 * import { printRule } from "@authmodes/rules/sdl";
 * export const text = printRule({ allow: "owner", operations: ["read"] }); // { allow: owner, operations: [read] }
 */
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
  // GraphQL knows all escapes of JSON.
  return words.has(name) || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

/** A key that equal rules have in common, however they are written. */
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
