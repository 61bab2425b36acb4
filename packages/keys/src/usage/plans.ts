import { checkOptions, must } from "@authmodes/core/options";
import type { Limits, Period } from "../store/store.ts";

/** A usage plan: how many requests each of its callers has. At least one of `rate` and `quota`. */
export interface UsagePlan {
  /** Requests a second, on average. Default: no throttle. */
  readonly rate?: number;
  /** How many requests may come at once. Default: `rate`, rounded up. */
  readonly burst?: number;
  /** Requests in a day, a week from Monday or a month from the 1st, in UTC. Default: no quota. */
  readonly quota?: { readonly limit: number; readonly period: Period };
}

const periods: readonly unknown[] = ["day", "week", "month"] satisfies readonly Period[];
const most = 1e9;
/** Seconds in which a bucket fills. A store keeps it for so long. */
const slowest = 31 * 86_400;

/** @throws TypeError that names the plan and the option */
export function readPlans(
  where: string,
  plans: Readonly<Record<string, UsagePlan>>,
): ReadonlyMap<string, Limits> {
  must(
    typeof plans === "object" && plans !== null && Object.keys(plans).length > 0,
    `${where}: plans has a plan for each name, such as { free: { rate: 10, quota: { limit: 5000, period: "month" } } }`,
  );
  return new Map(
    Object.entries(plans).map(([name, plan]) => [name, limitsOf(`${where}: plans`, name, plan)]),
  );
}

function limitsOf(where: string, name: string, plan: UsagePlan): Limits {
  must(
    /^[\w.-]{1,64}$/.test(name),
    `${where}: a plan's name has letters, digits, '_', '.' and '-', not '${name}'`,
  );
  const place = `${where}.${name}`;
  checkOptions(place, plan, { rate: ["rateLimit"], burst: ["burstLimit"], quota: ["limit"] });
  const { rate, burst, quota } = plan;
  must(burst === undefined || rate !== undefined, `${place}: burst needs rate, the requests a second`);
  must(
    rate !== undefined || quota !== undefined,
    `${place} limits nothing; write rate or quota, and return null from plan() for callers without limits`,
  );
  must(
    rate === undefined || (typeof rate === "number" && rate > 0 && rate <= most),
    `${place}: rate is a number of requests a second over 0, not ${shown(rate)}`,
  );
  must(
    burst === undefined || isCount(burst),
    `${place}: burst is a whole number from 1 on, not ${shown(burst)}`,
  );
  must(
    rate === undefined || (burst ?? 1) / rate <= slowest,
    `${place}: the burst takes over 31 days to come back at this rate; write a quota instead`,
  );
  if (quota !== undefined) {
    checkOptions(`${place}.quota`, quota, { limit: ["max"], period: ["per", "interval"] });
    must(
      isCount(quota.limit),
      `${place}.quota: limit is a whole number from 1 on, not ${shown(quota.limit)}`,
    );
    must(
      periods.includes(quota.period),
      `${place}.quota: period is 'day', 'week' or 'month', not '${quota.period}'`,
    );
  }
  return {
    ...(rate !== undefined && { throttle: { rate, burst: burst ?? Math.ceil(rate) } }),
    ...(quota !== undefined && { quota: { limit: quota.limit, period: quota.period } }),
  };
}

/** Quotes a text: '5' is not the number 5. */
function shown(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : String(value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}
