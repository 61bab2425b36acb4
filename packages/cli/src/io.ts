/** What commands see of the process: `process` itself, or a test's. */
export interface Io {
  readonly stdout: {
    write(text: string): unknown;
    /** Terminals have it; it heeds NO_COLOR. */
    hasColors?(): boolean;
  };
  readonly stderr: { write(text: string): unknown };
  /** 0: done. 1: access is widened. 2: wrong usage or input. */
  exitCode?: number | string | null | undefined;
}

/** What the user gave cannot be used. The message is for them, without a stack. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/**
 * Text of a schema for a terminal. Group names are free text: control characters in one could wipe a line of the output
 * that a reviewer should see.
 */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
