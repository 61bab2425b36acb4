import { readFileSync } from "node:fs";

/** Markup whose values are escaped. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What a template takes. */
export type Value = Html | string | number | undefined | readonly Html[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes every value that is not markup itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((text, part, index) => text + markupOf(values[index - 1]) + part));
}

/** Reads a file of `public/`. Its slots, which are names in braces, are filled with values. */
export function template(file: string): (slots: Readonly<Record<string, Value>>) => Html {
  const text = readFileSync(new URL(`../../public/${file}`, import.meta.url), "utf8");
  return (slots) => new Html(text.replaceAll(/\{(\w+)\}/g, (_slot, name: string) => markupOf(slots[name])));
}

function markupOf(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.map(({ markup }) => markup).join("");
  return String(value).replaceAll(/[&<>"']/g, (character) => escapes[character] ?? "");
}
