import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Remembered } from "./provider.ts";

interface Counted {
  fetches: number;
  failing: boolean;
  readonly remembered: Remembered<string>;
}

/** Counts what is fetched: v1, v2 …, each good for as many seconds as said. */
function counted(seconds: number): Counted {
  const state: Counted = {
    fetches: 0,
    failing: false,
    remembered: new Remembered(async () => {
      state.fetches++;
      if (state.failing) throw new Error("down");
      return { value: `v${state.fetches}`, expiresAt: Date.now() + seconds * 1000 };
    }),
  };
  return state;
}

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

describe("Remembered", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fetches once for however many wait", async () => {
    const state = counted(3600);
    const values = await Promise.all(Array.from({ length: 100 }, () => state.remembered.get()));
    expect(new Set(values)).toEqual(new Set(["v1"]));
    expect(state.fetches).toBe(1);
  });

  it.each([
    [3600, 3540],
    [300, 270],
    [60, 54],
  ])("keeps what lives %i s for %i s, then renews it", async (life, kept) => {
    const state = counted(life);
    expect(await state.remembered.get()).toBe("v1");
    pass(kept - 1);
    expect(await state.remembered.get()).toBe("v1");
    pass(1);
    expect(await state.remembered.get()).toBe("v2");
    expect(state.fetches).toBe(2);
  });

  it("serves on while renewing fails, to the end and no longer", async () => {
    const state = counted(3600);
    await state.remembered.get();
    state.failing = true;
    pass(3599);
    expect(await state.remembered.get()).toBe("v1");
    expect(state.fetches).toBe(2);
    pass(1);
    await expect(state.remembered.get()).rejects.toThrow("down");
    state.failing = false;
    expect(await state.remembered.get()).toBe("v4");
  });

  it("does not remember a failure, which all who wait for it share", async () => {
    const state = counted(3600);
    state.failing = true;
    const results = await Promise.allSettled([state.remembered.get(), state.remembered.get()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(state.fetches).toBe(1);
    state.failing = false;
    expect(await state.remembered.get()).toBe("v2");
  });

  it("forgets what was refused, once a minute", async () => {
    const state = counted(3600);
    await state.remembered.get();
    state.remembered.refused();
    expect(await state.remembered.get()).toBe("v2");
    pass(59);
    state.remembered.refused();
    expect(await state.remembered.get()).toBe("v2");
    pass(1);
    state.remembered.refused();
    expect(await state.remembered.get()).toBe("v3");
  });

  it("does not serve on with what was refused", async () => {
    const state = counted(3600);
    await state.remembered.get();
    state.remembered.refused();
    state.failing = true;
    await expect(state.remembered.get()).rejects.toThrow("down");
  });

  it("fetches again and forgets what was refused after the clock was set back", async () => {
    const state = counted(3600);
    await state.remembered.get();
    state.remembered.refused();
    expect(await state.remembered.get()).toBe("v2");
    pass(-86_400);
    expect(await state.remembered.get()).toBe("v3");
    state.remembered.refused();
    expect(await state.remembered.get()).toBe("v4");
  });
});
