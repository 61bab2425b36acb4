// Checks of the options that users give, done once when something is built. Misuse throws a TypeError that says
// what to write instead.

/**
 * Checks that each option exists and has a value: one that is set to `undefined` is most often an environment variable
 * that is not set, and would silently be the default.
 * @param where the call, as the user wrote it: `iam()`
 * @param known every option's name
 * @param aliases names that people write for an option elsewhere, with the right one
 * @throws TypeError with the right spelling
 */
export function checkOptionNames(
  where: string,
  options: object,
  known: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): void {
  if (!isBag(options)) {
    throw new TypeError(`${where} takes an object with options: ${known.join(", ")}`);
  }
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

/** Every option's name, with the names that people write for it elsewhere. */
export type OptionNames = Readonly<Record<string, readonly string[]>>;

/** Does the same. */
export function checkOptions(where: string, options: object, names: OptionNames): void {
  const aliases = Object.entries(names).flatMap(([name, others]) => others.map((other) => [other, name]));
  checkOptionNames(where, options, Object.keys(names), Object.fromEntries(aliases));
}

/** Not a promise of options or a Map: they have none of the names, and would pass for a bag without options. */
function isBag(options: unknown): boolean {
  return bagTags.has(Object.prototype.toString.call(options));
}

/** Of plain objects, instances of classes and modules. */
const bagTags: ReadonlySet<string> = new Set(["[object Object]", "[object Module]"]);

/** Throws the sentence as a TypeError unless the condition holds. */
export function must(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new TypeError(sentence);
}

/** An option that is left out has its default, and is not checked. */
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

/** RFC 9110 §5.6.2: what names of headers, cookies and authentication schemes are made of. */
export function isToken(text: unknown): text is string {
  return typeof text === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

/** A list that may be given as one value. */
export function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/**
 * Finds the known word nearest to a misspelt one; undefined if none is near.
 * @param far letters that may differ, besides upper case and punctuation
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

/** A word without letter case and punctuation. */
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
