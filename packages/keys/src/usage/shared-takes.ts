import type { Limits, Taken } from "../store/store.ts";

/** The part of a batch that one request has. */
export interface Share {
  /** Its place in the batch, from 0 on. */
  readonly place: number;
  readonly taken: Taken;
}

/** `take` of a store. */
export type Take = (id: string, limits: Limits, requests: number) => Promise<Taken>;

interface Batch {
  size: number;
  readonly taken: Promise<Taken>;
}

/**
 * Asks the store for all requests of a caller that wait at the same time together: one question of an instance for each
 * caller is on its way, and the next takes along what came meanwhile.
 */
export class SharedTakes {
  readonly #take: Take;
  readonly #waiting = new Map<string, Batch>();
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(take: Take) {
    this.#take = take;
  }

  async take(id: string, limits: Limits): Promise<Share> {
    const batch = this.#waiting.get(id) ?? this.#open(id, limits);
    const place = batch.size++;
    return { place, taken: await batch.taken };
  }

  #open(id: string, limits: Limits): Batch {
    const before = this.#running.get(id) ?? Promise.resolve();
    const taken = before.then(() => {
      this.#waiting.delete(id);
      return this.#take(id, limits, batch.size);
    });
    const batch: Batch = { size: 0, taken };
    const done = taken.then(
      () => {},
      () => {},
    );
    this.#waiting.set(id, batch);
    this.#running.set(id, done);
    void done.then(() => {
      if (this.#running.get(id) === done) this.#running.delete(id);
    });
    return batch;
  }
}
