import { AuthError } from "@authmodes/core";
import { closest } from "@authmodes/core/options";
import { isPlainObject } from "./kinds.ts";

// Errors about misspelt names suggest the right spelling.

/** @throws TypeError with the nearest known name */
export function unknownName(kind: string, name: unknown, known: Iterable<string>): never {
  throw new TypeError(unknownSentence(kind, name, [...known]));
}

/**
 * @param call for the message
 * @throws TypeError if the question is not an object, or has an unknown member
 */
export function checkMembers(call: string, question: object, known: readonly string[]): void {
  if (!isPlainObject(question)) throw new TypeError(`${call}: pass an object with ${known.join(", ")}.`);
  // Without an array of the keys, since this runs for each question with an input.
  for (const name in question) {
    if (known.includes(name)) continue;
    throw new TypeError(`${call}: ${unknownSentence("member of a question", name, known)}`);
  }
}

/** "There is no model 'Bok'. Write 'Book'." */
export function unknownSentence(kind: string, name: unknown, known: readonly string[]): string {
  const near = typeof name === "string" ? closest(name, known) : undefined;
  const listed = known.length === 1 ? `is '${known[0]}'` : `are ${known.join(", ") || "none"}`;
  const hint = near === undefined ? `There ${listed}` : `Write '${near}'`;
  const shown = printable(String(name));
  return `There is no ${kind} ${typeof name === "string" ? `'${shown}'` : shown}. ${hint}.`;
}

const maxLength = 100;

/** Text from a request or a record, for a sentence: no control characters, no line breaks, a bounded length. */
export function printable(text: string): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  if (/^[\x20-\x7e…]*$/.test(cut)) return cut;
  return cut.replaceAll(/[^\x20-\x7e…]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Rejects what a caller sent: it is not an object, or has a field that the model does not have.
 * @param sentence for the log; the caller does not see it, since it would describe the model
 * @throws AuthError `invalid_input`
 */
export function rejectInput(sentence: string): never {
  throw new AuthError("invalid_input", "input_invalid", { detail: sentence });
}
