import { memoryCounts } from "./memory-counts.ts";
import type { Store } from "./store.ts";
import { Table } from "./table.ts";
import { Wakes } from "./wakes.ts";

/**
 * Makes a store in this process's memory, for tests and for one instance whose keys may be lost with it.
 * @example
 * import { memoryStore, openKeys } from "@authmodes/keys";
 *
 * const keys = await openKeys(memoryStore());
 * const { key } = await keys.create({ name: "test" });
 * console.log(key);
 */
export function memoryStore(): Store {
  let table = new Table();
  const wakes = new Wakes();
  return {
    name: "memory",
    changes: async (kind, after) => table.changes(kind, after),
    async write(writes, after) {
      const next = table.with(writes, after);
      if (next === undefined) return false;
      table = next;
      wakes.wake();
      return true;
    },
    watch: (wake) => wakes.watch(wake),
    ...memoryCounts(),
    close: async () => {},
  };
}
