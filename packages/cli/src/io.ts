import type { Asker } from "./ask.ts";

/** The parts of `process` that commands use. */
export interface Io {
  /** Without node and the script. */
  readonly args: readonly string[];
  readonly stdout: {
    write(text: string): unknown;
    /** Terminals have it. It follows NO_COLOR. */
    hasColors?(): boolean;
    /** A terminal, at which secrets are hidden. */
    readonly isTTY?: boolean | undefined;
  };
  readonly stderr: { write(text: string): unknown };
  readonly stdin: AsyncIterable<string | Uint8Array> & { readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that paths start from. */
  cwd(): string;
  /** Asks the user. Undefined unless the input is a terminal. */
  readonly ask?: Asker | undefined;
  /** Imports a module in tests. */
  readonly load?: (file: string) => Promise<Readonly<Record<string, unknown>>>;
  /** 0: done. 1: a finding or a rejection. 2: wrong usage or input. */
  exitCode?: number | string | null | undefined;
}

/** The arguments, or a file that they name, cannot be used. Its message is printed without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Text from elsewhere for a terminal. Group names, claims and paths are free text: control characters in one could wipe
 * a line of the output.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** All of the standard input. */
export async function readInput(io: Io): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export function printJson(value: unknown, io: Io): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Options of commands that print a result. */
export interface JsonOption {
  readonly json?: boolean | undefined;
}

/** Prints the value with `--json`, else the text. */
export function printResult({ json }: JsonOption, value: unknown, text: string, io: Io): void {
  if (json) printJson(value, io);
  else io.stdout.write(text);
}
