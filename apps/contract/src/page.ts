import { get as httpGet } from "node:http";
import { describe, expect, it } from "vitest";
import { call, running } from "./running.ts";

// The page at `/`. Next.js has pages of its own.

/** The keys of the shop that sign. */
function secrets(): readonly string[] {
  const found = JSON.stringify(running.shop.ready.credentials).match(/(?<="secretAccessKey":")[^"]+/g) ?? [];
  expect(found).toHaveLength(3);
  return found;
}

export function pageContract(): void {
  describe("the page", () => {
    it("needs no credentials, and runs no foreign scripts", async () => {
      for (const path of ["/", "/page.css", "/page.js", "/page.svg"]) {
        const response = await fetch(running.shop.url + path);
        expect(response.status).toBe(200);
        expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    });

    const post = (fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
      fetch(running.shop.url, { method: "POST", headers, body: new URLSearchParams(fields) });
    const textOf = async (fields: Readonly<Record<string, string>>) => (await post(fields)).text();

    it("names the framework, and shows books and an answer before any script runs", async () => {
      const text = await (await fetch(running.shop.url)).text();
      expect(text).toMatch(/<h1>The bookstore on (Express|Fastify|Koa|NestJS)<\/h1>/);
      expect(text).toContain("Pride and Prejudice");
      expect(text).toContain("<b>✓ 200</b>");
    });

    it("shows the request, the answer, the rule and its reason", async () => {
      const text = await textOf({ caller: "bob", preset: 'PATCH /orders/101 {"note": "<b>"}' });
      const { accessToken } = running.shop.ready.credentials.bob;
      for (const shown of [
        "<b>✗ 403</b> <code>forbidden</code>",
        "Order owner: alice, not bob",
        `authorization: ${accessToken}`,
        "curl -X PATCH &#39;http://127.0.0.1:",
        "{&quot;note&quot;: &quot;&lt;b&gt;&quot;}",
      ])
        expect(text).toContain(shown);
      const [id = ""] = /(?<=href="#)id-[-\da-f]{36}/.exec(text) ?? [];
      expect(await (await fetch(`${running.shop.url}/demo/log`)).text()).toContain(`id="${id}"`);
    });

    const live = (caller: string, headers: Record<string, string> = {}) =>
      fetch(`${running.shop.url}/demo/live`, {
        method: "POST",
        headers,
        body: new URLSearchParams({ caller }),
      });

    it.each(["machine", "guest", "alice"])(
      "signs the subscription of %s, and gives no key away",
      async (caller) => {
        const text = await (await live(caller)).text();
        expect(JSON.parse(text)).toMatchObject({
          connect: { host: new URL(running.shop.url).host, authorization: expect.any(String) },
          start: { data: expect.stringContaining("onCreateOrder") },
        });
        expect(text.includes("Signature=")).toBe(caller !== "alice");
        for (const secret of secrets()) expect(text).not.toContain(secret);
      },
    );

    it("signs for none but the page's callers", async () => {
      expect((await live("nobody")).status).toBe(400);
    });

    it.each(["machine", "guest"])("shows the signature of %s and no key", async (caller) => {
      const text = await textOf({ caller, path: "/whoami" });
      expect(text).toContain("Signature=");
      for (const secret of secrets()) expect(text).not.toContain(secret);
    });

    it.each([
      "https://example.com/",
      "//example.com/",
      "/\\example.com",
      "/",
      "/demo/log",
      "/x/../demo/log",
      "http://[",
    ])("sends nothing to %s", async (path) => {
      const response = await post({ caller: "alice", path });
      expect([response.status, await response.text()]).toEqual([
        400,
        expect.stringContaining("Write a path of this shop"),
      ]);
    });

    it.each([{ caller: "nobody" }, { method: "TRACE" }, { preset: "TRACE /" }])(
      "rejects %j",
      async (fields) => {
        expect((await post(fields)).status).toBe(400);
      },
    );

    it("rejects what is not its form", async () => {
      expect((await post({}, { "content-type": "text/plain" })).status).toBe(400);
      expect((await post({ body: "x".repeat(20_000) })).status).toBe(413);
    });

    it("is not for other sites", async () => {
      const fields = { caller: "machine", path: "/whoami" };
      for (const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]) {
        expect((await post(fields, headers)).status).toBe(403);
        expect((await live("machine", headers)).status).toBe(403);
        for (const path of ["/demo/log", "/demo/events"])
          expect((await fetch(running.shop.url + path, { headers })).status).toBe(403);
      }
      expect((await post(fields, { origin: running.shop.url, "sec-fetch-site": "same-origin" })).status).toBe(
        200,
      );
    });

    it.each(["/", "/demo/log", "/demo/events"])(
      "gives %s to no foreign name of this machine",
      async (path) => {
        const status = await new Promise((resolve, reject) => {
          httpGet(running.shop.url + path, { headers: { host: "evil.example" } }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }).on("error", reject);
        });
        expect(status).toBe(403);
      },
    );

    it("follows the decisions", async () => {
      const events = await fetch(`${running.shop.url}/demo/events`);
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      await call("lambda denied", "/books/108");
      while (!text.includes("/books/108")) text += (await reader?.read())?.value ?? "";
      await reader?.cancel();
      const last: unknown = JSON.parse(text.trim().split("\n\n").at(-1)?.replace("data: ", "") ?? "");
      expect(last).toMatchObject({
        server: "shop",
        method: "GET",
        path: "/books/108",
        status: 401,
        mode: "lambda",
        events: [{ type: "refused", code: "credentials_refused", id: expect.any(String) }],
      });
    });
  });
}
