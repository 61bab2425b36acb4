// Checks of options, done once when something is built. Misuse throws a TypeError that says what to write instead.

/**
 * Checks that each option exists and has a value: `undefined` is most often a missing environment variable, and would
 * silently mean the default.
 * @param where names the call in errors, as the user wrote it: `iam()`
 * @param known the names of all options
 * @param aliases the right name, by the names that people know from other libraries
 * @throws TypeError with the right spelling
 * @example
 * import { checkOptionNames } from "@authmodes/core/options";
 *
 * export function createShop(options: { readonly currency?: string }): void {
 *   checkOptionNames("createShop()", options, ["currency"], { money: "currency" });
 * }
 */
export function checkOptionNames(
  where: string,
  options: object,
  known: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): void {
  // A promise or a `Map` is none: it has no option's name, and would pass for empty options.
  if (!bagTags.has(Object.prototype.toString.call(options)))
    throw new TypeError(`${where} takes an object with options: ${known.join(", ")}`);
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name)) {
      must(
        value !== undefined,
        `${where}: ${name} is undefined. Is an environment variable missing? Leave an option out for its default.`,
      );
      continue;
    }
    const alias = closest(name, Object.keys(aliases), 0);
    const meant = alias === undefined ? closest(name, known) : aliases[alias];
    const hint = meant === undefined ? `It takes ${known.join(", ")}` : `Write '${meant}'`;
    throw new TypeError(`${where} has no option '${name}'. ${hint}.`);
  }
}

/** The names of all options, each with its names in other libraries. */
export type OptionNames = Readonly<Record<string, readonly string[]>>;

/**
 * Does the same as `checkOptionNames`, for names that are written down by option.
 * @throws TypeError with the right spelling
 * @example
 * import { checkOptions } from "@authmodes/core/options";
 *
 * export function createShop(options: { readonly currency?: string }): void {
 *   checkOptions("createShop()", options, { currency: ["money"] });
 * }
 */
export function checkOptions(where: string, options: object, names: OptionNames): void {
  const aliases = Object.entries(names).flatMap(([name, others]) => others.map((other) => [other, name]));
  checkOptionNames(where, options, Object.keys(names), Object.fromEntries(aliases));
}

/** The tags of plain objects, class instances and modules. */
const bagTags: ReadonlySet<string> = new Set(["[object Object]", "[object Module]"]);

/**
 * Throws the sentence as a TypeError unless the condition is true.
 * @example
 * import { must } from "@authmodes/core/options";
 *
 * export function createPage(size: number): void {
 *   must(size > 0, "createPage(): size is a number over 0");
 * }
 */
export function must(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new TypeError(sentence);
}

/**
 * Checks an option that is a function. An absent option is not checked.
 * @param what the call and the option, as the user wrote them: `iam(): replay`
 * @param shape what the function takes and returns
 * @throws TypeError
 * @example
 * import { checkFunction } from "@authmodes/core/options";
 *
 * export function createShop(options: { readonly priceOf?: (id: string) => number }): void {
 *   checkFunction("createShop(): priceOf", options.priceOf, "(id) => price");
 * }
 */
export function checkFunction(what: string, value: unknown, shape: string): void {
  must(value === undefined || typeof value === "function", `${what} is a function, ${shape}`);
}

/**
 * Checks an option that is true or false. An absent option is not checked: the text "false" of an environment variable
 * would count as true.
 * @param what the call and the option, as the user wrote them: `createAuth(): reportOnly`
 * @throws TypeError
 * @example
 * import { checkFlag } from "@authmodes/core/options";
 *
 * export function createShop(options: { readonly isOpen?: boolean }): void {
 *   checkFlag("createShop(): isOpen", options.isOpen);
 * }
 */
export function checkFlag(what: string, value: unknown): void {
  must(
    value === undefined || typeof value === "boolean",
    `${what} is true or false, not ${JSON.stringify(value)}`,
  );
}

/**
 * Checks a number of seconds. An absent option is not checked.
 * @throws TypeError unless it is from `min` to `max`
 * @example
 * import { checkSeconds } from "@authmodes/core/options";
 *
 * export function createPoll(options: { readonly intervalSeconds?: number }): void {
 *   checkSeconds("createPoll()", "intervalSeconds", options.intervalSeconds, 1, 3600);
 * }
 */
export function checkSeconds(
  where: string,
  name: string,
  value: number | undefined,
  min: number,
  max: number,
): void {
  must(
    value === undefined || (typeof value === "number" && value >= min && value <= max),
    `${where}: ${name} is a number of seconds from ${min} to ${max}, not ${String(value)}`,
  );
}

/** The bytes of a key. Web Crypto takes no shared memory. */
export type Key = Uint8Array<ArrayBuffer>;

/**
 * Reads keys of 32 bytes in base64, comma separated.
 * @param what the call and the option, as the user wrote them
 * @throws TypeError that never quotes a key
 * @example
 * import { readKeys } from "@authmodes/core/options";
 *
 * export const [newest, ...others] = readKeys("createShop(): keys", process.env["SHOP_KEYS"]);
 */
export function readKeys(what: string, text: unknown): readonly [Key, ...Key[]] {
  must(
    typeof text === "string" && text.trim() !== "",
    `${what} is missing: 32 random bytes in base64, such as the output of 'openssl rand -base64 32'`,
  );
  const [first = "", ...others] = text.split(",");
  const read = (part: string, i: number): Key => {
    const base64 = part.trim();
    // A decoder also takes other spellings of the same bytes: a mistake in the last letter would pass.
    must(
      /^[A-Za-z0-9+/]{43}=$/.test(base64) && btoa(atob(base64)) === base64,
      `${what}: key ${i + 1} of ${others.length + 1} is not 32 bytes in base64; make one with 'openssl rand -base64 32'`,
    );
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  };
  return [read(first, 0), ...others.map((part, i) => read(part, i + 1))];
}

/**
 * Whether this is a token of RFC 9110 §5.6.2: the name of a header, a cookie or an authentication scheme.
 * @example
 * import { isToken } from "@authmodes/core/options";
 *
 * console.log(isToken("x-api-key"), isToken("x api key")); // true false
 */
export function isToken(text: unknown): text is string {
  return typeof text === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

/**
 * Returns a list as it is, and any other value as a list of one.
 * @example
 * import { list } from "@authmodes/core/options";
 *
 * console.log(list("eu-west-1"), list(["eu-west-1"])); // both ["eu-west-1"]
 */
export function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/**
 * Returns the known word that is nearest to a misspelt one; undefined if none is near.
 * @param far how many letters may differ, besides upper case and punctuation
 * @example
 * import { closest } from "@authmodes/core/options";
 *
 * console.log(closest("audiance", ["issuer", "audience"])); // audience
 */
export function closest(word: string, known: readonly string[], far = 2): string | undefined {
  const plain = simplified(word);
  let best: string | undefined;
  let bestDistance = Math.min(far, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    const other = simplified(candidate);
    // The word may be a megabyte from a request: only a name of nearly its length is compared.
    if (Math.abs(other.length - plain.length) >= bestDistance) continue;
    const distance = editDistance(plain, other);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/**
 * Returns a word in lower case and without punctuation.
 * @example
 * import { simplified } from "@authmodes/core/options";
 *
 * console.log(simplified("user_pool-ID")); // userpoolid
 */
export function simplified(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
