/**
 * Stands for a value that only running the file would tell, such as `process.env.KEY`. It says where the code is, not
 * what it is: an unquoted key is code too.
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
