import * as fc from "fast-check";
import { matches } from "../../compile/condition.ts";
import type { Condition, Values } from "../../types.ts";

// A store must return exactly the records that the predicate allows. Here are records and conditions that stores are likely
// to get wrong, and the comparison. The test supplies the queries.

export interface Store {
  /** Replaces the records of the store; `id` is their number. */
  fill(records: readonly Values[]): Promise<void>;
  /** Returns the ids of the records that match the condition. */
  find(condition: Condition): Promise<readonly number[]>;
}

export interface ParityOptions {
  /** Values that text fields may hold in addition to text and null. */
  readonly oddTexts?: readonly unknown[];
  /** Values that list fields may hold in addition to lists of texts and null. */
  readonly oddLists?: readonly unknown[];
  /** Texts that the store cannot hold. */
  readonly cannotHold?: (text: string) => boolean;
  /** The maximum number of values in a comparison. Default 120. */
  readonly mostValues?: number;
  readonly runs?: number;
}

/** Text fields. The last names are keywords in some database. */
export const textFields = ["owner", "author", "value", "rule_position"] as const;
/** List fields. */
export const listFields = ["groups", "editors", "type", "order"] as const;

/** Texts that are equal in some collation, special in some syntax, or look like another type. */
export const nasty: readonly string[] = [
  ["a", "A", "a ", " a", "á", "Á", "a\u0301", "aa", "ä", "æ", "ae", "ß", "ss", "ſ", "s", "i", "İ", "ı"],
  ["", " ", "\t", "\n", "\u00a0", "\u200b", "\ufeff", "\ufffd", "\0", "a\0", "a\0b"],
  ["'", '"', "`", "\\", "''", "a'--", "'); DROP TABLE records; --", "%", "_", "a%", "$1", "?", ":rule0", "#"],
  ["5", "5.0", "05", "5a", "0", "1", "true", "null", "undefined", "{}", "{a}", "[]", '["a"]', "a,b", "{a,b}"],
  ["😀", "😁", "\u{10ffff}", "𝒂", "sub::alice", "sub::Alice", "alice", "ALICE", "/.*/", "\\u0061", "L", "S"],
].flat();

export const odd = {
  texts: [5, 0, 5.5, true, false],
  /** For databases without booleans. */
  numbers: [5, 0, 5.5],
  lists: [
    "a",
    "",
    '["a"]',
    5,
    true,
    [5, 1.5],
    ["a", 5, null, true],
    [["a"]],
    [["a"], "A"],
    { a: "a" },
    [{ a: "a" }],
  ],
} as const;

/** @throws if the store returns other records than the predicate allows, with the smallest such case */
export async function checkParity(store: Store, options: ParityOptions = {}): Promise<void> {
  const { oddTexts = [], oddLists = [], cannotHold = () => false, mostValues = 120, runs = 30 } = options;
  const held = text().filter((value) => !cannotHold(value));
  const record = fc.record(
    {
      ...fields(textFields, mostly(held, [null, ...oddTexts])),
      ...fields(listFields, mostly(fc.array(held, { maxLength: 4 }), [null, ...oddLists])),
    },
    { requiredKeys: [] },
  );
  const property = fc.asyncProperty(
    fc.array(record, { minLength: 1, maxLength: 30 }),
    fc.array(condition(mostValues), { minLength: 1, maxLength: 6 }),
    async (records: readonly Values[], conditions) => {
      const numbered = records.map((values, id) => ({ id, ...values }));
      await store.fill(numbered);
      for (const asked of conditions) {
        const allowed = numbered.filter(matches(asked)).map(({ id }) => id);
        const found = (await store.find(asked)).toSorted((a, b) => a - b);
        if (found.join() === allowed.join()) continue;
        throw new Error(`${JSON.stringify(asked)} allows ${allowed.join()}, the store found ${found.join()}`);
      }
    },
  );
  await fc.assert(property, { numRuns: runs });
}

function text(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...nasty) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  );
}

/** Few different conditions would find anything if the values were drawn from all texts there are. */
function condition(mostValues: number): fc.Arbitrary<Condition> {
  // A half of a surrogate pair turns into U+FFFD in UTF-8, which is among the texts.
  const asked = fc.oneof({ weight: 15, arbitrary: text() }, { weight: 1, arbitrary: fc.constant("\ud83d") });
  const anyOf = fc.oneof(
    { weight: 9, arbitrary: fc.uniqueArray(asked, { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.uniqueArray(asked, { minLength: mostValues / 4, maxLength: mostValues }) },
  );
  const { tree } = fc.letrec<{ tree: Condition; leaf: Condition }>((tie) => ({
    leaf: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom<Condition>({ kind: "always" }, { kind: "never" }) },
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant("equals"), field: fc.constantFrom(...textFields), anyOf }),
      },
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant("contains"), field: fc.constantFrom(...listFields), anyOf }),
      },
    ),
    tree: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 3, arbitrary: tie("leaf") },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("and"), all: fc.array(tie("tree"), { maxLength: 3 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("or"), any: fc.array(tie("tree"), { maxLength: 3 }) }),
      },
    ),
  }));
  return tree;
}

function fields(
  names: readonly string[],
  value: fc.Arbitrary<unknown>,
): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

export function mostly(usual: fc.Arbitrary<unknown>, unusual: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...unusual) });
}
