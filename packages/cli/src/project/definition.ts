import { InputError, printable } from "../io.ts";

// `authorizationModes: { … }` in the code of a backend (CDK, Gen 2): read, never run. What stands there as code, such as
// a function, is left out: it has to be said by a flag.

const start = /authorizationModes\s*:\s*/g;

export function isDefinition(text: string): boolean {
  return /authorizationModes\s*:/.test(text) && !isJson(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The literal parts of `authorizationModes`, with lengths of time in the unit that their place has.
 * @throws InputError where it is not written out
 */
export function readDefinition(text: string, path: string): object {
  start.lastIndex = 0;
  const found = start.exec(text);
  const at = found === null ? -1 : start.lastIndex;
  if (text[at] !== "{") {
    throw new InputError(
      `${printable(path)}: authorizationModes is not written out there; nothing is run here, so put the object itself into a file`,
    );
  }
  return { authorizationModes: new Reader(text, at).object("authorizationModes") };
}

/** Stands for what only running the code would tell. */
const code: unique symbol = Symbol("code");

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  object(name: string): object {
    const entries = new Map<string, unknown>();
    this.#at++;
    for (this.#space(); !this.#skip("}"); this.#space()) {
      const key = this.#take(/["']?([\w$]+)["']?(?=\s*[:,}])/y)?.replaceAll(/["']/g, "");
      if (key === undefined) {
        this.#expression();
      } else {
        this.#space();
        const value = this.#skip(":") ? this.#value(key) : code;
        if (value !== code) entries.set(key, value);
        // A mode that is set up by code is a mode all the same.
        else if (/(?:Config|Mode)$/.test(key) && key !== "defaultAuthorizationMode") entries.set(key, {});
      }
      this.#space();
      if (!this.#skip(",") && this.#text[this.#at] !== "}") {
        throw new InputError(
          `${name} cannot be read from here: ${printable(this.#text.slice(this.#at, this.#at + 30))}`,
        );
      }
    }
    return Object.fromEntries(entries);
  }

  #value(key: string): unknown {
    this.#space();
    if (this.#text[this.#at] === "{") return this.object(key);
    const start = this.#at;
    this.#expression();
    return literalOf(this.#text.slice(start, this.#at).trim(), key);
  }

  /** Up to the comma or bracket that ends it. */
  #expression(): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      this.#space();
      if (this.#take(/"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|`(?:[^`\\]|\\[^])*`/y) !== undefined) continue;
      const char = this.#text.charAt(this.#at);
      if (depth === 0 && (char === "," || char === "}")) return;
      if ("([{".includes(char)) depth++;
      if (")]}".includes(char)) depth--;
      this.#at++;
    }
    throw new InputError("authorizationModes has no end");
  }

  #space(): void {
    this.#take(/(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)+/y);
  }

  #skip(character: string): boolean {
    const found = this.#text[this.#at] === character;
    if (found) this.#at++;
    return found;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }
}

const unitSeconds: Readonly<Record<string, number>> = {
  millis: 0.001,
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
};

function literalOf(text: string, key: string): unknown {
  const [, quoted] =
    /^(?:"([^"\\]*)"|'([^'\\]*)'|`([^`\\$]*)`)$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  if (quoted !== undefined) return quoted;
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  const [, unit = "", count] = /\bDuration\.(\w+)\(\s*([\d_.]+)\s*\)$/.exec(text) ?? [];
  const size = unitSeconds[unit];
  if (count === undefined || size === undefined) return code;
  const seconds = Number(count.replaceAll("_", "")) * size;
  // As plain numbers AppSync's ages of tokens are milliseconds.
  return key.startsWith("tokenExp") ? seconds * 1000 : seconds;
}
