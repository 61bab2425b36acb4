import { type Io, UsageError } from "./io.ts";
import { commandLine } from "./shell.ts";

/**
 * The command line that runs this program in a project, which has it as a dependency, and after a global install. What is
 * printed for users to copy starts like this everywhere.
 */
export function npxLine(...words: readonly string[]): string {
  return commandLine(["npx", "authmodes", ...words]);
}

/** The command line that was given, with more words and without secrets. */
export function again({ args }: Io, ...more: readonly string[]): string {
  return npxLine(...args.map(withoutSecret), ...more);
}

/** The flag of an option. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** An error for something that is missing, with the words that say it. */
export function missing(what: string, io: Io, ...words: readonly string[]): UsageError {
  return new UsageError(`${what}. Write\n  ${again(io, ...words)}`);
}

function withoutSecret(word: string): string {
  if (/^\s*curl\s|^["']?(?:(?:bearer|basic|dpop) |e[\w-]+\.[\w-]*\.)|x-amz-signature=/i.test(word))
    return "-";
  return word.replace(/^([\w-]*(?:auth|key|token|secret|cookie)[\w-]*:).+$/is, "$1 …");
}
