import { describe, expect, it } from "vitest";
import { startOrigin } from "../test/origin.ts";
import { failureOf, key, signer, startRedirector, to, token } from "./test/calls.ts";
import { apiKey, custom } from "./sources.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import type { OutboundRequest } from "./header-source.ts";

describe("redirects", () => {
  const statuses = [301, 302, 303, 307, 308];
  const own = {
    cookie: "c-own",
    "proxy-authorization": "p-own",
    "x-amz-security-token": "s-own",
    "x-trace": "kept",
  };

  it.each(statuses)(
    "%i to another origin takes no credentials along, neither the source's nor the caller's",
    async (status) => {
      const [mine, other] = [await startRedirector(), await startRedirector()];
      for (const source of [key, token, custom(() => ({ "X-Own-Word": "w-secret" })), signer()]) {
        const response = await createAuthFetch(source, { origins: [mine.url] })(
          `${mine.url}${to(`${other.url}/x`, status)}`,
          {
            headers: own,
          },
        );
        expect(await response.text()).toBe("ok");
      }
      expect(mine.received).toHaveLength(4);
      for (const { headers } of mine.received) {
        expect(headers).toMatchObject(own);
        expect(headers["x-api-key"] ?? headers.authorization ?? headers["x-own-word"]).toBeDefined();
      }
      expect(other.received).toHaveLength(4);
      for (const { headers } of other.received) {
        expect(headers["x-trace"]).toBe("kept");
        expect(JSON.stringify(headers)).not.toMatch(/secret|Signed|c-own|p-own|s-own/);
        expect(headers.host).toBe(new URL(other.url).host);
      }
    },
  );

  it.each(statuses)("%i to another origin drops the caller's own Authorization and keys", async (status) => {
    const [mine, other] = [await startRedirector(), await startRedirector()];
    const authFetch = createAuthFetch(apiKey({ key: "k-secret", header: "x-key" }), {
      origins: [mine.url],
    });
    const headers = { authorization: "own-a", "x-key": "own-k", "x-api-key": "own-x" };
    await authFetch(`${mine.url}${to(`${other.url}/x`, status)}`, { headers });
    expect(mine.received[0]?.headers).toMatchObject(headers);
    expect(JSON.stringify(other.received[0]?.headers)).not.toContain("own");
  });

  it("drops an own header that won over one of a source that did not say which it adds", async () => {
    const [mine, other] = [await startRedirector(), await startRedirector()];
    const authFetch = createAuthFetch(
      custom(() => ({ "X-Signature": "s" })),
      { origins: [mine.url] },
    );
    await authFetch(`${mine.url}${to(`${other.url}/x`)}`, { headers: { "x-signature": "own" } });
    expect(mine.received[0]?.headers["x-signature"]).toBe("own");
    expect(other.received[0]?.headers).not.toHaveProperty("x-signature");
  });

  it("drops the caller's own secrets between origins that are not listed, too", async () => {
    const [one, other] = [await startRedirector(), await startRedirector()];
    const authFetch = createAuthFetch(key, { origins: ["https://a.example"] });
    await authFetch(`${one.url}${to(`${other.url}/x`)}`, {
      headers: { authorization: "own", "x-api-key": "own" },
    });
    expect(one.received[0]?.headers).toMatchObject({ authorization: "own", "x-api-key": "own" });
    expect(JSON.stringify(other.received[0]?.headers)).not.toContain("own");
  });

  it.each([
    ["scheme", "http://a.example", "https://a.example/"],
    ["scheme alone", "http://a.example:8443", "https://a.example:8443/"],
    ["host", "https://a.example", "https://b.a.example/"],
    ["port", "https://a.example", "https://a.example:8443/"],
  ])("to another %s leave everything behind, an own Host too", async (_what, origin, location) => {
    const sent: Headers[] = [];
    const send: typeof fetch = (_url, init) => {
      const first = sent.push(new Headers(init?.headers)) === 1;
      return Promise.resolve(
        new Response(null, first ? { status: 302, headers: { location } } : { status: 200 }),
      );
    };
    // Node's own fetch sends no Host of the caller's; others do.
    const headers = { host: "own.example", cookie: "own" };
    const { protocol, host } = new URL(origin);
    const allowInsecureHttp = protocol === "http:" ? { allowInsecureHttp: [host] } : {};
    await createAuthFetch(key, { origins: [origin], fetch: send, ...allowInsecureHttp })(origin, { headers });
    expect(sent.map((each) => Array.from(each.keys()))).toEqual([["cookie", "host", "x-api-key"], []]);
  });

  it("do not lead from a protected connection to plain http, unless the host is allowed", async () => {
    const outcome = async (from: string, location: string) => {
      const sent: string[] = [];
      const send: typeof fetch = async (url) => {
        sent.push(new Request(url).url);
        return new Response(null, sent.length === 1 ? { status: 307, headers: { location } } : {});
      };
      const authFetch = createAuthFetch(key, {
        origins: ["https://a.example", "http://orders:8080"],
        allowInsecureHttp: ["orders:8080"],
        fetch: send,
      });
      const said = await authFetch(from, { method: "POST", body: "secret" }).then(
        () => "followed",
        (error: unknown) => String(error),
      );
      expect(sent).toHaveLength(said === "followed" ? 2 : 1);
      return said;
    };
    const rejected =
      "TypeError: createAuthFetch(): a redirect leads from a protected connection to plain http";
    expect(await outcome("https://a.example/", "http://a.example/")).toBe(rejected);
    expect(await outcome("https://a.example/", "http://127.0.0.1/")).toBe(rejected);
    expect(await outcome("https://a.example/", "http://orders:8081/")).toBe(rejected);
    expect(await outcome("http://orders:8080/", "http://a.example/")).toBe(rejected);
    expect(await outcome("http://127.0.0.1/", "http://a.example/")).toBe(rejected);
    expect(await outcome("https://not-listed.example/", "http://a.example/")).toBe(rejected);
    expect(await outcome("https://a.example/", "http://orders:8080/")).toBe("followed");
    expect(await outcome("http://127.0.0.1/", "http://localhost/")).toBe("followed");
    expect(await outcome("http://not-listed.example/", "http://not-listed.example/b")).toBe("followed");
  });

  it("gives no credentials to a hop that comes back", async () => {
    const [mine, other] = [await startRedirector(), await startRedirector()];
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const back = to(`${mine.url}${to("/again")}`);
    await authFetch(`${mine.url}${to(`${other.url}${back}`)}`, { headers: { cookie: "own" } });
    expect(mine.received.map(({ path }) => path.slice(0, 6))).toEqual(["/to?st", "/to?st", "/again"]);
    expect(mine.received[0]?.headers).toMatchObject({ cookie: "own" });
    for (const { headers } of mine.received.slice(1)) {
      expect(headers).not.toHaveProperty("x-api-key");
      expect(headers).not.toHaveProperty("cookie");
    }
  });

  it("gives none after a hop from one listed origin to another, nor to a listed one that a stranger leads to", async () => {
    const [a, b, stranger] = [await startRedirector(), await startRedirector(), await startRedirector()];
    const authFetch = createAuthFetch(key, { origins: [a.url, b.url] });
    await authFetch(`${a.url}${to(`${b.url}/from-a`)}`);
    await authFetch(`${stranger.url}${to(`${b.url}/from-stranger`)}`);
    expect(a.received[0]?.headers["x-api-key"]).toBe("k-secret");
    for (const { headers } of b.received) expect(headers).not.toHaveProperty("x-api-key");
    expect(b.received.map(({ path }) => path)).toEqual(["/from-a", "/from-stranger"]);
  });

  it("signs every hop within the origin anew, for its own URL, method and body", async () => {
    const mine = await startRedirector();
    const seen: OutboundRequest[] = [];
    const authFetch = createAuthFetch(signer(seen), { origins: [mine.url] });
    await authFetch(`${mine.url}${to(to("/end", 303), 307)}`, { method: "PUT", body: "abc", headers: own });
    expect(mine.received.map(({ headers }) => headers.authorization)).toEqual([
      "Signed 1 PUT /to 3",
      "Signed 2 PUT /to 3",
      "Signed 3 GET /end 0",
    ]);
    for (const { headers } of mine.received) expect(headers).toMatchObject(own);
    expect(seen.map(({ refused }) => refused)).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    [301, "POST", "GET", ""],
    [302, "POST", "GET", ""],
    [303, "POST", "GET", ""],
    [307, "POST", "POST", "text"],
    [308, "POST", "POST", "text"],
    [301, "PUT", "PUT", "text"],
    [302, "PATCH", "PATCH", "text"],
    [303, "PUT", "GET", ""],
    [303, "HEAD", "HEAD", ""],
    [302, "HEAD", "HEAD", ""],
    [301, "DELETE", "DELETE", ""],
  ])(
    "%i turns %s into %s, with the body '%s', as the platform's fetch does",
    async (status, method, then, body) => {
      const mine = await startRedirector();
      const url = `${mine.url}${to("/end", status)}`;
      const init = {
        method,
        ...(method.startsWith("P") && { body: "text", headers: { "content-language": "en" } }),
      };
      await createAuthFetch(key, { origins: [mine.url] })(url, init);
      await fetch(url, init);
      const [, ours, , platform] = mine.received;
      expect(ours).toMatchObject({ method: then, body });
      expect(ours?.headers["content-type"]).toBe(body === "" ? undefined : "text/plain;charset=UTF-8");
      const { "x-api-key": added, ...rest } = ours?.headers ?? {};
      expect(added).toBe("k-secret");
      expect({ ...ours, headers: rest, index: 3 }).toEqual(platform);
    },
  );

  it("tells the last URL and that there was a redirect", async () => {
    const mine = await startRedirector();
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const followed = await authFetch(`${mine.url}${to("/end?a=b")}#part`);
    expect([followed.url, followed.redirected]).toEqual([`${mine.url}/end?a=b`, true]);
    expect((await authFetch(mine.url)).redirected).toBe(false);
  });

  it('are given back with redirect: "manual" and refused with "error", also those of a Request', async () => {
    const mine = await startRedirector();
    const url = `${mine.url}${to("/end")}`;
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const response = await authFetch(url, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(await response.text()).toBe("moved");
    await expect(authFetch(url, { redirect: "error" })).rejects.toThrow(TypeError);
    await expect(authFetch(new Request(url, { redirect: "error" }))).rejects.toThrow(
      'redirect: "error" forbids',
    );
    expect(mine.received.map(({ path }) => path.slice(0, 4))).toEqual(["/to?", "/to?", "/to?"]);
  });

  it("end after twenty", async () => {
    const mine = await startOrigin(({ path }) => {
      const left = Number(path.slice(1));
      return left === 0 ? { body: "there" } : { status: 302, headers: { location: `/${left - 1}` } };
    });
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    expect(await (await authFetch(`${mine.url}/20`)).text()).toBe("there");
    await expect(authFetch(`${mine.url}/21`)).rejects.toThrow("over 20 redirects");
    expect(mine.received).toHaveLength(42);
  });

  it("that cannot be followed reject, quoting nothing", async () => {
    const mine = await startRedirector();
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const said = async (location: string) => failureOf(authFetch(`${mine.url}${to(location)}`));
    const notFollowed = "TypeError: createAuthFetch(): a redirect leads to ";
    for (const [location, why] of [
      ["ftp://hidden.example/", "something other than an http or https URL"],
      ["https://hidden:0x/", "something other than an http or https URL"],
      ["http://u:hidden@127.0.0.1/", "a URL with a user name or password"],
    ] as const) {
      const text = await said(location);
      expect(text).toContain(notFollowed + why);
      expect(text).not.toContain("hidden");
    }
  });

  it("without a Location are answers", async () => {
    const mine = await startOrigin(() => ({ status: 302, body: "nowhere" }));
    const response = await createAuthFetch(key, { origins: [mine.url] })(mine.url);
    expect([response.status, await response.text()]).toEqual([302, "nowhere"]);
  });
});
