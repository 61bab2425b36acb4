import { AuthError } from "../refusal/error.ts";
import type { Answer } from "./answer.ts";
import { AnswerMemory } from "./memory.ts";

/** Finds the answer for a key. `ask` is called where none is remembered; what it throws is never remembered. */
export interface Remembering {
  /** @param now milliseconds since 1970 */
  known(key: string, now: number): Answer | undefined;
  find(key: string, now: number, ask: () => Promise<Answer>): Promise<Answer>;
}

/** @param ttlSeconds how long answers are remembered that do not say so themselves; over 0, callers share one call */
export function remembering(ttlSeconds: number, memory: AnswerMemory = new AnswerMemory()): Remembering {
  const flights = new Map<string, Promise<Answer>>();
  const lifetime = (answer: Answer) => (answer.ttlOverride ?? ttlSeconds) * 1000;

  const askAndKeep = async (key: string, now: number, ask: () => Promise<Answer>) => {
    const answer = await ask();
    if (lifetime(answer) > 0) memory.set(key, answer, now + lifetime(answer));
    return answer;
  };

  return {
    known: (key, now) => memory.get(key, now),
    async find(key, now, ask) {
      const known = memory.get(key, now);
      if (known !== undefined) return known;
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

/** An error belongs to one request: whoever waited for the same call gets one of its own. */
function rethrowCopy(error: unknown): never {
  if (!(error instanceof AuthError)) throw error;
  const { code, reason, detail, retryAfter, scopes, awsType, awsMessage, cause } = error;
  throw new AuthError(code, reason, {
    scopes,
    cause,
    ...(detail !== undefined && { detail }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(awsType !== undefined && { awsType }),
    ...(awsMessage !== undefined && { awsMessage }),
  });
}
