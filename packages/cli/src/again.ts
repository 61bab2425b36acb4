import { commandLine } from "./shell.ts";

/** The command line as it was given, with more words: what to write instead. */
export function againWith(args: readonly string[]): (...more: readonly string[]) => string {
  return (...more) => commandLine(["authmodes", ...args, ...more]);
}
