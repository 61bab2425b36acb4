import { must } from "../options.ts";
import type { Section } from "./section.ts";

/** AppSync counts the ages of tokens in these. */
export const milliseconds: number = 1 / 1000;

/**
 * A length of time, in seconds.
 * @param unit of a plain number, in seconds; a `Duration` of the CDK knows its own
 */
export function seconds(section: Section, key: string, unit: number = 1): number | undefined {
  const value = section.get(key);
  if (value === undefined) return undefined;
  const count = isDuration(value)
    ? value.toMilliseconds() / 1000
    : typeof value === "number"
      ? value * unit
      : Number.NaN;
  must(
    count >= 0 && count < Infinity,
    `fromAmplify(): ${section.pathOf(key)} is a number or a Duration of the CDK`,
  );
  return count;
}

/** The greatest age of a token, in seconds. 0 would refuse every token, which nobody means who writes it. */
export function age(section: Section, key: string, unit?: number): number | undefined {
  const count = seconds(section, key, unit);
  must(count !== 0, `fromAmplify(): ${section.pathOf(key)} is 0; leave it out where there is no limit`);
  return count;
}

function isDuration(value: unknown): value is { toMilliseconds(): number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "toMilliseconds" in value &&
    typeof value.toMilliseconds === "function"
  );
}
