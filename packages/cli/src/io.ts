import type { Asker } from "./ask.ts";

/** What commands see of the process: `process` itself, or a test's. */
export interface Io {
  /** Without node and the script. */
  readonly args: readonly string[];
  readonly stdout: {
    write(text: string): unknown;
    /** Terminals have it; it heeds NO_COLOR. */
    hasColors?(): boolean;
    /** Somebody is looking: secrets are not shown. */
    readonly isTTY?: boolean | undefined;
  };
  readonly stderr: { write(text: string): unknown };
  readonly stdin: AsyncIterable<string | Uint8Array> & { readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that paths start from. */
  cwd(): string;
  /** Asks the user; undefined unless the input is a terminal. */
  readonly ask?: Asker | undefined;
  /** Imports a file of the user's; a test has its own. */
  readonly load?: (file: string) => Promise<Readonly<Record<string, unknown>>>;
  /** 0: done. 1: something was found or refused. 2: wrong usage or input. */
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
