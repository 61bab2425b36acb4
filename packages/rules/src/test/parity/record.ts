import * as fc from "fast-check";
import { listFields, nasty, textFields } from "../../targets/test/parity.ts";
import type { Values } from "../../types.ts";
import { seldom } from "./schema.ts";

// Records that name the callers of a test, nearly name them, or hold values that no schema allows. They are drafts first,
// since the names are known only when the callers are.

/** One of the names that a record can be about. */
interface Mention {
  readonly which: number;
  readonly twist: (name: string) => string;
}
type Draft = Mention | { readonly value: unknown } | readonly Draft[];
export type RecordDraft = Readonly<Record<string, Draft | undefined>>;

/** Variants of a name that some collation or query would treat as equal. */
const twists: readonly Mention["twist"][] = [
  (name) => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()),
  (name) => `${name} `,
  (name) => ` ${name}`,
  (name) => name.normalize("NFD"),
  (name) => name.slice(0, -1),
  (name) => name.slice(1),
  (name) => `${name}s`,
  (name) => `%${name}%`,
  (name) => JSON.stringify([name]),
  (name) => `{${name}}`,
  (name) => name.split("::").toReversed().join("::"),
  (name) => `${name}::${name}`,
];

const exact: fc.Arbitrary<Draft> = fc.nat().map((which) => ({ which, twist: (name) => name }));
const name: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 6, arbitrary: exact },
  { weight: 3, arbitrary: fc.record({ which: fc.nat(), twist: fc.constantFrom(...twists) }) },
  { weight: 1, arbitrary: fc.record({ value: fc.constantFrom(...nasty) }) },
);
const nothing: fc.Arbitrary<Draft> = fc.constant({ value: null });
const list: fc.Arbitrary<Draft> = fc.array(fc.oneof({ weight: 8, arbitrary: name }, nothing), {
  maxLength: 4,
});

/** @param odd values that fields may hold instead of texts, and list fields instead of lists */
export function recordDraft(odd: {
  readonly texts: readonly unknown[];
  readonly lists: readonly unknown[];
}): fc.Arbitrary<RecordDraft> {
  const constants = (values: readonly unknown[]): fc.Arbitrary<Draft>[] =>
    values.length === 0 ? [] : [fc.record({ value: fc.constantFrom(...values) })];
  const absent = fc.constant(undefined);
  const inText = odd.texts.some(Array.isArray) ? [list] : [];
  const inList = odd.lists.some((value) => typeof value === "string") ? [name] : [];
  const text = fc.oneof({ weight: 12, arbitrary: name }, nothing, absent, ...constants(odd.texts), ...inText);
  const texts = fc.oneof(
    { weight: 12, arbitrary: list },
    nothing,
    absent,
    ...constants(odd.lists),
    ...inList,
  );
  return fc.record({
    ...Object.fromEntries(textFields.map((field) => [field, text])),
    ...Object.fromEntries(listFields.map((field) => [field, texts])),
  });
}

/** What a record is about: names of a caller, and the values that their fields are compared with. */
export interface Subject {
  readonly names: readonly string[];
  readonly compared: ReadonlyMap<string, readonly string[]>;
}

/** The record. A text that the store cannot hold is replaced. */
export function recordOf(
  draft: RecordDraft,
  { names, compared }: Subject,
  cannotHold: (text: string) => boolean,
): Values {
  const held = (text: string): string =>
    // Half a surrogate pair cannot be stored as UTF-8.
    /\p{Surrogate}/u.test(text) || cannotHold(text) ? "somebody" : text;
  const written = (part: Draft, values: readonly string[]): unknown => {
    if ("which" in part) {
      const from = part.which % 4 > 0 && values.length > 0 ? values : names;
      return held(part.twist(from[part.which % from.length] ?? ""));
    }
    if ("value" in part) return typeof part.value === "string" ? held(part.value) : part.value;
    return part.map((element) => written(element, values));
  };
  return Object.fromEntries(
    Object.entries(draft).flatMap(([field, part]) =>
      part === undefined ? [] : [[field, written(part, compared.get(field) ?? [])]],
    ),
  );
}

/** The arguments of a query: the requested key. */
export interface KeyDraft {
  readonly field: string;
  readonly which: number;
  readonly isOfIndex: boolean;
  readonly isOperator: boolean;
}

export const keyDraft: fc.Arbitrary<KeyDraft | undefined> = seldom(
  fc.record({
    field: fc.constantFrom(...textFields),
    which: fc.nat(),
    isOfIndex: fc.boolean(),
    isOperator: fc.boolean(),
  }),
);

export function keyArguments(
  { field, which, isOfIndex, isOperator }: KeyDraft,
  names: readonly string[],
): Values {
  const name = names[which % names.length] ?? "";
  return { ...(isOfIndex && { index: "bySecond" }), [field]: isOperator ? { eq: name } : name };
}
