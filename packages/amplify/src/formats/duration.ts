import { must } from "@authmodes/core/options";
import { Code } from "../text/code.ts";
import type { Section } from "./section.ts";

/** AppSync counts the ages of tokens in these. */
export const milliseconds: number = 1 / 1000;

/**
 * A length of time, in seconds; code if only running the file would tell.
 * @param unit of a plain number, in seconds; a `Duration` of the CDK knows its own
 */
export function seconds(section: Section, key: string, unit: number = 1): number | Code | undefined {
  const value = section.get(key);
  if (value === undefined || value instanceof Code) return value;
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

/** The greatest age of a token, in seconds. 0 is AppSync's way to write that there is no limit. */
export function age(section: Section, key: string, unit?: number): number | Code | undefined {
  const count = seconds(section, key, unit);
  return count === 0 ? undefined : count;
}

function isDuration(value: unknown): value is { toMilliseconds(): number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "toMilliseconds" in value &&
    typeof value.toMilliseconds === "function"
  );
}
