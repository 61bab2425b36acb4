import type { Position } from "./fail.ts";

/**
 * A value that is computed at run time, such as `process.env.KEY`. Holds the place of the code and not its text, because an
 * unquoted key is code too.
 */
export class Code {
  /** Of the file, from 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;

  constructor({ line, column }: Position) {
    this.line = line;
    this.column = column;
  }

  /** For messages, such as `line 3, column 10`. */
  get place(): string {
    return `line ${this.line}, column ${this.column}`;
  }
}

/** Whether a value is an object, no list and no code. */
export function isData(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Code);
}
