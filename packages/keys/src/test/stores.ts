import * as fc from "fast-check";
import { expect, vi } from "vitest";
import type { Key } from "../key-record.ts";
import { openKeys } from "../keys.ts";
import type { Row, Store } from "../store/store.ts";

// What every store does, for the tests of each.

// For the tests of e2e, which have no client of their own: a second copy would be another class to the compiler.
export { Redis } from "ioredis";

const record = (id: string, data = "1") => ({ kind: "test", id, data });

async function idsOf(store: Store, after?: string): Promise<readonly string[]> {
  const { rows } = await store.changes("test", after);
  return rows.map(({ id, data }) => `${id}=${data}`).toSorted();
}

/** Checks a store's contract. @param open opens the same, empty store each time it is called */
export async function checkStore(open: () => Store): Promise<void> {
  const [one, two] = [open(), open()];
  try {
    // Empty.
    const empty = await one.changes("test");
    expect(empty).toMatchObject({ rows: [], isWhole: true });

    // What one writes, the other reads: all of it, and from a cursor on what changed.
    expect(await one.write([record("a"), record("b")], empty.cursor)).toBe(true);
    const first = await two.changes("test", empty.cursor);
    expect(first.rows.map(({ id }) => id).toSorted()).toEqual(["a", "b"]);
    expect(await two.write([record("b", "2"), { ...record("x"), kind: "other" }])).toBe(true);
    expect(await one.changes("test", first.cursor)).toMatchObject({
      rows: [{ id: "b", data: "2" }],
      isWhole: false,
    });
    expect(await idsOf(one)).toEqual(["a=1", "b=2"]);
    expect(await one.changes("none")).toMatchObject({ rows: [] });
    expect(await idsOf(one, (await one.changes("test")).cursor)).toEqual([]);

    // A cursor of another store, or of one that was lost since, reads all.
    const other = await one.changes("test", "another-epoch 1");
    expect(other).toMatchObject({ isWhole: true });
    expect(other.rows).toHaveLength(2);
    const [epoch] = first.cursor.split(" ");
    expect(await one.changes("test", `${epoch} 999999`)).toMatchObject({ isWhole: true });

    // A write after an old cursor writes nothing.
    expect(await one.write([record("c"), record("a", "9")], first.cursor)).toBe(false);
    expect(await idsOf(two)).toEqual(["a=1", "b=2"]);
    const { cursor } = await two.changes("test");
    const raced = await Promise.all(
      [one, two].map((store, i) => store.write([record("race", `${i}`)], cursor)),
    );
    expect(raced.filter(Boolean)).toEqual([true]);

    // Every write counts, and versions grow.
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).write([record(`n${i}`)])),
    );
    const all = await one.changes("test");
    expect(all.rows.filter(({ id }) => id.startsWith("n"))).toHaveLength(20);
    expect(new Set(all.rows.map(({ version }: Row) => version)).size).toBe(all.rows.length);

    // Odd texts, and none that a store reads as its own.
    const odd = ["", " 1 2", "é'\"\\\n{}%s$1", "a b", "😀", "1 2 3"];
    await one.write(odd.map((text) => ({ ...record(`odd ${text}`), data: text })));
    const { rows } = await two.changes("test");
    for (const text of odd) expect(rows.find(({ id }) => id === `odd ${text}`)?.data).toBe(text);

    // Records that expired long ago are dropped by a later write; others keep their expiry.
    const soon = Math.floor(Date.now() / 1000) + 60;
    await one.write([
      { ...record("old"), expiresAt: 1000 },
      { ...record("young"), expiresAt: soon },
      { ...record("kept"), expiresAt: 1000 },
    ]);
    await one.write([record("kept")]);
    await one.write([record("later")]);
    const left = (await two.changes("test")).rows;
    expect(left.some(({ id }) => id === "old")).toBe(false);
    expect(left.find(({ id }) => id === "young")?.expiresAt).toBe(soon);
  } finally {
    await one.close();
    await two.close();
  }
}

/** Checks that an instance whose clock is ahead drops no record that others still need. @param open opens an empty store */
export async function checkForeignClock(open: () => Store): Promise<void> {
  const store = open();
  const now = Date.now();
  await store.write([{ ...record("young"), expiresAt: Math.floor(now / 1000) + 3600 }]);
  const clock = vi.spyOn(Date, "now").mockReturnValue(now + 48 * 3_600_000);
  await store.write([record("later")]);
  clock.mockRestore();
  expect(await idsOf(store)).toContain("young=1");
  await store.close();
}

/** Checks that an import of many keys is one write. @param open opens the same, empty store */
export async function checkLargeImport(open: () => Store): Promise<void> {
  const stores = [open(), open()] as const;
  const count = 40_000;
  const csv = Array.from({ length: count }, (_, i) => `key ${i},${"k".repeat(20)}-${i}\n`).join("");
  const keys = await openKeys(stores[0]);
  const { imported } = await keys.import({ keys: `Name,Key\n${csv}` });
  expect(imported).toHaveLength(count);
  const { rows } = await stores[1].changes("key");
  expect(rows).toHaveLength(count);
  expect(new Set(rows.map(({ version }) => version)).size).toBe(1);
  await keys.close();
  await Promise.all(stores.map((store) => store.close()));
}

const actions = ["create", "rotate", "disable", "enable", "revoke", "import"] as const;
const operation = fc.record({
  action: fc.constantFrom(...actions),
  instance: fc.constantFrom(0, 1),
  key: fc.nat(4),
  together: fc.boolean(),
});

/**
 * Whatever two instances do, in turns and at the same time, both end with what the store holds, and that is one of the
 * outcomes that the operations can have.
 * @param open opens an empty store, which other calls of `again` open too
 */
export async function checkInstances(
  open: () => Promise<{ readonly again: () => Store; readonly drop: () => Promise<void> }>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
      const { again, drop } = await open();
      const stores = [again(), again(), again()] as const;
      const instances = await Promise.all([openKeys(stores[0]), openKeys(stores[1])]);
      const created: string[] = [];
      const revoked = new Set<string>();
      const values = new Map<string, string>();
      let running: Promise<void>[] = [];
      const run = async ({ action, instance, key }: (typeof operations)[number]): Promise<void> => {
        const keys = instances[instance];
        if (action === "import") {
          // The same keys each time, from either instance.
          await keys.import({ keys: `Name,Key\nold,${"k".repeat(20)}${key}\n` });
          return;
        }
        const id = created[key];
        if (action === "create" || id === undefined) {
          const made = await keys.create({ name: `key ${key}` });
          created.push(made.id);
          values.set(made.id, made.key);
          return;
        }
        if (action === "rotate") {
          await keys.rotate(id).then(
            (made) => values.set(id, made.key),
            (error: unknown) => expect((error as Error).message).toContain("revoked for good"),
          );
          return;
        }
        if (action === "revoke") revoked.add(id);
        await keys[action](id).catch((error: unknown) => {
          const isForGood =
            action === "enable" && revoked.has(id) && String(error).includes("revoked for good");
          if (!isForGood) throw error;
        });
      };
      try {
        for (const one of operations) {
          if (!one.together) {
            await Promise.all(running);
            running = [];
            // The other instance knows the keys by now.
            await Promise.all(instances.map((keys) => keys.list()));
          }
          running.push(run(one).catch(ignoreUnknown));
        }
        await Promise.all(running);
        const lists = await Promise.all(instances.map((keys) => keys.list()));
        const third = await openKeys(stores[2]);
        const stored = await third.list();
        await third.close();
        expect(lists).toEqual([stored, stored]);
        const of = new Map(stored.map((key): [string, Key] => [key.id, key]));
        for (const id of created) expect(of.get(id)?.state === "revoked").toBe(revoked.has(id));
        // Both find the same keys: no write of one was lost under one of the other.
        const imported = operations.filter(({ action }) => action === "import").map(({ key }) => key);
        expect(stored.filter(({ name }) => name === "old")).toHaveLength(new Set(imported).size);
      } finally {
        await Promise.all(instances.map((keys) => keys.close()));
        await Promise.all(stores.map((store) => store.close()));
        await drop();
      }
    }),
    { numRuns },
  );
}

/** An operation that ran at the same time as the one that made its key. */
function ignoreUnknown(error: unknown): void {
  if (!(error instanceof TypeError) || !error.message.includes("has no key")) throw error;
}
