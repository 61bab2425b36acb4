import { isObject } from "./section.ts";

// A reader of data in JSON and in what JavaScript and Dart put around it. Nothing is ever executed: where code stands
// in place of a value, the reader says so.

const maxLength = 1024 * 1024; // characters; real files have a few thousand
const maxDepth = 64;

const space = /(?:[\s\uFEFF]+|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
/** `const awsmobile =`, `const String amplifyconfig =`, `const config: ResourcesConfig =`, `export default`, … */
const opening =
  /(?:(?:export\s+)?(?:const|let|var|final)\s+(?:String\s+)?[A-Za-z_$][\w$]*(?:\s*:\s*[\w$.]+)?\s*=|export\s+default\b|module\.exports\s*=)/y;
const directive = /(?:"use strict"|'use strict');?/y;
/** What may follow the data: exporting it by its name. */
const closing = /(?:export\s+default\s+|module\.exports\s*=\s*)[A-Za-z_$][\w$]*\s*;?/y;
const quote = /"""|'''|["']/y;
const identifier = /[A-Za-z_$][\w$]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const escape = /\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|\r?\n|([^ux\d]|0(?!\d)))/g;
const literals: ReadonlyMap<string, unknown> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", undefined],
]);

/**
 * The object in the text of a configuration file: JSON (comments, trailing commas and plain JavaScript literals are
 * fine), `aws-exports.js`, or a Dart file that holds JSON in a string.
 * @throws TypeError with the line and what to write instead
 */
export function readText(text: string): object {
  if (text.length > maxLength) throw new TypeError(`fromAmplify(): the text is over ${maxLength} characters`);
  if (/^[^\n{]+\.(?:json|[cm]?[jt]s|dart)$/.test(text)) {
    throw new TypeError(
      "fromAmplify() takes a file's text or data, not its path: readFileSync(path, 'utf8') reads it",
    );
  }
  const data = new Reader(text).file();
  if (!isObject(data)) throw new TypeError("fromAmplify(): the text holds no object");
  return data;
}

class Reader {
  readonly #text: string;
  readonly #firstLine: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, firstLine: number = 1) {
    this.#text = text;
    this.#firstLine = firstLine;
  }

  file(): unknown {
    this.#space();
    if (this.#take(directive) !== undefined) this.#space();
    const declared = this.#take(opening) !== undefined;
    this.#space();
    const data = declared ? (this.#dartString() ?? this.#value("the file")) : this.#value("the file");
    this.#space();
    while (this.#skip(";")) this.#space();
    if (this.#take(closing) !== undefined) this.#space();
    if (this.#at < this.#text.length) {
      this.#fail("there is more after the object; only its export may follow");
    }
    return data;
  }

  /** `r'''…'''` with JSON inside, or the same without `r` where Dart would read it as it stands. */
  #dartString(): unknown {
    const start = this.#at;
    const raw = this.#skip("r");
    const mark = this.#take(quote);
    if (mark === undefined) {
      this.#at = start;
      return undefined;
    }
    const end = this.#text.indexOf(mark, this.#at);
    if (end === -1) this.#fail(`the string has no closing ${mark}`);
    const inner = this.#text.slice(this.#at, end);
    if (!raw && /[\\$]/.test(inner)) {
      this.#fail("Dart changes \\ and $ in this string; write it raw: r'''…'''");
    }
    const data = new Reader(inner, this.#line).file();
    this.#at = end + mark.length;
    return data;
  }

  /** @param what names the value in errors: the value itself may be a key */
  #value(what: string): unknown {
    const next = this.#text[this.#at];
    if (next === "{") return this.#nested(() => this.#object());
    if (next === "[") return this.#nested(() => this.#array(what));
    const text = this.#string();
    if (text !== undefined) return text;
    const digits = this.#take(number);
    if (digits !== undefined) return Number(digits);
    this.#refuseElision();
    const word = this.#take(identifier);
    if (word !== undefined && literals.has(word) && this.#valueEnds()) return literals.get(word);
    return this.#fail(
      next === undefined
        ? "the text ends before the data does"
        : `${what} is not data; nothing is executed here, so import code yourself and pass the object`,
    );
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) this.#fail(`the data is nested deeper than ${maxDepth}`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): object {
    const entries = new Map<string, unknown>();
    for (this.#space(); !this.#skip("}"); this.#comma("}")) {
      this.#refuseElision();
      const key = this.#string() ?? this.#take(identifier);
      if (key === undefined) this.#fail("a key is missing");
      if (entries.has(key)) this.#fail(`'${key}' stands twice`);
      this.#space();
      if (!this.#skip(":")) this.#fail(`'${key}' has no ':' and value after it`);
      this.#space();
      entries.set(key, this.#value(`the value of '${key}'`));
    }
    return Object.fromEntries(entries);
  }

  #array(what: string): unknown[] {
    const items: unknown[] = [];
    for (this.#space(); !this.#skip("]"); this.#comma("]")) items.push(this.#value(`an item of ${what}`));
    return items;
  }

  /** After a member: a comma, also before the closing bracket, or that bracket. */
  #comma(close: string): void {
    this.#space();
    const comma = this.#skip(",");
    this.#space();
    if (!comma && this.#text[this.#at] !== close) this.#fail(`',' or '${close}' is missing`);
  }

  #string(): string | undefined {
    const mark = this.#text[this.#at];
    if (mark !== '"' && mark !== "'" && mark !== "`") return undefined;
    let end = this.#at + 1;
    while (this.#text[end] !== mark) {
      if (end >= this.#text.length || (this.#text[end] === "\n" && mark !== "`")) {
        this.#fail(`a text has no closing ${mark}`);
      }
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    const inner = this.#text.slice(this.#at + 1, end);
    if (mark === "`" && inner.includes("${")) {
      this.#fail("a text with ${…} is code; put the value there");
    }
    if (inner.replaceAll(escape, "").includes("\\"))
      this.#fail("a text has an escape that is not one of JSON");
    this.#at = end + 1;
    return inner.replaceAll(escape, unescape);
  }

  #refuseElision(): void {
    if (this.#text.startsWith("...", this.#at) || this.#text[this.#at] === "…") {
      this.#fail("'...' stands for something left out; put it there, or delete the dots");
    }
  }

  #valueEnds(): boolean {
    this.#space();
    return this.#at === this.#text.length || /[,;}\]]/.test(this.#text.charAt(this.#at));
  }

  #space(): void {
    this.#take(space);
  }

  #skip(character: string): boolean {
    const found = this.#text[this.#at] === character;
    if (found) this.#at++;
    return found;
  }

  /** Takes what the sticky expression matches here. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  get #line(): number {
    return this.#firstLine + (this.#text.slice(0, this.#at).match(/\n/g)?.length ?? 0);
  }

  #fail(sentence: string): never {
    throw new TypeError(`fromAmplify(): line ${this.#line}: ${sentence}`);
  }
}

const controls: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  0: "\0",
};

function unescape(_escape: string, unicode?: string, hex?: string, character?: string): string {
  const code = unicode ?? hex;
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return character === undefined ? "" : (controls[character] ?? character);
}
