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
