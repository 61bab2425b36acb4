import type { Answer } from "./answer.ts";

interface Entry {
  readonly answer: Answer;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What an entry weighs beside its answer's text: the key, the map's slot, the objects. */
const entryWeight = 512;

/** Answers for a time, bounded in weight: those that were not asked for longest go first. */
export class AnswerMemory {
  readonly #entries = new Map<string, Entry>();
  readonly #maxWeight: number;
  #weight = 0;

  /** @param maxWeight in bytes, roughly */
  constructor(maxWeight: number = 16 * 1024 * 1024) {
    this.#maxWeight = maxWeight;
  }

  /** @param now milliseconds since 1970 */
  get(key: string, now: number): Answer | undefined {
    const entry = this.#take(key);
    if (entry === undefined || entry.until <= now) return undefined;
    this.#put(key, entry);
    return entry.answer;
  }

  /** @param until milliseconds since 1970 */
  set(key: string, answer: Answer, until: number): void {
    this.#take(key);
    this.#put(key, { answer, until });
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#maxWeight) return;
      this.#take(oldest);
    }
  }

  #put(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#weight += weightOf(entry);
  }

  #take(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#weight -= weightOf(entry);
    return entry;
  }
}

function weightOf({ answer }: Entry): number {
  return answer.size * 2 + entryWeight;
}
