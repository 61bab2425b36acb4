import { Cache } from "../lib/cache.ts";
import { AuthError } from "../refusal/error.ts";
import type { Answer } from "./answer.ts";
import type { SizedAnswer } from "./authorizers.ts";

/** Finds the answer for a key. Calls `ask` if none is cached; errors are never cached. */
export interface Remembering {
  /** @param now milliseconds since 1970 */
  known(key: string, now: number): Answer | undefined;
  find(key: string, now: number, ask: () => Promise<SizedAnswer>): Promise<Answer>;
}

interface Entry {
  readonly answer: Answer;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Of all answers, in bytes, roughly. */
const maxWeight = 16 * 1024 * 1024;
/** The weight of an entry besides its answer's text: the key, the map's slot, the objects. */
const entryWeight = 512;

/** @param ttlSeconds how long answers without `ttlOverride` are cached; over 0, callers share one call */
export function remembering(ttlSeconds: number): Remembering {
  const entries = new Cache<Entry>(maxWeight);
  const flights = new Map<string, Promise<SizedAnswer>>();
  const lifetime = (answer: Answer) => (answer.ttlOverride ?? ttlSeconds) * 1000;

  const known = (key: string, now: number) => {
    const entry = entries.get(key);
    return entry === undefined || entry.until <= now ? undefined : entry.answer;
  };
  const askAndKeep = async (key: string, now: number, ask: () => Promise<SizedAnswer>) => {
    const answer = await ask();
    const until = now + lifetime(answer);
    if (until > now) entries.set(key, { answer, until }, answer.size * 2 + entryWeight);
    return answer;
  };

  return {
    known,
    async find(key, now, ask) {
      const answer = known(key, now);
      if (answer !== undefined) return answer;
      if (ttlSeconds === 0) return askAndKeep(key, now, ask);
      const flight = flights.get(key);
      if (flight === undefined) {
        const started = askAndKeep(key, now, ask).finally(() => flights.delete(key));
        flights.set(key, started);
        return started;
      }
      const shared = await flight.catch(rethrowCopy);
      // `ttlOverride: 0` says that the answer was for that one request.
      return lifetime(shared) > 0 ? shared : askAndKeep(key, now, ask);
    },
  };
}

/** An error belongs to one request: each request that waited for the same call gets a copy. */
function rethrowCopy(error: unknown): never {
  throw error instanceof AuthError ? error.copy() : error;
}
