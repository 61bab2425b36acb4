import type { Io } from "./io.ts";
import { commandLine } from "./shell.ts";

/** The command line that was given, with more words and without secrets. */
export function again({ args }: Io, ...more: readonly string[]): string {
  return commandLine(["authmodes", ...args.map(withoutSecret), ...more]);
}

function withoutSecret(word: string): string {
  if (/^\s*curl\s|^["']?(?:(?:bearer|basic|dpop) |e[\w-]+\.[\w-]*\.)|x-amz-signature=/i.test(word))
    return "-";
  return word.replace(/^([\w-]*(?:auth|key|token|secret|cookie)[\w-]*:).+$/is, "$1 …");
}
