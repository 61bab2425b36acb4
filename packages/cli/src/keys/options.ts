import { InvalidArgumentError } from "commander";
import { wholeNumber } from "../whole-number.ts";

export const readDays: (text: string) => number = wholeNumber(1, 365, "Write whole days from 1 to 365.");

export const readOverlap: (text: string) => number = wholeNumber(
  0,
  2_592_000,
  "Write whole seconds from 0 to 2592000, 30 days.",
);

export function addScope(text: string, before: readonly string[] = []): readonly string[] {
  // The characters of RFC 6749 §3.3, but for the comma: `a,b` would be one scope that no route asks for.
  if (!/^[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+$/.test(text)) {
    throw new InvalidArgumentError("Separate scopes by spaces: --scopes books/read books/write");
  }
  return before.includes(text) ? before : [...before, text];
}

/** Reads an option that is given as `name=value`, again and again. */
export function addPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Write name=value.");
  return { ...before, [name]: value };
}
