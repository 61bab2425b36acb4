const shared = globalThis as { calls?: number };

/** Counts the calls of a guarded handler. */
export function countCall(): void {
  shared.calls = calls() + 1;
}

export function calls(): number {
  return shared.calls ?? 0;
}
