import { must } from "@authmodes/core/options";
import { isText } from "../check/kinds.ts";
import { always, and, never, oneOf, or } from "../compile/condition.ts";
import type { Condition } from "../types.ts";

// The part that all targets share: a condition is checked, simplified and then built from its leaves. A target never sees
// `always` or `never` inside another condition, or a comparison with an empty list.

export interface Target<Filter> {
  /** The call, for messages: `toSql()`. */
  readonly name: string;
  /** Whether the store can hold this text. Comparisons with texts that it cannot hold are dropped. Default: all. */
  readonly canHold?: (text: string) => boolean;
  always(): Filter;
  never(): Filter;
  equals(field: string, anyOf: readonly string[]): Filter;
  contains(field: string, anyOf: readonly string[]): Filter;
  and(all: readonly Filter[]): Filter;
  or(any: readonly Filter[]): Filter;
}

/** @throws TypeError if the condition is invalid, or the target cannot express it */
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

/** Conditions may come as JSON from elsewhere: an invalid one must not become a filter that matches more. */
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

/** Half a surrogate pair becomes U+FFFD in UTF-8, so that the comparison would match that instead. */
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
