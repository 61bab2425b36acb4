import { beforeEach, describe, expect, it, vi } from "vitest";
import { createNextAuth } from "./next-auth.ts";
import { createTestAuth, kit } from "./test/app.ts";

const next = vi.hoisted(() => ({
  headers: new Headers(),
  cookies: new Map<string, string>(),
  fails: undefined as Error | undefined,
}));
vi.mock("next/headers.js", () => ({
  headers: async () => {
    if (next.fails !== undefined) throw next.fails;
    return next.headers;
  },
  cookies: async () => ({ getAll: () => [...next.cookies].map(([name, value]) => ({ name, value })) }),
}));

const { auth, events } = createTestAuth();
const people = createNextAuth(auth.only("userPool", "iam"));
const { identity, access } = people;
const token = await kit.userPool.token({ username: "alice" });
const alice = kit.userPool.sub("alice");

/** What Next tells of a request; the jar reads as Next's does, the last of a name. */
function ask(headers: Record<string, string>): void {
  next.fails = undefined;
  next.headers = new Headers({ host: "shop.example", ...headers });
  next.cookies = new Map();
  for (const pair of (headers["cookie"] ?? "").split("; ").filter(Boolean)) {
    const [name = "", value = ""] = pair.split("=");
    next.cookies.set(name, decodeURIComponent(value));
  }
}

beforeEach(() => {
  events.length = 0;
  ask({});
});

describe("identity", () => {
  it("is who the cookie proves, verified once for all that ask", async () => {
    ask({ cookie: `a=b; session=${token}` });
    const [first, second] = [await identity(), await identity()];
    expect(first?.id).toBe(alice);
    expect(second).toBe(first);
    expect(events).toHaveLength(1);
  });

  it("is nobody without credentials, which is not worth a line in the log", async () => {
    expect(await identity()).toBeUndefined();
    expect(events).toEqual([]);
  });

  it("is nobody with credentials that are expired, wrong, repeated or lack a group", async () => {
    const expired = await kit.userPool.token({ wrong: "expired" });
    for (const cookie of [`session=${expired}`, "session=nonsense", `session=${token}; session=${token}`]) {
      ask({ cookie });
      expect(await identity()).toBeUndefined();
    }
    ask({ cookie: `session=${token}` });
    expect(await identity({ groups: ["Librarians"] })).toBeUndefined();
    expect(events.filter(({ type }) => type === "refused")).toHaveLength(4);
  });

  it.each([
    ["a form from another site", { "content-type": "text/plain", origin: "http://evil.example" }, undefined],
    ["an action from another site", { "next-action": "id", origin: "http://evil.example" }, undefined],
    ["a body of unknown length", { "transfer-encoding": "chunked" }, undefined],
    ["an action of its own page", { "next-action": "id", origin: "http://shop.example" }, alice],
    ["a visit from a link elsewhere", { "sec-fetch-site": "cross-site" }, alice],
  ])("by a cookie with %s", async (_case, headers, expected) => {
    ask({ cookie: `session=${token}`, ...headers });
    expect((await identity())?.id).toBe(expected);
  });

  it("follows an action that changes the cookies", async () => {
    ask({ cookie: `session=${token}` });
    expect((await identity())?.id).toBe(alice);
    next.cookies.set("session", "");
    expect(await identity()).toBeUndefined();
    next.cookies.set("session", await kit.userPool.token({ username: "bob" }));
    expect((await identity())?.id).toBe(kit.userPool.sub("bob"));
  });

  it("is nobody by a signature, since it cannot be told what was signed", async () => {
    for (const target of ["/", "/(page)", "(page)"]) {
      ask(await kit.headersFor("iam", { url: `http://shop.example${target}` }));
      expect(await identity()).toBeUndefined();
    }
  });

  it("throws where it cannot be told who calls", async () => {
    const { modes, userPool } = kit;
    const keySet = { fetch: () => Promise.reject(new Error("down")) };
    const { createAuth, userPool: pool } = await import("@authmodes/core");
    const down = createAuth([pool({ ...userPool.options, keySet }), modes.apiKey], { clock: kit.clock.now });
    down.onEvent(() => {});
    ask({ authorization: token });
    await expect(createNextAuth(down).identity()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("throws for a caller over its limit, who would seem to be signed out", async () => {
    const { AuthError, createAuth } = await import("@authmodes/core");
    const usage = () => {
      throw new AuthError("rate_limited", "over_limit");
    };
    const limited = createAuth([kit.modes.userPool], { clock: kit.clock.now, usage });
    limited.onEvent(() => {});
    ask({ authorization: token });
    await expect(createNextAuth(limited).identity()).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("is verified once for each of two auths with public URLs of their own", async () => {
    ask({ cookie: `session=${token}` });
    const others = ["https://a.example", "https://b.example"].map((publicUrl) => createTestAuth(publicUrl));
    for (let i = 0; i < 2; i++) {
      for (const { auth } of others) expect((await createNextAuth(auth).identity())?.id).toBe(alice);
    }
    expect(others.map((other) => other.events.length)).toEqual([1, 1]);
  });

  it("has requirements that guard something, also before a visitor signs in", async () => {
    await expect(identity({ group: ["x"] } as never)).rejects.toThrow("Write 'groups'");
    await expect(identity({ groups: [] })).rejects.toThrow(TypeError);
    ask({ cookie: `session=${token}` });
    await expect(identity({ scopes: [undefined] } as never)).rejects.toThrow("which is no name");
  });

  it("is none() for a visitor where that is accepted", async () => {
    const { identity } = createNextAuth(auth.only("none", "userPool"));
    expect((await identity())?.mode).toBe("none");
    ask({ cookie: "session=nonsense" });
    expect(await identity()).toBeUndefined();
  });

  it("is an error in words inside a cache", async () => {
    next.fails = new Error('Route "/x": `headers()` can\'t be read inside `"use cache"`.');
    await expect(identity()).rejects.toThrow(/identity\(\) was called inside "use cache".*as an argument/);
    await expect(access("list", "Note")).rejects.toThrow(/access\(\) was called inside "use cache"/);
  });

  it("lets Next's own errors pass", async () => {
    next.fails = Object.assign(new Error("Dynamic server usage"), { digest: "DYNAMIC_SERVER_USAGE" });
    await expect(identity()).rejects.toBe(next.fails);
  });

  it("makes the auth only once there is a request, not while Next builds", async () => {
    const make = vi.fn<() => typeof auth>(() => auth);
    const { identity } = createNextAuth(make);
    next.fails = new Error("Dynamic server usage");
    await expect(identity()).rejects.toThrow("Dynamic");
    expect(make).not.toHaveBeenCalled();
  });
});

describe("access", () => {
  const load = (owner: string) => () => ({ id: "1", owner, hidden: 1 });

  it("is what the rules let the caller do", async () => {
    ask({ cookie: `session=${token}` });
    const { filter } = await access("list", "Note");
    expect(filter).toEqual({ kind: "equals", field: "owner", anyOf: [alice] });
    const { record, mask } = await access("get", "Note", { load: load(alice) });
    expect(mask(record)).toEqual({ id: "1", owner: alice, hidden: null });
    const { input } = await access("create", "Note", { input: { text: "hello" } });
    expect(input).toEqual({ text: "hello", owner: alice });
  });

  it("of one component is not closed by the rejection of another", async () => {
    ask({ cookie: `session=${token}` });
    const { record, mask } = await access("get", "Note", { load: load(alice) });
    expect(await identity({ groups: ["Librarians"] })).toBeUndefined();
    await expect(access("get", "Note", { load: load("bob") })).rejects.toMatchObject({ code: "forbidden" });
    expect(mask(record)).toEqual({ id: "1", owner: alice, hidden: null });
    expect((await identity())?.id).toBe(alice);
  });

  it("throws the refusal", async () => {
    await expect(access("list", "Note")).rejects.toMatchObject({ code: "credentials_missing" });
    ask({ cookie: `session=${token}` });
    const refused: unknown = await access("get", "Note", { load: load("bob") }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "forbidden", id: events.at(-1)?.id });
    await expect(access("get", "Note", { load: () => undefined })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(access("create", "Note", { input: { text: "forbidden" } })).rejects.toMatchObject({
      status: 403,
    });
    await expect(access("create", "Note", { input: "text" })).rejects.toThrow("as a JSON object");
    await expect(access("list", "Note", { needs: { groups: ["x"] } })).rejects.toMatchObject({ status: 403 });
  });

  it("refuses an action that another site sends with the visitor's cookie", async () => {
    ask({ cookie: `session=${token}`, "next-action": "id", "sec-fetch-site": "cross-site" });
    const refused = access("create", "Note", { input: { text: "hello" } });
    await expect(refused).rejects.toMatchObject({ reason: "cookie_cross_site" });
  });

  it("throws in words where nobody loads the record", async () => {
    ask({ cookie: `session=${token}` });
    await expect(access("get", "Note")).rejects.toThrow(/the rules look at the record/);
    await expect(access("get", "Note", { laod: load(alice) } as never)).rejects.toThrow("Write 'load'");
    await expect(access("list", "Note", { needs: undefined } as never)).rejects.toThrow("needs is undefined");
    await expect(access("list", "Note", { needs: { groups: [] } })).rejects.toThrow(TypeError);
  });
});
