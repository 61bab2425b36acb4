import { closest, must } from "../options.ts";

/** A text of the file, with its place for errors. */
export interface Value {
  readonly path: string;
  readonly text: string;
}

/** An object of the file that knows where it stands, so that an error can say so. */
export class Section {
  readonly path: string;
  readonly #data: object;

  constructor(path: string, data: unknown) {
    must(isObject(data), `fromAmplify(): ${path === "" ? "the file" : path} is not an object`);
    this.path = path;
    this.#data = data;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#data);
  }

  has(...keys: readonly string[]): boolean {
    return keys.some((key) => this.get(key) !== undefined);
  }

  /** null is what some generators write for "not there". */
  get(key: string): unknown {
    if (!Object.hasOwn(this.#data, key)) return undefined;
    return (this.#data as Readonly<Record<string, unknown>>)[key] ?? undefined;
  }

  /** The text under the first of the keys that is there; an empty text counts as absent. */
  text(...keys: readonly string[]): Value | undefined {
    for (const key of keys) {
      const value = this.get(key);
      if (value === undefined || value === "") continue;
      must(typeof value === "string", `fromAmplify(): ${this.pathOf(key)} is a text, not a ${typeof value}`);
      return { path: this.pathOf(key), text: value };
    }
    return undefined;
  }

  /** @throws TypeError where the text is missing */
  needText(key: string, whatToWrite: string): Value {
    const value = this.text(key);
    must(value !== undefined, `fromAmplify(): ${this.pathOf(key)} is missing; it is ${whatToWrite}`);
    return value;
  }

  section(key: string): Section | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : new Section(this.pathOf(key), value);
  }

  /** @throws TypeError where there is no object */
  needSection(key: string): Section {
    return new Section(this.pathOf(key), this.get(key));
  }

  /** The values of a list. */
  list(key: string): readonly unknown[] {
    const value = this.get(key) ?? [];
    must(Array.isArray(value), `fromAmplify(): ${this.pathOf(key)} is not a list`);
    return value;
  }

  /** The texts of a list. */
  texts(key: string): readonly Value[] {
    return this.list(key).map((item, i) => {
      const path = `${this.pathOf(key)}[${i}]`;
      must(typeof item === "string", `fromAmplify(): ${path} is not a text`);
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

  /** Refuses a misspelt key, which would be read as absent. Keys far from all known ones are somebody else's. */
  checkKeys(known: readonly string[]): this {
    for (const key of this.keys) {
      const meant = known.includes(key) ? undefined : closest(key, known);
      must(meant === undefined, `fromAmplify(): ${this.pathOf(key)} is not a key; write '${meant}'`);
    }
    return this;
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
