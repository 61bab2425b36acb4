import { isConfiguration } from "./formats/formats.ts";
import { readText } from "./text/read-text.ts";

/**
 * The data in the text of a configuration file, as `fromAmplify` reads it. Nothing is executed: what only running the
 * file would tell is a `Code`.
 * @throws TypeError with the line and what to write instead
 */
export function readConfiguration(text: string): object {
  return readText(text, isConfiguration);
}
