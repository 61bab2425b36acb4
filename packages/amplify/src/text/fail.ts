/** A place in the file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What a text can be, for errors about a text that is something else. */
export const forms: string =
  "it reads { … } of JSON, export default { … }, const config = { … }, module.exports = { … }, Amplify.configure({ … }) and " +
  "defineData({ authorizationModes: { … } })";

export function severalConfigurations(first: Position): string {
  return `a second configuration, beside the one on line ${first.line}; pass the one that is to be served, as an object or in a file of its own`;
}

/** @throws TypeError with the place in the file */
export function fail({ line, column }: Position, sentence: string): never {
  throw new TypeError(`fromAmplify(): line ${line}, column ${column}: ${sentence}`);
}

/**
 * The place of a character.
 * @param start the place of the first one
 */
export function positionAt(text: string, index: number, start: Position = { line: 1, column: 1 }): Position {
  const lines = text.slice(0, index).split("\n");
  const column = (lines.at(-1)?.length ?? 0) + (lines.length === 1 ? start.column : 1);
  return { line: start.line + lines.length - 1, column };
}
