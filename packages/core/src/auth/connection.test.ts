import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAuth } from "./auth.ts";
import type { AuthOptions } from "./options.ts";
import { maxConnectionSeconds, recheckSeconds, watchConnection } from "./connection.ts";
import type { AuthError } from "../refusal/error.ts";
import { apiKey, newApiKey, type StoredApiKey } from "../modes/api-key.ts";
import { iam, type AccessKey } from "../modes/iam.ts";
import { lambda } from "../modes/lambda.ts";
import { machine } from "../test/iam-server.ts";
import { fakeMode } from "../test/modes.ts";
import { signDraft, testTime } from "../test/sigv4-signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, IdentityBase, LookUp, RequestView } from "../types.ts";

/** Real modes, their stores and the timers of the connection, all at one time. */
beforeEach(() => void vi.useFakeTimers({ now: testTime }));
afterEach(() => void vi.useRealTimers());

interface Opened {
  readonly identity: IdentityBase;
  /** Codes and reasons, in order. */
  readonly ended: string[];
  mayStillSend(): unknown;
}

async function open(mode: AuthMode, view: RequestView, options: AuthOptions = {}): Promise<Opened> {
  const auth = createAuth([mode], options);
  auth.onEvent(() => {});
  return watching(await auth.authenticate(view));
}

function watching(identity: IdentityBase): Opened {
  const ended: string[] = [];
  const watch = watchConnection(identity, ({ code, reason }) => ended.push(`${code} ${reason}`));
  return { identity, ended, mayStillSend: () => watch.mayStillSend() };
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);
const claims = { iss: "https://id.example", jti: "j1", sub: "alice" };
const good = viewOf({ headers: [["X-Red", "good"]] });

describe("an open connection", () => {
  const caller = (expiresAt: number | null): IdentityBase =>
    Object.freeze({ mode: "red", id: "a", groups: [], scopes: [], expiresAt });

  it("ends when the credential expires", async () => {
    const { ended, mayStillSend } = watching(caller(testTime / 1000 + 100));
    await seconds(99.9);
    expect([ended, mayStillSend()]).toEqual([[], true]);
    await seconds(0.1);
    expect([ended, mayStillSend()]).toEqual([["credentials_expired connection_expired"], false]);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new RangeError("secret");
      },
    ],
    ["rejects", () => Promise.reject(new RangeError("secret"))],
  ])("sends nothing more if the function that ends it %s, which is one line on stderr", async (_how, end) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const watch = watchConnection(caller(testTime / 1000 + 10), end);
    await seconds(10);
    expect(watch.mayStillSend()).toBe(false);
    expect(log.mock.calls).toEqual([[expect.stringMatching(/watchConnection\(\) threw RangeError$/)]]);
    log.mockRestore();
  });

  it.each([null, testTime / 1000 + 365 * 86_400])("ends after 24 hours (expiresAt %s)", async (expiresAt) => {
    const { ended } = watching(caller(expiresAt));
    await seconds(maxConnectionSeconds - 1);
    expect(ended).toEqual([]);
    await seconds(1);
    expect(ended).toEqual(["credentials_expired connection_too_old"]);
  });

  it("sends nothing that comes in the instant of its end", () => {
    let now = testTime;
    const end = vi.fn<(error: AuthError) => void>();
    const watch = watchConnection(caller(testTime / 1000 + 10), end, () => now);
    now += 10_000;
    expect(watch.mayStillSend()).toBe(false);
    expect(end).toHaveBeenCalledOnce();
  });

  it("asks nothing any more when it has closed", async () => {
    const end = vi.fn<(error: AuthError) => void>();
    watchConnection(caller(null), end).stop();
    await seconds(2 * maxConnectionSeconds);
    expect(end).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a credential that is asked about again", () => {
  it("ends the connection within 60 seconds of being revoked", async () => {
    let isRevoked = false;
    const revoked = vi.fn<() => boolean>(() => isRevoked);
    const { ended } = await open(fakeMode("red", { identity: { claims } }), good, { revoked });
    await seconds(recheckSeconds);
    expect([revoked.mock.calls.length, ended]).toEqual([2, []]);
    isRevoked = true;
    await seconds(recheckSeconds - 1);
    expect(ended).toEqual([]);
    await seconds(1);
    expect(ended).toEqual(["credentials_refused token_revoked"]);
    await seconds(10 * recheckSeconds);
    expect(revoked).toHaveBeenCalledTimes(3);
  });

  it("is asked about by every auth that shares it", async () => {
    const identity = Object.freeze({ mode: "red", id: "a", groups: [], scopes: [], expiresAt: null, claims });
    const mode: AuthMode = {
      name: "red",
      detect: () => ({ place: "x-red", verify: () => identity }),
    };
    let isRevoked = false;
    const { ended } = await open(mode, viewOf(), { revoked: () => isRevoked });
    await open(mode, viewOf(), { revoked: () => false });
    isRevoked = true;
    await seconds(recheckSeconds);
    expect(ended).toEqual(["credentials_refused token_revoked"]);
  });

  it("ends the connection if nothing can be known of it", async () => {
    let isUp = true;
    const revoked = () => {
      if (!isUp) throw new Error("redis is down");
      return false;
    };
    const { ended } = await open(fakeMode("red", { identity: { claims } }), good, { revoked });
    isUp = false;
    await seconds(recheckSeconds);
    expect(ended).toEqual(["unavailable verification_failed"]);
  });

  it("holds back what is sent while it is asked about, and ends the connection if that never ends", async () => {
    const answers = [Promise.resolve(false), new Promise<boolean>(() => {})];
    const mode = fakeMode("red", { identity: { claims } });
    const { ended, mayStillSend } = await open(mode, good, { revoked: () => answers.shift() ?? false });
    await seconds(recheckSeconds);
    expect(await Promise.race([mayStillSend(), "held back"])).toBe("held back");
    await seconds(recheckSeconds);
    expect(ended[0]).toMatch(/^unavailable /);
  });

  it("is asked about when a connection is opened with an identity of long ago", async () => {
    let isRevoked = false;
    const { identity } = await open(fakeMode("red", { identity: { claims } }), good, {
      revoked: () => isRevoked,
    });
    isRevoked = true;
    vi.setSystemTime(testTime + recheckSeconds * 1000);
    const { ended, mayStillSend } = watching(identity);
    expect(await mayStillSend()).toBe(false);
    expect(ended).toEqual(["credentials_refused token_revoked"]);
  });
});

/** Adds announcements to a look-up, as a store does. */
class Changes {
  readonly listeners: Set<() => void> = new Set<() => void>();

  of<F extends object>(lookUp: F): LookUp<F> {
    const onChange = (listener: () => void) => {
      const own = () => listener();
      this.listeners.add(own);
      return () => void this.listeners.delete(own);
    };
    return Object.assign(lookUp, { onChange });
  }

  announce(): void {
    for (const listener of this.listeners) listener();
  }
}

describe("a change that is announced", () => {
  const soon = () => seconds(2);

  it("ends the connections that it is about, within 2 seconds, and no other", async () => {
    const changes = new Changes();
    const gone = new Set<string | undefined>();
    const options = { revoked: changes.of(({ sub }: { sub: string | undefined }) => gone.has(sub)) };
    const openAs = (sub: string) => open(fakeMode("red", { identity: { claims: { sub } } }), good, options);
    const [alice, bob] = [await openAs("alice"), await openAs("bob")];
    gone.add("alice");
    changes.announce();
    await soon();
    expect([alice.ended, bob.ended]).toEqual([["credentials_refused token_revoked"], []]);
    expect([alice.mayStillSend(), bob.mayStillSend()]).toEqual([false, true]);
    // Only the other one still listens.
    expect(changes.listeners.size).toBe(1);
  });

  it("ends connections of API keys, access keys, required keys and modes of the app", async () => {
    const changes = new Changes();
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const draft = signDraft({ target: "/", headers: [["Host", "api.example"]] });
    let isThere = true;
    const keys = changes.of(() => (isThere ? stored : undefined));
    const credentials = changes.of(() => (isThere ? machine : undefined));
    const own: AuthMode = {
      name: "own",
      detect() {
        const verify = () => ({
          mode: "own",
          id: "a",
          groups: [],
          scopes: isThere ? ["read"] : [],
          expiresAt: null,
        });
        return { place: "x-own", verify, again: verify, onChange: changes.of(verify).onChange };
      },
    };
    const withKey = viewOf({ headers: [["X-Api-Key", key]] });
    const both = viewOf({
      headers: [
        ["X-Red", "good"],
        ["X-Api-Key", key],
      ],
    });
    const opened = [
      await open(apiKey({ keys }), withKey),
      await open(iam({ region: "us-east-1", credentials }), viewOf(draft)),
      await open(fakeMode("red"), both, { requires: apiKey({ keys }) }),
      await open(own, viewOf()),
    ];
    changes.announce();
    await soon();
    expect(opened.flatMap(({ ended }) => ended)).toEqual([]);
    isThere = false;
    changes.announce();
    await soon();
    expect(opened.map(({ ended }) => ended)).toEqual([
      ["credentials_refused api_key_unknown"],
      ["credentials_refused access_key_unknown"],
      ["credentials_refused api_key_unknown"],
      ["credentials_refused credentials_changed"],
    ]);
  });

  it("calls no authorizer, and no look-up that announces nothing", async () => {
    const changes = new Changes();
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const authorizer = vi.fn<() => Promise<object>>(async () => ({ isAuthorized: true, ttlOverride: 0 }));
    const revoked = vi.fn<() => boolean>(() => false);
    const keys = vi.fn<() => StoredApiKey>(() => stored);
    const requires = apiKey({ keys: changes.of(keys) });
    const viewWith = (name: string, value: string) =>
      viewOf({
        headers: [
          [name, value],
          ["X-Api-Key", key],
        ],
      });
    const opened = [
      await open(lambda({ authorizer }), viewWith("Authorization", "custom"), { requires }),
      await open(fakeMode("red", { identity: { claims } }), viewWith("X-Red", "good"), { requires, revoked }),
    ];
    await seconds(0);
    for (const lookUp of [authorizer, revoked, keys]) lookUp.mockClear();
    changes.announce();
    await soon();
    expect([authorizer.mock.calls.length, revoked.mock.calls.length]).toEqual([0, 0]);
    expect(keys).toHaveBeenCalledTimes(2);
    expect(opened.flatMap(({ ended }) => ended)).toEqual([]);
    // They are asked as often as before.
    await seconds(recheckSeconds);
    expect([authorizer.mock.calls.length, revoked.mock.calls.length]).toEqual([1, 1]);
  });

  it("is noticed if it came between the verification and the opening", async () => {
    const changes = new Changes();
    let isRevoked = false;
    const revoked = changes.of(() => isRevoked);
    const { identity } = await open(fakeMode("red", { identity: { claims } }), good, { revoked });
    isRevoked = true;
    changes.announce();
    const { ended } = watching(identity);
    await seconds(0);
    expect(ended).toEqual(["credentials_refused token_revoked"]);
  });

  it("is noticed while another check hangs", async () => {
    const changes = new Changes();
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    let found: StoredApiKey | undefined = stored;
    let answer: Promise<boolean> = Promise.resolve(false);
    const { ended } = await open(
      fakeMode("red", { identity: { claims } }),
      viewOf({
        headers: [
          ["X-Red", "good"],
          ["X-Api-Key", key],
        ],
      }),
      { revoked: () => answer, requires: apiKey({ keys: changes.of(() => found) }) },
    );
    answer = new Promise(() => {});
    await seconds(recheckSeconds);
    found = undefined;
    changes.announce();
    await soon();
    expect(ended).toEqual(["credentials_refused api_key_unknown"]);
  });

  it("costs few checks, however often something changes", async () => {
    const changes = new Changes();
    const revoked = vi.fn<() => boolean>(() => false);
    await open(fakeMode("red", { identity: { claims } }), good, { revoked: changes.of(revoked) });
    await seconds(0);
    revoked.mockClear();
    for (let i = 0; i < 1000; i++) changes.announce();
    await soon();
    expect(revoked).toHaveBeenCalledOnce();
  });

  it("is nothing to a connection that has closed", async () => {
    const changes = new Changes();
    const revoked = vi.fn<() => boolean>(() => false);
    const auth = createAuth([fakeMode("red", { identity: { claims } })], { revoked: changes.of(revoked) });
    const watched = watchConnection(await auth.authenticate(good), () => {});
    changes.announce();
    watched.stop();
    await seconds(0);
    revoked.mockClear();
    expect(changes.listeners.size).toBe(0);
    await seconds(2 * recheckSeconds);
    expect(revoked).not.toHaveBeenCalled();
  });

  it("ends the connection and its timers if a look-up cannot stop its calls, which one line says", async () => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => {});
    const stopped = vi.fn<() => void>();
    let isRevoked = false;
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const stop = () => {
      throw new RangeError("secret");
    };
    const revoked = Object.assign(() => isRevoked, { onChange: () => stop });
    const keys = Object.assign(() => stored, { onChange: () => stopped });
    const view = viewOf({
      headers: [
        ["X-Red", "good"],
        ["X-Api-Key", key],
      ],
    });
    const { ended, mayStillSend } = await open(fakeMode("red", { identity: { claims } }), view, {
      revoked,
      requires: apiKey({ keys }),
    });
    isRevoked = true;
    await seconds(recheckSeconds);
    expect([ended, await mayStillSend()]).toEqual([["credentials_refused token_revoked"], false]);
    expect(stopped).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
    expect(errors.mock.calls).toEqual([
      ["authmodes: the function that onChange() of a look-up returned threw RangeError"],
    ]);
    errors.mockRestore();
  });

  it("leaves no listener behind if one of the look-ups cannot announce", async () => {
    const changes = new Changes();
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const onChange = () => {
      throw new RangeError("the store is closed");
    };
    const auth = createAuth([fakeMode("red", { identity: { claims } })], {
      revoked: changes.of(() => false),
      requires: apiKey({ keys: Object.assign(() => stored, { onChange }) }),
    });
    const view = viewOf({
      headers: [
        ["X-Red", "good"],
        ["X-Api-Key", key],
      ],
    });
    const identity = await auth.authenticate(view);
    expect(() => watchConnection(identity, () => {})).toThrow("the store is closed");
    expect(changes.listeners.size).toBe(0);
  });

  it("needs a function that listens, and one that stops it", async () => {
    const wrong = <F extends object>(lookUp: F): F => Object.assign(lookUp, { onChange: "change" });
    expect(() => createAuth([fakeMode("red")], { revoked: wrong(() => false) })).toThrow(
      "createAuth(): revoked.onChange is a function, (listener) => a function that stops the calls",
    );
    expect(() => apiKey({ keys: wrong(() => undefined) })).toThrow("apiKey(): keys.onChange is a function");
    expect(() => iam({ region: "a", credentials: wrong(() => undefined) })).toThrow(
      "iam(): credentials.onChange is a function",
    );
    const revoked = Object.assign(() => false, { onChange: () => ({}) as () => void });
    const auth = createAuth([fakeMode("red", { identity: { claims } })], { revoked });
    const identity = await auth.authenticate(good);
    expect(() => watchConnection(identity, () => {})).toThrow("returns a function that stops the calls");
  });
});

describe("what the modes ask again", () => {
  it("apiKey: whether its store still has the key, with the same scopes", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null, scopes: ["read", "write"] });
    const changes: readonly (readonly [StoredApiKey | undefined, string])[] = [
      [undefined, "credentials_refused api_key_unknown"],
      [{ ...stored, expiresAt: testTime / 1000 + 1 }, "credentials_expired api_key_expired"],
      [{ ...stored, scopes: ["read"] }, "credentials_refused credentials_changed"],
    ];
    for (const [changed, reason] of changes) {
      let found: StoredApiKey | undefined = stored;
      const view = viewOf({ headers: [["X-Api-Key", key]] });
      const { ended } = await open(apiKey({ keys: () => found }), view);
      await seconds(recheckSeconds);
      expect(ended).toEqual([]);
      found = changed;
      await seconds(recheckSeconds);
      expect(ended).toEqual([reason]);
    }
  });

  it("apiKey: nothing if its keys are a list", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const { ended } = await open(apiKey({ keys: [stored] }), viewOf({ headers: [["X-Api-Key", key]] }));
    await seconds(recheckSeconds);
    expect(ended).toEqual([]);
  });

  it("a required API key too", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    let found: StoredApiKey | undefined = stored;
    const headers = [
      ["X-Red", "good"],
      ["X-Api-Key", key],
    ] as const;
    const requires = apiKey({ keys: () => found });
    const { ended } = await open(fakeMode("red"), viewOf({ headers }), { requires });
    await seconds(recheckSeconds);
    expect(ended).toEqual([]);
    found = undefined;
    await seconds(recheckSeconds);
    expect(ended).toEqual(["credentials_refused api_key_unknown"]);
  });

  it("iam: whether the access key still is good; the signature has become too old", async () => {
    const draft = signDraft({ target: "/", headers: [["Host", "api.example"]] });
    const changes: readonly (readonly [AccessKey | undefined, string])[] = [
      [undefined, "credentials_refused access_key_unknown"],
      [{ ...machine, disabled: true }, "credentials_refused access_key_disabled"],
      [{ ...machine, expiresAt: testTime / 1000 }, "credentials_expired access_key_expired"],
      [
        { ...machine, cognito: { identityId: "a", identityPoolId: "b", authType: "unauthenticated" } },
        "credentials_refused guest_not_accepted",
      ],
    ];
    for (const [changed, reason] of changes) {
      vi.setSystemTime(testTime);
      let found: AccessKey | undefined = machine;
      const replay = { record: () => true };
      const mode = iam({ region: "us-east-1", credentials: () => found, replay, guests: false });
      const { ended } = await open(mode, viewOf({ target: draft.target, headers: draft.headers }));
      await seconds(10 * recheckSeconds);
      expect(ended).toEqual([]);
      found = changed;
      await seconds(recheckSeconds);
      expect(ended).toEqual([reason]);
    }
  });

  it("lambda: the authorizer", async () => {
    let answer: object = { isAuthorized: true, deniedFields: [] };
    const view = viewOf({ headers: [["Authorization", "custom"]] });
    const options = { authorizer: async () => answer };
    const first = await open(lambda(options), view);
    await seconds(recheckSeconds);
    expect(first.ended).toEqual([]);
    answer = { isAuthorized: true, deniedFields: ["Mutation.createNote"] };
    await seconds(recheckSeconds);
    expect(first.ended).toEqual(["credentials_refused credentials_changed"]);
    const second = await open(lambda(options), view);
    answer = { isAuthorized: false };
    await seconds(recheckSeconds);
    expect(second.ended).toHaveLength(1);
  });
});
