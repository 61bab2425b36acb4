// Timing on a shared machine: the contestants of a comparison take turns, round by round, and the median of the
// rounds' ratios counts. A ratio is of times taken a moment apart, so it stands although the machine's speed drifts. Times
// are processor time: that of the compiler and the garbage collector's threads counts, and that of other programs does not.

/** Rounds that do not count: until then code runs that is compiled later. */
export const warmUp = 12;

/**
 * @typedef {object} Result
 * @property {Record<string, number>} micros an operation, median of the rounds
 * @property {(a: string, b: string) => number} ratio how many times as long a takes as b
 * @property {(a: string, b: string) => number} beyond how many microseconds longer a takes than b
 */

/**
 * @param {Record<string, (index: number) => unknown>} contestants each does one operation
 * @param {{ rounds?: number, operations?: number, unmeasured?: number }} [options] `unmeasured` rounds come first
 * @returns {Promise<Result>}
 */
export async function race(contestants, { rounds = 15, operations = 400, unmeasured = warmUp } = {}) {
  const names = Object.keys(contestants);
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -unmeasured; round < rounds; round++) {
    // The contestants take turns at running first.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + names.length * unmeasured) % names.length];
      const run = contestants[name];
      const start = worked();
      for (let i = 0; i < operations; i++) await run((round + unmeasured) * operations + i);
      const micros = (worked() - start) / operations;
      if (round >= 0) times[name].push(micros);
    }
  }
  return {
    micros: Object.fromEntries(names.map((name) => [name, median(times[name])])),
    ratio: (a, b) => medianRatio(times[a], times[b]),
    beyond: (a, b) => median(times[a].map((time, round) => time - times[b][round])),
  };
}

/** Microseconds of processor time since the process began. */
function worked() {
  const { user, system } = process.cpuUsage();
  return user + system;
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

let counters = 0;

/**
 * Counts the questions whose answer is yes, lest the answers be optimised away. The loop is each contestant's own: one
 * that they shared would have to find out which of them it calls, and that takes as long as a decision. V8 compiles equal
 * sources once, so that each has a number.
 * @template Question
 * @param {(question: Question) => boolean} decide
 * @param {readonly Question[]} questions
 * @returns {() => number}
 */
export function counter(decide, questions) {
  const loop = `return () => { let n = 0; for (const question of questions) if (decide(question)) n++; return n; } // ${++counters}`;
  return new Function("decide", "questions", loop)(decide, questions);
}
