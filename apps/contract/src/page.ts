import { get as httpGet } from "node:http";
import { describe, expect, it } from "vitest";
import { call, running } from "./running.ts";

// The page of the shop, which apps serve that have none of their own.

export function pageContract(): void {
  describe("the page", () => {
    it("is open, and runs no foreign scripts", async () => {
      for (const path of ["/", "/page.css", "/page.js", "/page.svg"]) {
        const response = await fetch(running.shop.url + path);
        expect(response.status).toBe(200);
        expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    });

    const callAs = (body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${running.shop.url}/demo/call`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });

    it("gives the names of the callers and none of their credentials", async () => {
      const text = await (await fetch(`${running.shop.url}/demo/callers`)).text();
      expect(JSON.parse(text)).toHaveLength(11);
      const secrets = JSON.stringify(running.shop.ready.credentials).match(/(?<=":")[^"]+/g) ?? [];
      expect(secrets.length).toBeGreaterThan(20);
      for (const secret of secrets) expect(text).not.toContain(secret);
    });

    it("calls in the name of a caller", async () => {
      const answer: unknown = await (await callAs({ caller: "guest", path: "/whoami" })).json();
      expect(answer).toMatchObject({ status: 200, body: { mode: "iam" } });
      const refused: unknown = await (await callAs({ caller: "lambda denied", path: "/books" })).json();
      expect(refused).toMatchObject({ status: 401, body: { code: "credentials_refused" } });
    });

    it.each(["https://example.com/", "//example.com/", "/\\example.com", "/demo/callers", "/x/../demo/call"])(
      "does not call %s",
      async (path) => {
        expect((await callAs({ caller: "alice", path })).status).toBe(400);
      },
    );

    it.each([[{ caller: "nobody", path: "/" }], [{ caller: "alice" }], [[]], [null], ["text"]])(
      "does not understand %j",
      async (body) => {
        expect((await callAs(body)).status).toBe(400);
      },
    );

    it("is not for other sites", async () => {
      const body = { caller: "machine", path: "/whoami" };
      for (const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]) {
        expect((await callAs(body, headers)).status).toBe(403);
      }
      expect((await callAs(body, { origin: running.shop.url, "sec-fetch-site": "same-origin" })).status).toBe(
        200,
      );
      expect((await callAs(body, { "content-type": "text/plain" })).status).toBe(400);
    });

    it("is not for foreign names that lead to this machine", async () => {
      const status = await new Promise((resolve, reject) => {
        httpGet(`${running.shop.url}/demo/callers`, { headers: { host: "evil.example" } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
      expect(status).toBe(403);
    });

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
        code: "credentials_refused",
        id: expect.any(String),
      });
    });
  });
}
