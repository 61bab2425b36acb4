import { AuthError } from "../error.ts";
import type { Authorizer, Run } from "./authorizers.ts";
import type { AuthorizerEvent } from "./authorizer-events.ts";

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
      return await within(timeoutSeconds, (run) => authorizer(event, run));
    } finally {
      inFlight--;
    }
  };
}

async function within(seconds: number, call: (run: Run) => Promise<string>): Promise<string> {
  const controller = new AbortController();
  // Real time, not the clock that tests hold still: what is measured is how long somebody waits.
  const end = performance.now() + seconds * 1000;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new AuthError("unavailable", "authorizer_timeout", {
          detail: `the authorizer took longer than ${seconds} s`,
          retryAfter: 5,
        }),
      );
      controller.abort();
    }, seconds * 1000);
  });
  try {
    const run = { signal: controller.signal, remaining: () => Math.max(0, end - performance.now()) };
    return await Promise.race([call(run), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
