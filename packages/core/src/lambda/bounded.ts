import { AuthError } from "../refusal/error.ts";
import type { Authorizer } from "./authorizers.ts";
import type { AuthorizerEvent } from "./authorizer-events.ts";
import { type Wait, within } from "../lib/within.ts";

export interface Bounds {
  readonly timeoutSeconds: number;
  readonly maxConcurrent: number;
}

/**
 * Calls an authorizer, but not too many times at once, and does not wait for ever.
 * @throws AuthError `authorizer_busy`, `authorizer_timeout`; what the authorizer throws
 */
export function bounded(
  authorizer: Authorizer,
  { timeoutSeconds, maxConcurrent }: Bounds,
): (event: AuthorizerEvent) => Promise<string> {
  const wait: Wait = {
    what: "lambda({ authorizer })",
    reason: "authorizer_timeout",
    seconds: timeoutSeconds,
  };
  let inFlight = 0;
  return async (event) => {
    if (inFlight >= maxConcurrent) {
      throw new AuthError("unavailable", "authorizer_busy", {
        detail: `${maxConcurrent} calls of the authorizer are in flight`,
        retryAfter: 1,
      });
    }
    inFlight++;
    try {
      const end = performance.now() + timeoutSeconds * 1000;
      const remaining = () => Math.max(0, end - performance.now());
      return await within(wait, (context) => authorizer(event, context, remaining));
    } finally {
      inFlight--;
    }
  };
}
