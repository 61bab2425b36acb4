import { NextRequest } from "next/server.js";
import { describe, expect, it } from "vitest";
import { createNextAuth } from "./next-auth.ts";
import { createTestAuth, kit, requestTo } from "./test/app.ts";

const { auth, events } = createTestAuth();
const { proxy } = createNextAuth(auth.only("userPool", "apiKey"), { signIn: "/sign-in" });
const visit = { accept: "text/html,*/*" };

describe("the check in proxy.ts", () => {
  it("sends a visitor without credentials to sign in, and back afterwards", async () => {
    for (const headers of [visit, { rsc: "1" }, { "next-url": "/" }, { "x-nextjs-data": "1" }]) {
      const response = await proxy(requestTo("/orders?limit=3", { headers }));
      expect(response?.status).toBe(307);
      const to = new URL(response?.headers.get("location") ?? "");
      expect([to.pathname, to.searchParams.get("next")]).toEqual(["/sign-in", "/orders?limit=3"]);
    }
  });

  it("names no other site to go back to", async () => {
    for (const path of [
      "//evil.example/x",
      "/\\evil.example/x",
      "///evil.example/x",
      "/%2F/evil.example/x",
    ]) {
      const request = new NextRequest(`http://shop.example${path}`, { headers: visit });
      const response = await proxy(request);
      const next = new URL(response?.headers.get("location") ?? "").searchParams.get("next") ?? "";
      expect(new URL(next, "http://shop.example").host).toBe("shop.example");
    }
  });

  it("keeps the base path and the language of the visitor", async () => {
    const nextConfig = { basePath: "/base", i18n: { locales: ["en", "de"], defaultLocale: "en" } };
    const response = await proxy(requestTo("/base/de/orders", { headers: visit, nextConfig }));
    expect(new URL(response?.headers.get("location") ?? "").pathname).toBe("/base/de/sign-in");
    expect(await proxy(requestTo("/base/de/sign-in", { headers: visit, nextConfig }))).toBeUndefined();
  });

  it("leads to the public URL behind a proxy, and to no host that the proxy or the client names", async () => {
    const { auth } = createTestAuth("https://shop.example/v1");
    const { proxy } = createNextAuth(auth.only("userPool"), { signIn: "/sign-in" });
    const headers = { ...visit, host: "10.0.0.7:3000", "x-forwarded-host": "evil.example" };
    const location = async (path: string, nextConfig = {}) =>
      (await proxy(requestTo(path, { headers, nextConfig })))?.headers.get("location");
    expect(await location("/orders?limit=3")).toBe(
      "https://shop.example/v1/sign-in?next=%2Forders%3Flimit%3D3",
    );
    expect(await location("/base/orders", { basePath: "/base" })).toBe(
      "https://shop.example/v1/base/sign-in?next=%2Forders",
    );
  });

  it("knows the sign-in page with a slash at its end", async () => {
    const nextConfig = { trailingSlash: true };
    expect(await proxy(requestTo("/sign-in/", { headers: visit, nextConfig }))).toBeUndefined();
    expect((await proxy(requestTo("/sign-in/x/", { headers: visit, nextConfig })))?.status).toBe(307);
  });

  it("refuses programs and actions without credentials, and reports it", async () => {
    for (const init of [{}, { method: "POST", headers: { ...visit, "next-action": "id" } }]) {
      const response = await proxy(requestTo("/orders", init));
      expect(response?.status).toBe(401);
      expect(await response?.text()).toContain(events.at(-1)?.id);
    }
  });

  it("lets pass who carries any, also such as turn out wrong: it is not the guard", async () => {
    const before = events.length;
    for (const headers of [
      await kit.headersFor("userPool"),
      { cookie: "session=nonsense", ...visit },
      { "x-api-key": "unknown" },
    ]) {
      expect(await proxy(requestTo("/orders", { headers }))).toBeUndefined();
    }
    expect(events).toHaveLength(before);
  });

  it("lets pass the page where one signs in, preflights, and everybody where none() is accepted", async () => {
    const preflight = { origin: "https://app.example", "access-control-request-method": "PUT" };
    expect(await proxy(requestTo("/sign-in", { headers: visit }))).toBeUndefined();
    expect(await proxy(requestTo("/orders", { method: "OPTIONS", headers: preflight }))).toBeUndefined();
    expect(await createNextAuth(auth).proxy(requestTo("/orders"))).toBeUndefined();
  });

  it("refuses visitors too where there is no page to sign in", async () => {
    const { proxy } = createNextAuth(auth.only("userPool"));
    expect((await proxy(requestTo("/orders", { headers: visit })))?.status).toBe(401);
  });
});
