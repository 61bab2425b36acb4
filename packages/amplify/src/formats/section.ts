import { closest, must } from "@authmodes/core/options";
import { Code } from "../text/code.ts";

/** A text of the file, with its path for errors. Code in its place is an error only if the server needs the text. */
export interface Value {
  readonly path: string;
  readonly text: string | Code;
}

/** An object of the file that knows its path, so that an error can name it. Of code, every member is code. */
export class Section {
  readonly path: string;
  readonly #data: object;

  constructor(path: string, data: unknown) {
    must(isObject(data), `fromAmplify(): ${path === "" ? "the file" : path} is not an object`);
    this.path = path;
    this.#data = data;
  }

  get keys(): readonly string[] {
    return this.#data instanceof Code ? [] : Object.keys(this.#data);
  }

  has(...keys: readonly string[]): boolean {
    return keys.some((key) => this.get(key) !== undefined);
  }

  hasWithin(key: string, member: string): boolean {
    const value = this.get(key);
    return isObject(value) && Object.hasOwn(value, member);
  }

  /** Some generators write null for absent values. */
  get(key: string): unknown {
    if (this.#data instanceof Code) return this.#data;
    if (!Object.hasOwn(this.#data, key)) return undefined;
    return (this.#data as Readonly<Record<string, unknown>>)[key] ?? undefined;
  }

  /** The text under the first of the keys that is there; an empty text counts as absent. */
  text(...keys: readonly string[]): Value | undefined {
    for (const key of keys) {
      const value = this.get(key);
      if (value === undefined || value === "") continue;
      const isText = typeof value === "string" || value instanceof Code;
      must(isText, `fromAmplify(): ${this.pathOf(key)} is a text, not a ${typeof value}`);
      return { path: this.pathOf(key), text: value };
    }
    return undefined;
  }

  /** @throws TypeError if it is neither true nor false */
  flag(key: string): boolean | Code | undefined {
    const value = this.get(key);
    const isFlag = value === undefined || typeof value === "boolean" || value instanceof Code;
    must(isFlag, `fromAmplify(): ${this.pathOf(key)} is true or false, not a ${typeof value}`);
    return value;
  }

  /** A text that the file has to hold itself, if it is there. */
  plain(key: string): string | undefined {
    const value = this.text(key);
    return value && plain(value);
  }

  /** @throws TypeError if the text is missing */
  needText(key: string, whatToWrite: string): Value {
    const value = this.text(key);
    must(value !== undefined, `fromAmplify(): ${this.pathOf(key)} is missing; it is ${whatToWrite}`);
    return value;
  }

  section(key: string): Section | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : new Section(this.pathOf(key), value);
  }

  /** @throws TypeError if there is no object */
  needSection(key: string): Section {
    return new Section(this.pathOf(key), this.get(key));
  }

  /** The values of a list. */
  list(key: string): readonly unknown[] {
    const value = this.get(key) ?? [];
    if (value instanceof Code) throw isCode(this.pathOf(key), value);
    must(Array.isArray(value), `fromAmplify(): ${this.pathOf(key)} is not a list`);
    return value;
  }

  /** The texts of a list. */
  texts(key: string): readonly Value[] {
    return this.list(key).map((item, i) => {
      const path = `${this.pathOf(key)}[${i}]`;
      must(typeof item === "string" || item instanceof Code, `fromAmplify(): ${path} is not a text`);
      return { path, text: item };
    });
  }

  /** The objects of a list. */
  sections(key: string): readonly Section[] {
    return this.list(key).map((item, i) => new Section(`${this.pathOf(key)}[${i}]`, item));
  }

  pathOf(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** @throws TypeError if the object is code */
  written(): this {
    if (this.#data instanceof Code) throw isCode(this.path, this.#data);
    return this;
  }

  /**
   * Rejects a misspelt key, which would be read as absent. Keys unlike all known ones belong to other tools.
   * @param unread known keys that only clients read, so that a misspelt one does no harm
   */
  checkKeys(read: readonly string[], unread: readonly string[] = []): this {
    const known = [...read, ...unread];
    for (const key of this.keys) {
      const meant = known.includes(key) ? undefined : closest(key, known);
      const isHarmless = meant === undefined || unread.includes(meant);
      must(isHarmless, `fromAmplify(): ${this.pathOf(key)} is not a key; write '${meant}'`);
    }
    return this;
  }
}

/** The objects under a key of several objects. */
export function sectionsIn(parents: readonly Section[], key: string): readonly Section[] {
  return parents.flatMap((parent) => parent.section(key) ?? []);
}

/** The text of a value that the file has to hold itself. */
export function plain({ path, text }: Value): string {
  if (text instanceof Code) throw isCode(path, text);
  return text;
}

export function isCode(path: string, { place }: Code): TypeError {
  return new TypeError(
    `fromAmplify(): ${path} is code on ${place}, and nothing is executed; write the value there, or give it as an option`,
  );
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
