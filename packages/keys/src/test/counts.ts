import * as fc from "fast-check";
import { expect } from "vitest";
import type { Limits, Store, Taken } from "../store/store.ts";

// What every store that counts does, for the tests of each.

/** A store whose clock the test sets, in seconds since 1970. */
export interface Timed {
  readonly store: Store;
  setClock(seconds: number): void;
}

const seconds = (text: string) => Date.parse(`${text}Z`) / 1000;
let last = 0;

function counter(store: Store): (limits: Limits, requests?: number) => Promise<Taken> {
  const id = `counter ${++last}`;
  return async (limits, requests = 1) => {
    const taken = await store.take?.(id, limits, requests);
    if (taken === undefined) throw new Error("the store counts nothing");
    return taken;
  };
}

/** Checks quotas and buckets at moments that the test sets. */
export async function checkCounts({ store, setClock }: Timed): Promise<void> {
  // A quota of a day ends at midnight UTC, and not before.
  setClock(seconds("2026-02-28T23:59:58"));
  let take = counter(store);
  const daily: Limits = { quota: { limit: 3, period: "day" } };
  expect(await take(daily, 2)).toMatchObject({ granted: 2, passed: 2, used: 2, tokens: 0 });
  expect(await take(daily, 2)).toMatchObject({ granted: 1, passed: 2, used: 3 });
  const full = await take(daily);
  expect(full).toMatchObject({ granted: 0, passed: 1, used: 3 });
  expect(full.resetSeconds).toBeCloseTo(2, 3);
  setClock(seconds("2026-02-28T23:59:59.9"));
  expect(await take(daily)).toMatchObject({ granted: 0 });
  setClock(seconds("2026-03-01T00:00:00"));
  expect(await take(daily)).toMatchObject({ granted: 1, used: 1 });
  // A clock that steps back to the day before grants nothing more.
  expect(await take(daily, 2)).toMatchObject({ granted: 2, used: 3 });
  setClock(seconds("2026-02-28T12:00:00"));
  expect(await take(daily)).toMatchObject({ granted: 0, used: 3 });
  setClock(seconds("2026-03-01T12:00:00"));
  expect(await take(daily)).toMatchObject({ granted: 0, used: 3 });

  // A week starts on Monday, a month on the 1st.
  for (const [period, from, reset] of [
    ["week", "2026-03-01T23:59:00", 60],
    ["week", "2026-03-02T00:00:00", 7 * 86_400],
    ["month", "2024-02-29T23:00:00", 3600],
    ["month", "2026-02-01T00:00:00", 28 * 86_400],
    ["month", "2026-12-31T00:00:00", 86_400],
    ["day", "2026-12-31T18:00:00", 6 * 3600],
  ] as const) {
    setClock(seconds(from));
    take = counter(store);
    const limits: Limits = { quota: { limit: 1, period } };
    const { granted, resetSeconds } = await take(limits);
    expect([from, granted, Math.round(resetSeconds)]).toEqual([from, 1, reset]);
    setClock(seconds(from) + reset - 1);
    expect(await take(limits)).toMatchObject({ granted: 0 });
    setClock(seconds(from) + reset);
    expect(await take(limits)).toMatchObject({ granted: 1 });
  }

  // A bucket starts full and is refilled by the rate, up to the burst.
  const start = seconds("2026-05-05T05:05:05");
  setClock(start);
  take = counter(store);
  const bucket: Limits = { throttle: { rate: 2, burst: 3 } };
  expect(await take(bucket, 5)).toMatchObject({ granted: 3, passed: 3, tokens: 0 });
  setClock(start + 0.25);
  const half = await take(bucket);
  expect(half.granted).toBe(0);
  expect(half.tokens).toBeCloseTo(0.5, 3);
  setClock(start + 0.75);
  expect(await take(bucket)).toMatchObject({ granted: 1 });
  // Back and forth grants the same time once.
  setClock(start - 1000);
  expect(await take(bucket)).toMatchObject({ granted: 0 });
  setClock(start + 0.75);
  expect(await take(bucket)).toMatchObject({ granted: 0 });
  setClock(start + 1000);
  expect(await take(bucket, 5)).toMatchObject({ granted: 3 });

  // What the throttle rejects does not count against the quota, and what the quota rejects takes no token.
  setClock(start);
  take = counter(store);
  const both: Limits = { throttle: { rate: 1, burst: 2 }, quota: { limit: 3, period: "month" } };
  expect(await take(both, 10)).toMatchObject({ granted: 2, passed: 2, used: 2 });
  setClock(start + 2);
  expect(await take(both, 2)).toMatchObject({ granted: 1, passed: 2, used: 3, tokens: 1 });
  expect(await take(both)).toMatchObject({ granted: 0, passed: 1, used: 3 });

  // Whatever comes, in whatever steps of the clock: no more than the limits.
  const step = fc.record({
    seconds: fc.integer({ min: -40, max: 60 }),
    requests: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const taking = counter(store);
      const limits: Limits = { throttle: { rate: 0.1, burst: 3 }, quota: { limit: 8, period: "day" } };
      let clock = start;
      let granted = 0;
      const first = start + (steps[0]?.seconds ?? 0);
      let furthest = first;
      for (const { seconds: by, requests } of steps) {
        clock += by;
        furthest = Math.max(furthest, clock);
        setClock(clock);
        granted += (await taking(limits, requests)).granted;
      }
      expect(granted).toBeLessThanOrEqual(Math.min(8, 3 + (furthest - first) * 0.1 + 1e-6));
    }),
    { numRuns: 20 },
  );
}

/** Checks that stores of several instances count together. @param open opens the same store each time */
export async function checkCountsTogether(open: () => Store): Promise<void> {
  const stores = [open(), open()] as const;
  const limits: Limits = { quota: { limit: 25, period: "month" } };
  const id = `together ${++last}`;
  const taken = await Promise.all(
    Array.from({ length: 100 }, (_, i) => stores[i % 2 === 0 ? 0 : 1].take?.(id, limits, 1)),
  );
  expect(taken.filter((one) => one?.granted === 1)).toHaveLength(25);
  const expiresAt = Math.floor(Date.now() / 1000) + 60;
  const marks = await Promise.all(
    Array.from({ length: 10 }, (_, i) => stores[i % 2 === 0 ? 0 : 1].once?.(`sign'ature ${last}`, expiresAt)),
  );
  expect(marks.filter(Boolean)).toHaveLength(1);
  expect(await stores[0].once?.(`other ${last}`, expiresAt)).toBe(true);
  for (const store of stores) await store.close();
}
