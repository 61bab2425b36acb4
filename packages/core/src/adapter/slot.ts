import type { RequestState } from "../request/state.ts";

/**
 * A place on the state of each request for what one adapter keeps.
 * @example
 * const answered = new AdapterSlot<Response>();
 * answered.set(stateOf(request), response);
 */
export class AdapterSlot<T> {
  /** undefined if nothing was kept, or another adapter kept something since. */
  get({ slot }: RequestState): T | undefined {
    return slot?.owner === this ? (slot.value as T) : undefined;
  }

  set(state: RequestState, value: T): void {
    state.slot = { owner: this, value };
  }
}
