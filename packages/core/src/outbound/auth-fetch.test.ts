import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Origin, startOrigin } from "../test/origin.ts";
import { failureOf, key, signer, startRedirector, to, token } from "./test/calls.ts";
import { apiKey, custom, type CustomSource, none } from "./sources.ts";
import { type AuthFetchOptions, createAuthFetch } from "./auth-fetch.ts";
import type { HeaderSource, OutboundRequest } from "./header-source.ts";

describe("where credentials go", () => {
  it("adds them on a listed origin and nowhere else", async () => {
    const [mine, other] = [await startOrigin(), await startOrigin()];
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    expect((await authFetch(`${mine.url}/a?b=c`)).status).toBe(200);
    await authFetch(new URL(mine.url), { method: "DELETE" });
    await authFetch(new Request(mine.url, { headers: { "x-own": "1" } }));
    expect((await authFetch(other.url)).status).toBe(200);
    expect(mine.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /a?b=c",
      "DELETE /",
      "GET /",
    ]);
    for (const { headers } of mine.received) expect(headers["x-api-key"]).toBe("k-secret");
    expect(mine.received[2]?.headers["x-own"]).toBe("1");
    expect(other.received[0]?.headers).not.toHaveProperty("x-api-key");
  });

  it("takes another port or another spelling of the host for another origin", async () => {
    const mine = await startOrigin();
    const spelt = mine.url.replace("127.0.0.1", "localhost");
    const authFetch = createAuthFetch(token, { origins: [spelt, "https://127.0.0.1:9"] });
    await authFetch(mine.url);
    expect(mine.received[0]?.headers).not.toHaveProperty("authorization");
  });

  it.each([
    ["nothing", undefined, "createAuthFetch() takes an object with options: origins, allowInsecureHttp"],
    ["no origins", {}, "createAuthFetch(): origins is a list"],
    ["an empty list", { origins: [] }, "createAuthFetch(): origins is a list"],
    ["a text", { origins: "https://a.example" }, "createAuthFetch(): origins is a list"],
    ["plain http", { origins: ["http://a:8080"] }, 'use https, or write allowInsecureHttp: ["a:8080"]'],
    [
      "http at another port",
      { origins: ["http://a:8080"], allowInsecureHttp: ["a:8081"] },
      'write allowInsecureHttp: ["a:8080"]',
    ],
    [
      "an exception that is not needed",
      { origins: ["https://a"], allowInsecureHttp: ["a"] },
      "names 'a', but no URL here is http://a; remove it",
    ],
    ["a path", { origins: ["https://a.example/v1"] }, "write 'https://a.example'"],
    ["a trailing slash", { origins: ["https://a.example/"] }, "write 'https://a.example'"],
    ["capital letters", { origins: ["https://A.example"] }, "write 'https://a.example'"],
    ["a default port", { origins: ["https://a.example:443"] }, "write 'https://a.example'"],
    ["a wildcard", { origins: ["https://*.example"] }, "origins have no wildcards"],
    ["everything", { origins: ["*"] }, "an origin is a scheme, a host and perhaps a port"],
    ["no scheme", { origins: ["a.example"] }, "an origin is a scheme, a host and perhaps a port"],
    ["another scheme", { origins: ["file:///etc"] }, "an origin is a scheme, a host and perhaps a port"],
    ["one bad among good", { origins: ["https://a.example", ""] }, "an origin is a scheme"],
    ["a misspelt option", { origin: ["https://a.example"] }, "Write 'origins'"],
    [
      "a buffer that is no size",
      { origins: ["https://a.example"], buffer: -1 },
      "buffer is a whole number of bytes",
    ],
  ])("refuses %s when built", (_what, options, sentence) => {
    expect(() => createAuthFetch(key, options as unknown as AuthFetchOptions)).toThrow(TypeError);
    expect(() => createAuthFetch(key, options as unknown as AuthFetchOptions)).toThrow(sentence);
  });

  it("refuses what is no source, and quotes no password of an origin or URL", async () => {
    expect(() => createAuthFetch({} as HeaderSource, { origins: ["https://a.example"] })).toThrow(
      "a header source first",
    );
    expect(() => createAuthFetch(key, { origins: ["https://u:hidden@a.example"] })).toThrow(/^(?!.*hidden)/);
    const authFetch = createAuthFetch(key, { origins: ["https://a.example"] });
    const said = await failureOf(authFetch("https://u:hidden@a.example/"));
    expect(said).toContain("a URL holds no user name and password");
    expect(said).not.toContain("hidden");
  });
});

describe("the caller's own credentials", () => {
  it("win: an own Authorization keeps the source from being asked", async () => {
    const mine = await startOrigin(() => ({ status: 401 }));
    const seen: OutboundRequest[] = [];
    const authFetch = createAuthFetch(signer(seen), { origins: [mine.url] });
    const response = await authFetch(mine.url, { headers: { Authorization: "own" } });
    expect(response.status).toBe(401);
    expect(seen).toEqual([]);
    expect(mine.received.map(({ headers }) => headers.authorization)).toEqual(["own"]);
  });

  it("win over a key, whether the header is the same or Authorization", async () => {
    const mine = await startOrigin();
    const authFetch = createAuthFetch(apiKey({ key: "k-secret", header: "X-Key" }), { origins: [mine.url] });
    await authFetch(mine.url, { headers: { "x-key": "own" } });
    await authFetch(new Request(mine.url, { headers: { authorization: "own" } }));
    expect(mine.received[0]?.headers["x-key"]).toBe("own");
    expect(mine.received[1]?.headers).not.toHaveProperty("x-key");
  });

  it("win over a source that did not say which headers it adds, all of them", async () => {
    const mine = await startOrigin();
    const source = custom(() => ({ "x-signature": "s", "x-date": "d" }));
    await createAuthFetch(source, { origins: [mine.url] })(mine.url, { headers: { "X-Date": "own" } });
    expect(mine.received[0]?.headers["x-date"]).toBe("own");
    expect(mine.received[0]?.headers).not.toHaveProperty("x-signature");
  });

  it("go along if they are of another kind: a usage-plan key beside a token", async () => {
    const mine = await startOrigin();
    await createAuthFetch(token, { origins: [mine.url] })(mine.url, { headers: { "x-api-key": "plan" } });
    expect(mine.received[0]?.headers).toMatchObject({ "x-api-key": "plan", authorization: "t-secret" });
  });
});

describe("after a 401", () => {
  /** Accepts one Authorization, refuses every other with 401. */
  function accepting(good: string): Promise<Origin> {
    return startOrigin(({ headers, body }) =>
      headers.authorization === good ? { body: `welcome ${body}` } : { status: 401, body: "refused" },
    );
  }

  it("the source is asked once more, and what is new is tried", async () => {
    const mine = await accepting("t2");
    const refused: (number | undefined)[] = [];
    const source = custom(
      (request) => (refused.push(request.refused?.status), { authorization: `t${refused.length}` }),
    );
    const authFetch = createAuthFetch(source, { origins: [mine.url] });
    const response = await authFetch(mine.url, { method: "POST", body: "again" });
    expect([response.status, await response.text()]).toEqual([200, "welcome again"]);
    expect(refused).toEqual([undefined, 401]);
    expect(mine.received.map(({ body }) => body)).toEqual(["again", "again"]);
  });

  it("a second one is the answer", async () => {
    const mine = await accepting("t9");
    let asked = 0;
    const source = custom(() => ({ authorization: `t${++asked}` }));
    const response = await createAuthFetch(source, { origins: [mine.url] })(mine.url);
    expect([response.status, await response.text()]).toEqual([401, "refused"]);
    expect(mine.received.map(({ headers }) => headers.authorization)).toEqual(["t1", "t2"]);
  });

  it("a call is repeated once for all its hops", async () => {
    const mine = await startOrigin(({ path, headers }) => {
      if (path === "/start" && headers.authorization === "t2")
        return { status: 307, headers: { location: "/end" } };
      return { status: 401 };
    });
    let asked = 0;
    const source = custom(() => ({ authorization: `t${++asked}` }));
    const response = await createAuthFetch(source, { origins: [mine.url] })(`${mine.url}/start`);
    expect(response.status).toBe(401);
    expect(mine.received.map(({ path }) => path)).toEqual(["/start", "/start", "/end"]);
  });

  it.each<[string, HeaderSource]>([
    ["the same again", token],
    ["nothing more", custom(({ refused }) => (refused === undefined ? { authorization: "t1" } : {}))],
    ["nothing at all", none()],
  ])("nothing is repeated where the source has %s to say", async (_what, source) => {
    const mine = await accepting("t2");
    const response = await createAuthFetch(source, { origins: [mine.url] })(mine.url);
    expect([response.status, await response.text()]).toEqual([401, "refused"]);
    expect(mine.received).toHaveLength(1);
  });

  it("nothing is repeated where a signer signs the same", async () => {
    const mine = await accepting("other");
    const source = custom(Object.assign(() => ({ authorization: "same" }), { needsBody: true }));
    await createAuthFetch(source, { origins: [mine.url] })(mine.url);
    expect(mine.received).toHaveLength(1);
  });

  it("the source is told what it tried", async () => {
    const mine = await accepting("t2");
    const tried: unknown[] = [];
    const source = custom((request) => (tried.push(request.tried), { authorization: `t${tried.length}` }));
    await createAuthFetch(source, { origins: [mine.url] })(mine.url);
    expect(tried).toEqual([undefined, { authorization: "t1" }]);
  });

  it("a source can say that another answer rejects its credentials", async () => {
    const mine = await startOrigin(({ headers }) => ({ status: headers.authorization === "t2" ? 200 : 419 }));
    let asked = 0;
    const renew = () => ({ authorization: `t${++asked}` });
    const rejectedBy = ({ status }: Response) => status === 419;
    const source = custom(Object.assign(renew, { rejectedBy }));
    expect((await createAuthFetch(source, { origins: [mine.url] })(mine.url)).status).toBe(200);
    expect(mine.received).toHaveLength(2);
    const wrong = Object.assign(renew, { rejectedBy: 419 });
    expect(() => custom(wrong as unknown as CustomSource)).toThrow("rejectedBy is a function");
  });

  it.each([400, 403, 500])("and after nothing else: %i is the answer", async (status) => {
    const mine = await startOrigin(() => ({ status }));
    expect((await createAuthFetch(signer(), { origins: [mine.url] })(mine.url)).status).toBe(status);
    expect(mine.received).toHaveLength(1);
  });

  it("does not call the source for another origin", async () => {
    const other = await startOrigin(() => ({ status: 401 }));
    const mine = await startRedirector();
    const seen: OutboundRequest[] = [];
    await createAuthFetch(signer(seen), { origins: [mine.url] })(`${mine.url}${to(other.url)}`);
    expect(seen).toHaveLength(1);
    expect(other.received).toHaveLength(1);
  });
});

describe("an abort", () => {
  const reason = new Error("enough");

  it("before the start does not call the source", async () => {
    const mine = await startOrigin();
    const seen: OutboundRequest[] = [];
    const authFetch = createAuthFetch(signer(seen), { origins: [mine.url] });
    await expect(authFetch(mine.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect([seen, mine.received]).toEqual([[], []]);
  });

  it("does not wait for the source", async () => {
    const mine = await startOrigin();
    const stop = new AbortController();
    const source = custom(() => (stop.abort(reason), new Promise(() => {})));
    await expect(
      createAuthFetch(source, { origins: [mine.url] })(mine.url, { signal: stop.signal }),
    ).rejects.toBe(reason);
    expect(mine.received).toEqual([]);
  });

  it("ends the reading of a stream", async () => {
    const stop = new AbortController();
    const cancelled = vi.fn<(reason: unknown) => void>();
    const body = new ReadableStream<Uint8Array>({
      pull: () => (stop.abort(reason), new Promise(() => {})),
      cancel: cancelled,
    });
    const authFetch = createAuthFetch(signer(), { origins: ["http://127.0.0.1:9"], buffer: 9 });
    const call = authFetch("http://127.0.0.1:9", {
      method: "POST",
      duplex: "half",
      body,
      signal: stop.signal,
    });
    await expect(call).rejects.toBe(reason);
    expect(cancelled).toHaveBeenCalledWith(reason);
  });

  it.each(["init", "Request"])("ends the wait for an answer (signal of the %s)", async (where) => {
    const stop = new AbortController();
    const mine = await startOrigin(() => (stop.abort(reason), new Promise(() => {})));
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const { signal } = stop;
    await expect(
      where === "init" ? authFetch(mine.url, { signal }) : authFetch(new Request(mine.url, { signal })),
    ).rejects.toBe(reason);
  });

  it("between hops sends nothing more", async () => {
    const stop = new AbortController();
    const mine = await startOrigin();
    const sent = vi.fn<typeof fetch>(() => {
      stop.abort(reason);
      return Promise.resolve(new Response(null, { status: 302, headers: { location: "/next" } }));
    });
    const authFetch = createAuthFetch(key, { origins: [mine.url], fetch: sent });
    await expect(authFetch(mine.url, { signal: stop.signal })).rejects.toBe(reason);
    expect(sent).toHaveBeenCalledOnce();
  });
});

describe("the fetch underneath", () => {
  it("is given the caller's options, the runtime's own among them", async () => {
    const sent = vi.fn<typeof fetch>(() => Promise.resolve(new Response("ok")));
    const authFetch = createAuthFetch(key, { origins: ["https://a.example"], fetch: sent });
    const init = { keepalive: true, next: { revalidate: 1 } };
    await authFetch("https://a.example/x", init);
    expect(sent.mock.calls[0]?.[0]).toBe("https://a.example/x");
    expect(sent.mock.calls[0]?.[1]).toMatchObject({
      keepalive: true,
      next: { revalidate: 1 },
      redirect: "manual",
    });
  });

  it("is the global one of the moment, which tests replace", async () => {
    const authFetch = createAuthFetch(key, { origins: ["https://a.example"] });
    const replaced = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("replaced"));
    onTestFinished(() => replaced.mockRestore());
    expect(await (await authFetch("https://a.example")).text()).toBe("replaced");
  });

  it("never sees a header that could not be sent, and neither does an error", async () => {
    const sent = vi.fn<typeof fetch>();
    for (const value of ["h-secret\r\nx-evil: 1", "h-secret\0", "h-secret ", "h-sécret", "", undefined]) {
      const source = () => Promise.resolve({ "x-own": value as string });
      const said = await failureOf(
        createAuthFetch(source, { origins: ["https://a.example"], fetch: sent })("https://a.example"),
      );
      expect(said).toContain("the header 'x-own' is");
      expect(said).not.toMatch(/secret|sécret|evil/);
    }
    const named = () => Promise.resolve({ "x-own: h-secret\n": "a" });
    expect(
      await failureOf(createAuthFetch(named, { origins: ["https://a.example"] })("https://a.example")),
    ).toContain("createAuthFetch(): a header was given that has no name");
    expect(sent).not.toHaveBeenCalled();
  });

  it("keeps no connection open for a rejection if the source fails after it", async () => {
    const cancelled = vi.fn<() => void>();
    const sent = async () => new Response(new ReadableStream({ cancel: cancelled }), { status: 401 });
    const source = custom(({ refused }) => {
      if (refused !== undefined) throw new Error("no token today");
      return { authorization: "t" };
    });
    const authFetch = createAuthFetch(source, { origins: ["https://a.example"], fetch: sent });
    await expect(authFetch("https://a.example")).rejects.toThrow("no token today");
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it("is not reached if the source fails: its error is the call's", async () => {
    const sent = vi.fn<typeof fetch>();
    const source = custom(() => Promise.reject(new Error("no token today")));
    const call = createAuthFetch(source, { origins: ["https://a.example"], fetch: sent })(
      "https://a.example",
    );
    await expect(call).rejects.toThrow("no token today");
    expect(sent).not.toHaveBeenCalled();
  });
});
