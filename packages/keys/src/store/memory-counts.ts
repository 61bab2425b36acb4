import { keptSeconds, type Limits, type Period, type Store, type Taken } from "./store.ts";

const daySeconds = 86_400;
/** How many entries there are before expired ones are removed. */
const sweepAt = 10_000;

/** The period of a moment: from when, and until when, in seconds since 1970. */
export function periodAt(seconds: number, period: Period): readonly [start: number, end: number] {
  const days = Math.floor(seconds / daySeconds);
  if (period === "day") return [days * daySeconds, (days + 1) * daySeconds];
  if (period === "week") {
    // 1 January 1970 was a Thursday.
    const monday = days - ((days + 3) % 7);
    return [monday * daySeconds, (monday + 7) * daySeconds];
  }
  const date = new Date(seconds * 1000);
  const first = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months) / 1000;
  return [first(0), first(1)];
}

interface Count {
  readonly tokens: number;
  readonly at: number;
  readonly start: number;
  readonly used: number;
  readonly expiresAt: number;
}

/** Counts in the memory of a process. The statements of Redis and PostgreSQL do the same. */
export function memoryCounts(): Required<Pick<Store, "take" | "once">> {
  const counts = new Map<string, Count>();
  const recorded = new Map<string, { readonly expiresAt: number }>();
  const [sweepCounts, sweepRecorded] = [sweeper(counts), sweeper(recorded)];
  return {
    async take(id, { throttle, quota }, requests): Promise<Taken> {
      const clock = Date.now() / 1000;
      const [start, end] = periodAt(clock, quota?.period ?? "day");
      const before = counts.get(id) ?? { tokens: throttle?.burst ?? 0, at: clock, start, used: 0 };
      const at = Math.max(before.at, clock);
      const refilled = before.tokens + (at - before.at) * (throttle?.rate ?? 0);
      const tokens = Math.min(throttle?.burst ?? 0, refilled);
      const used = start > before.start ? 0 : before.used;
      const passed = throttle === undefined ? requests : Math.min(requests, Math.floor(tokens));
      const granted = quota === undefined ? passed : Math.min(passed, Math.max(0, quota.limit - used));
      const after = { tokens: throttle === undefined ? 0 : tokens - granted, used: used + granted };
      sweepCounts(clock);
      const expiresAt = keepUntil(throttle, at, end);
      counts.set(id, { ...after, at, start: Math.max(start, before.start), expiresAt });
      return { granted, passed, ...after, resetSeconds: end - clock };
    },
    async once(id, expiresAt) {
      const clock = Date.now() / 1000;
      sweepRecorded(clock - keptSeconds);
      if (recorded.has(id)) return false;
      recorded.set(id, { expiresAt });
      return true;
    },
  };
}

/** A day longer than a count means anything, so that a clock that steps back finds it. */
function keepUntil(throttle: Limits["throttle"], at: number, end: number): number {
  const full = throttle === undefined ? at : at + throttle.burst / throttle.rate;
  return Math.max(end, full) + daySeconds;
}

/** Returns what removes expired entries once there are many. */
function sweeper(entries: Map<string, { readonly expiresAt: number }>): (clock: number) => void {
  let next = sweepAt;
  return (clock) => {
    if (entries.size < next) return;
    for (const [id, { expiresAt }] of entries) if (expiresAt < clock) entries.delete(id);
    next = Math.max(sweepAt, entries.size * 2);
  };
}
