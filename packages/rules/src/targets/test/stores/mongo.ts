import type { Values } from "../../../types.ts";
import { toMongo } from "../../mongo.ts";
import { driver } from "../driver.ts";
import { odd, type ParityOptions, type Store } from "../parity.ts";

const mingo = await driver<{
  find(records: readonly Values[], filter: object): { all(): readonly { id: number }[] };
}>("mingo");

/** A collection, queried with mingo; undefined if it is not installed. */
export const mongoStore: (() => Store) | undefined =
  mingo === undefined
    ? undefined
    : () => {
        let stored: readonly Values[] = [];
        return {
          fill: async (records) => {
            stored = records;
          },
          find: async (condition) =>
            mingo
              .find(stored, toMongo(condition))
              .all()
              .map(({ id }) => id),
        };
      };

/** Values that documents may hold instead of a text or a list. */
export const oddInMongo: Pick<ParityOptions, "oddTexts" | "oddLists"> = {
  oddTexts: [...odd.texts, ["a"], ["A", "a"], { a: "a" }, /a/],
  oddLists: odd.lists,
};
