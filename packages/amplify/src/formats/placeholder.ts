import { must } from "@authmodes/core/options";
import { plain, type Value } from "./section.ts";

// `<…>`, `[API_KEY]`, `${…}`, `...`, `us-east-1_XXXXXXXXX`, anything with "your", and what template engines write for
// nothing; `POOL-ID` and `YOUR_API_KEY` are words in capitals.
const placeholder = /^(?:<.*>|\[.*\]|\{.*\}|\.{3,}|…|null|undefined)$|\byour[-_ ]|\$\{|x{4,}$/i;
const shoutedWords = /^[A-Z]+(?:[-_ ][A-Z]+)+$/;

/**
 * The text of a value that the server uses. Placeholders in values that only clients use, such as the endpoint, do no
 * harm and are never asked about.
 * @throws TypeError for a placeholder; it does not quote the value, which may be a key
 */
export function real(value: Value): string {
  const text = plain(value);
  must(
    !isPlaceholder(text) && !shoutedWords.test(text),
    `fromAmplify(): ${value.path} holds a placeholder; put the real value there, or give it as an option`,
  );
  return text;
}

/** Words in capitals are not asked about: most modes are such. */
export function isPlaceholder(text: string): boolean {
  return placeholder.test(text);
}
