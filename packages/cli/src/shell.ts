/** A word as a POSIX shell reads it back. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command line of these words. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Splits a line as a POSIX shell does, without running anything: quotes, `$'…'`, backslashes, continued lines.
 * @throws TypeError if a quote is not closed, a variable is not set, or a command would be run
 */
export function splitWords(line: string, variables: Variables = {}): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match !== null) at = pattern.lastIndex;
    return match?.[0];
  };
  while (at < line.length) {
    if (take(/(?:\s|\\\r?\n)+/y) !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const piece =
      pieceOf(take(/\$'(?:[^'\\]|\\[^])*'/y), unescapeAnsi) ??
      pieceOf(take(/'[^']*'/y), (text) => text.slice(1, -1)) ??
      pieceOf(take(/"(?:[^"\\]|\\[^])*"/y), (text) => unescapeDouble(text, variables)) ??
      pieceOf(take(/\\[^]/y), (text) => text.slice(1)) ??
      pieceOf(take(/\$\(|\$\{?\w*\}?|`/y), (text) => variable(text, variables)) ??
      take(/[^\s'"\\$`]+/y);
    if (piece === undefined) throw new TypeError(`the quote at character ${at + 1} is not closed`);
    word = (word ?? "") + piece;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function pieceOf(text: string | undefined, read: (text: string) => string): string | undefined {
  return text === undefined ? undefined : read(text);
}

function unescapeDouble(text: string, variables: Variables): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\([$`"\\]|\r?\n)|\$\(|\$\{?\w*\}?|`/g, (all: string, char: string | undefined) => {
      if (char === undefined) return variable(all, variables);
      return char.endsWith("\n") ? "" : char;
    });
}

function variable(text: string, variables: Variables): string {
  if (text === "$") return text;
  const name = text.replaceAll(/[${}]/g, "");
  if (!/^\w+$/.test(name)) {
    throw new TypeError("a shell would run a command in it; put in what that prints");
  }
  const value = variables[name];
  if (value === undefined)
    throw new TypeError(`the variable ${name} is not set here; export it, or write its value`);
  return value;
}

const ansi: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

function unescapeAnsi(text: string): string {
  return text
    .slice(2, -1)
    .replaceAll(
      /\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|([^]))/g,
      (_all, unicode?: string, hex?: string, char = "") =>
        unicode !== undefined || hex !== undefined
          ? String.fromCharCode(Number.parseInt(unicode ?? hex ?? "", 16))
          : (ansi[char as string] ?? (char as string)),
    );
}
