import { list, must } from "../lib/options.ts";

/** The expected value of a claim: one of these texts, or an expression for the whole value; null accepts any. */
export type Expected = string | readonly string[] | RegExp | null;

/** The check of a claim by an option. */
export interface Matcher {
  readonly accepts: (value: unknown) => boolean;
  /** For the log. */
  readonly text: string;
}

/**
 * @param where the call and the option: `oidc(): audience`
 * @returns undefined if any value is accepted
 * @throws TypeError if no value could be accepted
 */
export function matcherOf(where: string, expected: Expected): Matcher | undefined {
  if (expected === null) return undefined;
  if (expected instanceof RegExp) return expressionMatcher(expected);
  const texts = [...list(expected)];
  must(texts.length > 0, `${where} is an empty list: every token would be rejected`);
  for (const text of texts) {
    must(
      typeof text === "string" && text !== "",
      `${where} is text, a list of texts, a RegExp, or null to accept any; not '${text}'`,
    );
  }
  return {
    accepts: (value) => typeof value === "string" && texts.includes(value),
    text: texts.join(" or "),
  };
}

/**
 * A copy of the expression that matches the whole value and keeps no state: without `g` and `y` it always starts at the
 * front, without `m` one line of a longer value does not match.
 */
function expressionMatcher(expected: RegExp): Matcher {
  const whole = new RegExp(`^(?:${expected.source})$`, expected.flags.replaceAll(/[gmy]/g, ""));
  return { accepts: (value) => typeof value === "string" && whole.test(value), text: String(whole) };
}
