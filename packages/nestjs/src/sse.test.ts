import { Controller, Sse } from "@nestjs/common";
import { concat, NEVER, of } from "rxjs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  AllowAnonymous,
  apiKey,
  AuthModesModule,
  createAuth,
  newApiKey,
  type StoredApiKey,
} from "./index.ts";
import { platforms, serve } from "./test/apps.ts";

@Controller()
class EventsController {
  @Sse("events")
  events() {
    return concat(of({ data: "first" }), NEVER);
  }

  @Sse("open")
  @AllowAnonymous()
  open() {
    return of({ data: "first" });
  }
}

describe.each(platforms)("@Sse on %s", (_name, adapter) => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  async function start() {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const store: { found: StoredApiKey | undefined; announce: () => void } = {
      found: stored,
      announce: () => {},
    };
    const onChange = (listener: () => void) => {
      store.announce = listener;
      return () => {};
    };
    const auth = createAuth([apiKey({ keys: Object.assign(() => store.found, { onChange }) })]);
    auth.onEvent(() => {});
    const url = await serve(
      { imports: [AuthModesModule.forRoot({ auth })], controllers: [EventsController] },
      adapter,
    );
    return { url, key, store };
  }

  async function open() {
    const { url, key, store } = await start();
    const response = await fetch(`${url}/events`, { headers: { "x-api-key": key } });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const read = async () => {
      const { done = true, value = "" } = (await reader?.read()) ?? {};
      text += value;
      return done;
    };
    while (!text.includes("first")) await read();
    const rest = (async () => {
      while (!(await read()));
      return text;
    })();
    return { store, rest };
  }

  it("ends when the key is deleted, and says why", async () => {
    const { store, rest } = await open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await Promise.race([rest, Promise.resolve("open")])).toBe("open");
    store.found = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await rest).toMatch(/event: error\n(?:id: \d+\n)?data: The credentials were refused/);
  });

  it("ends within 2 seconds if the deletion is announced", async () => {
    const { store, rest } = await open();
    store.announce();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await Promise.race([rest, Promise.resolve("open")])).toBe("open");
    store.found = undefined;
    store.announce();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await rest).toMatch(/event: error\n(?:id: \d+\n)?data: The credentials were refused/);
  });

  it("ends after 24 hours", async () => {
    const { rest } = await open();
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(await rest).toContain("The credentials have expired");
  });

  it("is left alone if the route is open", async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/open`)).text()).toContain("first");
  });
});
