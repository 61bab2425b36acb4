import { must } from "@authmodes/core/options";
import { isText } from "../check/kinds.ts";
import { always, and, never, oneOf, or } from "../compile/condition.ts";
import type { Condition } from "../types.ts";

// What all targets share: a condition is checked and simplified, then put together from its leaves. A target never sees
// `always` or `never` inside of another condition, nor a comparison with nothing.

export interface Target<Filter> {
  /** The call, for messages: `toSql()`. */
  readonly name: string;
  /** Whether a record can hold this text at all; nothing is compared with texts that none can hold. Default: all. */
  readonly canHold?: (text: string) => boolean;
  always(): Filter;
  never(): Filter;
  equals(field: string, anyOf: readonly string[]): Filter;
  contains(field: string, anyOf: readonly string[]): Filter;
  and(all: readonly Filter[]): Filter;
  or(any: readonly Filter[]): Filter;
}

/** @throws TypeError where the condition is none, or the target cannot express it */
export function compile<Filter>(condition: Condition, target: Target<Filter>): Filter {
  return build(simplify(condition, target), target);
}

function build<Filter>(condition: Condition, target: Target<Filter>): Filter {
  if (condition.kind === "equals") return target.equals(condition.field, condition.anyOf);
  if (condition.kind === "contains") return target.contains(condition.field, condition.anyOf);
  if (condition.kind === "and") return target.and(condition.all.map((part) => build(part, target)));
  if (condition.kind === "or") return target.or(condition.any.map((part) => build(part, target)));
  return condition.kind === "always" ? target.always() : target.never();
}

/** Conditions are JSON that may have travelled: whatever is not one must not end up as a filter that lets more through. */
function simplify(condition: Condition, target: Target<unknown>): Condition {
  switch (condition.kind) {
    case "always":
      return always;
    case "never":
      return never;
    case "equals":
    case "contains": {
      const { field, anyOf } = condition;
      const isComparison = isText(field) && isTexts(anyOf);
      const expected = `${target.name}: a condition compares a named field with texts`;
      must(isComparison, `${expected}, not ${shown(condition)}`);
      return oneOf(field, condition.kind === "contains", anyOf.filter(canBeStored(target)));
    }
    case "and":
      return and(condition.all.map((part) => simplify(part, target)));
    case "or":
      return or(condition.any.map((part) => simplify(part, target)));
    default:
      throw new TypeError(
        `${target.name} takes a condition, such as policy.filter() returns, not ${shown(condition)}`,
      );
  }
}

/** Half a surrogate pair becomes U+FFFD on its way to a database, which would then be compared with instead. */
const loneSurrogate = /\p{Surrogate}/u;

function canBeStored(target: Target<unknown>): (text: string) => boolean {
  return (text) => !loneSurrogate.test(text) && (target.canHold?.(text) ?? true);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

function shown(value: Condition): string {
  return JSON.stringify(value).slice(0, 200);
}
