// Timing on a shared machine: the contestants of a comparison take turns, round by round, and the median of the
// rounds' ratios counts. A ratio is of times taken a moment apart, so it stands although the machine's speed drifts.

/** Rounds that do not count: until then code runs that is compiled later. */
export const warmUp = 12;

/**
 * @param {Record<string, (index: number) => unknown>} contestants each does one operation
 * @param {{ rounds?: number, operations?: number }} [options]
 * @returns {Promise<{ micros: Record<string, number>, ratio: (a: string, b: string) => number }>} microseconds an
 *   operation, median of the rounds; how many times as long a takes as b
 */
export async function race(contestants, { rounds = 15, operations = 400 } = {}) {
  const names = Object.keys(contestants);
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    // The contestants take turns at running first.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + names.length * warmUp) % names.length];
      const run = contestants[name];
      const start = process.hrtime.bigint();
      for (let i = 0; i < operations; i++) await run((round + warmUp) * operations + i);
      const micros = Number(process.hrtime.bigint() - start) / 1000 / operations;
      if (round >= 0) times[name].push(micros);
    }
  }
  return {
    micros: Object.fromEntries(names.map((name) => [name, median(times[name])])),
    ratio: (a, b) => medianRatio(times[a], times[b]),
  };
}

/** Of values that were measured a moment apart. @param {readonly number[]} a @param {readonly number[]} b */
export function medianRatio(a, b) {
  return median(a.map((value, round) => value / b[round]));
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * Counts the questions whose answer is yes, lest the answers be optimised away. The loop is each contestant's own: one
 * that they shared would have to find out which of them it calls, and that takes as long as a decision.
 * @template Question
 * @param {(question: Question) => boolean} decide
 * @param {readonly Question[]} questions
 * @returns {() => number}
 */
export function counter(decide, questions) {
  const loop =
    "return () => { let n = 0; for (const question of questions) if (decide(question)) n++; return n; }";
  return new Function("decide", "questions", loop)(decide, questions);
}
