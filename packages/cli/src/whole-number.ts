import { InvalidArgumentError } from "commander";

/** Whether a text is a whole number in the range. */
export function isWhole(text: string, min: number, max: number): boolean {
  return /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/**
 * Reads an option that is a whole number.
 * @param hint what to write
 */
export function wholeNumber(min: number, max: number, hint: string): (text: string) => number {
  return (text) => {
    if (isWhole(text, min, max)) return Number(text);
    throw new InvalidArgumentError(hint);
  };
}
