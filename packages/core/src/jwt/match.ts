import { list, must } from "../lib/options.ts";

/** What a claim has to be: one of these texts, or an expression for the whole of it; null, in words, for anything. */
export type Expected = string | readonly string[] | RegExp | null;

/** What an option expects of a claim; undefined where it expects nothing. */
export interface Matcher {
  readonly accepts: (value: unknown) => boolean;
  /** For the log. */
  readonly text: string;
}

/**
 * @param where the call and the option: `oidc(): audience`
 * @throws TypeError for what would accept nothing
 */
export function matcherOf(where: string, expected: Expected): Matcher | undefined {
  if (expected === null) return undefined;
  if (expected instanceof RegExp) return expressionMatcher(expected);
  const texts = [...list(expected)];
  must(texts.length > 0, `${where} is an empty list: nobody would be accepted`);
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
 * Made anew, so that it matches the whole value and keeps no state: without `g` and `y` it starts from the front each
 * time, without `m` a line of a longer value is not enough.
 */
function expressionMatcher(expected: RegExp): Matcher {
  const whole = new RegExp(`^(?:${expected.source})$`, expected.flags.replaceAll(/[gmy]/g, ""));
  return { accepts: (value) => typeof value === "string" && whole.test(value), text: String(whole) };
}
