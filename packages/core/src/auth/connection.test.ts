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
import type { AuthMode, IdentityBase, RequestView } from "../types.ts";

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
