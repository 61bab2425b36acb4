import type { Clock } from "@authmodes/core";

/** A clock that tests move. Give `clock.now` to `createAuth(…, { clock })`. */
export interface TestClock {
  /** Milliseconds since 1970. It may be handed on by itself. */
  readonly now: Clock;
  /** Stands at this moment (milliseconds since 1970, or a date) until it is moved again. */
  set(moment: number | Date): void;
  /** Moves by seconds, backwards if negative. A clock that ticks goes on ticking. */
  advance(seconds: number): void;
}

/** @param start a clock to follow, or milliseconds since 1970 to stand at */
export function testClock(start: number | Clock): TestClock {
  let base = typeof start === "number" ? () => start : start;
  let offset = 0;
  return {
    now: () => base() + offset,
    set(moment) {
      const time = Number(moment);
      if (!Number.isFinite(time)) {
        throw new TypeError("clock.set() takes milliseconds since 1970, or a Date");
      }
      base = () => time;
      offset = 0;
    },
    advance(seconds) {
      if (!Number.isFinite(seconds)) throw new TypeError("clock.advance() takes a number of seconds");
      offset += seconds * 1000;
    },
  };
}
