/**
 * A value that is computed at run time, such as `process.env.KEY`. Holds the line of the code and not its text, because an
 * unquoted key is code too.
 */
export class Code {
  /** Of the file, from 1. */
  readonly line: number;

  constructor(line: number) {
    this.line = line;
  }
}

/** Whether a value is an object, no list and no code. */
export function isData(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Code);
}
