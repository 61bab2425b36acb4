import { AuthError } from "@authmodes/core";
import { periodAt } from "../store/memory-counts.ts";
import type { Limits, Taken } from "../store/store.ts";

/** Why a request is one too many. */
export interface Excess {
  readonly kind: "rate" | "quota";
  readonly taken: Taken;
}

/** Seconds until the caller has a request again. */
export function secondsUntil({ throttle }: Limits, { kind, taken }: Excess): number {
  if (kind === "quota" || throttle === undefined) return Math.max(0, taken.resetSeconds);
  return Math.max(0, 1 - taken.tokens) / throttle.rate;
}

/**
 * The 429 of API Gateway, with the fields of draft-ietf-httpapi-ratelimit-headers-08.
 * @param seconds until the caller has a request again
 */
export function overLimit(plan: string, limits: Limits, excess: Excess, seconds: number): AuthError {
  const { throttle, quota } = limits;
  const { kind, taken } = excess;
  const policies: string[] = [];
  const left: string[] = [];
  const add = (name: Excess["kind"], most: number, window: number, remaining: number, free: number) => {
    policies.push(`"${name}";q=${most};w=${Math.max(1, Math.ceil(window))}`);
    left.push(`"${name}";r=${Math.max(0, Math.floor(remaining))};t=${Math.max(1, Math.ceil(free))}`);
  };
  if (throttle !== undefined) {
    const { rate, burst } = throttle;
    add("rate", burst, burst / rate, taken.tokens, kind === "rate" ? seconds : (1 - taken.tokens) / rate);
  }
  if (quota !== undefined) {
    const [start, end] = periodAt(Date.now() / 1000, quota.period);
    const free = kind === "quota" ? seconds : taken.resetSeconds;
    add("quota", quota.limit, end - start, quota.limit - taken.used, free);
  }
  const headers = { "RateLimit-Policy": policies.join(", "), RateLimit: left.join(", ") };
  if (kind === "rate") {
    const detail = `plan '${plan}': ${throttle?.rate} requests a second, ${throttle?.burst} at once`;
    return new AuthError("rate_limited", "rate_exceeded", { detail, retryAfter: seconds, headers });
  }
  return new AuthError("rate_limited", "quota_exceeded", {
    message: "The quota is used up",
    detail: `plan '${plan}': ${quota?.limit} requests each ${quota?.period}`,
    retryAfter: seconds,
    headers,
    awsType: "LimitExceededException",
    awsMessage: "Limit Exceeded",
  });
}
