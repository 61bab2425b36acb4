import { createHash } from "node:crypto";
import { AuthError, type IdentityBase, type MaybePromise } from "@authmodes/core";
import { checkFunction, checkOptions, must } from "@authmodes/core/options";
import { inTime, StoreError, troubleOf } from "../store/error.ts";
import { type Limits, type Store, type Taken } from "../store/store.ts";
import { type Excess, overLimit, secondsUntil } from "./excess.ts";
import { readPlans, type UsagePlan } from "./plans.ts";
import { SharedTakes, type Take } from "./shared-takes.ts";

/** Options of `createUsage`. */
export interface UsageOptions {
  /** The plans, by their names. */
  readonly plans: Readonly<Record<string, UsagePlan>>;
  /**
   * Returns the name of a caller's plan; null for a caller without limits. A name that is not in `plans` is a 500. The caller
   * is that of the API key if `createAuth` has `requires`.
   */
  readonly plan: (caller: IdentityBase) => string | null;
  /**
   * What happens to requests while the store is down or slow: `reject` answers 503, `allow` lets them pass uncounted. Default
   * `reject`.
   */
  readonly ifStoreFails?: "reject" | "allow";
}

/** Longer than a store that works takes. */
const storeMs = 2000;
/** While the store is down, it is asked once in this time. */
const pauseMs = 1000;
/** How long an instance rejects a caller by itself, before it asks again. */
const maxClosedMs = 60_000;
const maxClosed = 10_000;

interface Closed {
  /** By the monotonic clock. */
  readonly until: number;
  readonly excess: Excess;
  /** When the caller has a request again. */
  readonly freeAt: number;
}

/**
 * Counts the requests of each caller by its usage plan, for `createAuth({ usage })`. Instances that share a store count
 * together: not one request more than a quota is let through. A request over the rate or over the quota is a 429 as in API
 * Gateway (`TooManyRequestsException`, `LimitExceededException`), with `Retry-After`, `RateLimit` and `RateLimit-Policy`; it
 * does not count.
 * @param store Redis, PostgreSQL, or the memory, which forgets its counts with the process
 * @throws TypeError if a plan is wrong, or the store cannot count, as a file
 * @example
 * import { apiKey, createAuth } from "@authmodes/core";
 * import { createUsage, openKeys, openStore } from "@authmodes/keys";
 *
 * const store = await openStore("redis://127.0.0.1:6379");
 * const keys = await openKeys(store);
 * const usage = createUsage(store, {
 *   plans: {
 *     free: { rate: 5, burst: 10, quota: { limit: 5000, period: "month" } },
 *     gold: { rate: 100, burst: 200 },
 *   },
 *   plan: (caller) => keys.get(caller.id ?? "")?.metadata["plan"] ?? "free",
 * });
 * export const auth = createAuth([apiKey({ keys: keys.find })], { usage });
 */
export function createUsage(
  store: Store,
  options: UsageOptions,
): (caller: IdentityBase) => MaybePromise<void> {
  const where = "createUsage()";
  checkOptions(where, options, { plans: [], plan: ["planOf"], ifStoreFails: ["failOpen", "onError"] });
  const { plan, ifStoreFails = "reject" } = options;
  must(
    typeof store?.take === "function",
    `${where} takes a store that counts for all instances: redisStore(), postgresStore(), or memoryStore() for one process`,
  );
  must(plan !== undefined, `${where}: plan is missing; write (caller) => the name of its plan`);
  checkFunction(`${where}: plan`, plan, "(caller) => the name of its plan");
  must(
    ifStoreFails === "reject" || ifStoreFails === "allow",
    `${where}: ifStoreFails is 'reject' or 'allow', not '${ifStoreFails as string}'`,
  );
  const take = store.take.bind(store);
  const usage = new Usage(store.name, take, readPlans(where, options.plans), plan, ifStoreFails === "allow");
  return (caller) => usage.count(caller);
}

class Usage {
  readonly #store: string;
  readonly #plans: ReadonlyMap<string, Limits>;
  readonly #plan: UsageOptions["plan"];
  readonly #passesUncounted: boolean;
  readonly #takes: SharedTakes;
  /** Callers over a limit: until the next token or period, no instance can have a request for them. */
  readonly #closed = new Map<string, Closed>();
  #isDown = false;
  #askAgainAt = 0;

  constructor(
    store: string,
    take: Take,
    plans: ReadonlyMap<string, Limits>,
    plan: UsageOptions["plan"],
    passesUncounted: boolean,
  ) {
    this.#store = store;
    this.#plans = plans;
    this.#plan = plan;
    this.#passesUncounted = passesUncounted;
    this.#takes = new SharedTakes((id, limits, requests) => this.#ask(() => take(id, limits, requests)));
  }

  count(caller: IdentityBase): MaybePromise<void> {
    const name = this.#plan(caller);
    if (name === null) return;
    const limits = this.#plans.get(name);
    if (limits === undefined) {
      throw new AuthError("misconfigured", "usage_plan_unknown", {
        detail: `plan() of createUsage() returned ${JSON.stringify(name)}, which is not in plans`,
      });
    }
    const id = counterOf(name, limits, caller);
    const closed = this.#closed.get(id);
    if (closed !== undefined) {
      const now = performance.now();
      if (now < closed.until) throw overLimit(name, limits, closed.excess, (closed.freeAt - now) / 1000);
      this.#closed.delete(id);
    }
    return this.#take(id, name, limits);
  }

  async #take(id: string, name: string, limits: Limits): Promise<void> {
    const asked = performance.now();
    let share;
    try {
      share = await this.#takes.take(id, limits);
    } catch (error) {
      if (this.#passesUncounted) return;
      const detail = `the ${this.#store} cannot count the request: ${troubleOf(error)}`;
      throw new AuthError("unavailable", "usage_store_down", { detail, retryAfter: 5 });
    }
    const { place, taken } = share;
    if (place < taken.granted) return;
    const excess: Excess = { kind: place < taken.passed ? "quota" : "rate", taken };
    const seconds = secondsUntil(limits, excess);
    const freeAt = asked + seconds * 1000;
    if (this.#closed.size >= maxClosed) this.#closed.clear();
    this.#closed.set(id, { until: Math.min(freeAt, asked + maxClosedMs), excess, freeAt });
    throw overLimit(name, limits, excess, seconds);
  }

  async #ask(take: () => Promise<Taken>): Promise<Taken> {
    // One question finds out if the store is back; the others need not wait for that.
    if (this.#isDown && performance.now() < this.#askAgainAt)
      throw new StoreError(this.#store, "it was down a moment ago");
    this.#askAgainAt = performance.now() + storeMs;
    try {
      const taken = await inTime(this.#store, take, storeMs);
      this.#report();
      return taken;
    } catch (error) {
      this.#askAgainAt = performance.now() + pauseMs;
      this.#report(troubleOf(error));
      throw error;
    }
  }

  /** One line when the store fails, and one when it is back. */
  #report(trouble?: string): void {
    const isDown = trouble !== undefined;
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    const until = this.#passesUncounted ? "requests pass uncounted" : "requests are answered with 503";
    console.error(
      isDown
        ? `authmodes: the ${this.#store} cannot count requests (${trouble}); until it can, ${until}`
        : `authmodes: the ${this.#store} counts requests again`,
    );
  }
}

/** What the store counts under: one for each caller of a plan. Callers of a mode without ids share one. */
function counterOf(plan: string, { quota }: Limits, caller: IdentityBase): string {
  const issuer = "issuer" in caller ? caller.issuer : undefined;
  const parts = JSON.stringify([plan, quota?.period, caller.mode, issuer, caller.id]);
  return createHash("sha256").update(parts).digest("base64url");
}
