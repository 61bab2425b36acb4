import { describe, expect, it } from "vitest";
import { AuthError } from "../error.ts";
import { viewOf } from "../test/view.ts";
import { sourcesOf, type TokenSource } from "./source.ts";

type Headers = readonly (readonly [string, string])[];

function guarded(method: string, headers: Headers, host = "api.example.com"): string {
  const [source] = sourcesOf("x()", { cookie: "t" });
  try {
    source?.guard(viewOf({ method, host, headers: [["Cookie", "t=1"], ...headers] }));
    return "counts";
  } catch (error) {
    return error instanceof AuthError ? error.reason : String(error);
  }
}

describe("a cookie", () => {
  const site = (value: string): Headers => [["Sec-Fetch-Site", value]];
  const origin = (value: string): Headers => [["Origin", value]];
  const cases: readonly (readonly [string, Headers, "counts" | "cookie_cross_site"])[] = [
    ["GET", [], "counts"],
    ["HEAD", site("cross-site"), "counts"],
    ["OPTIONS", origin("https://evil.example"), "counts"],
    ["GET", [["Upgrade", "websocket"]], "cookie_cross_site"],
    ["GET", [["Upgrade", "websocket"], ...origin("https://evil.example")], "cookie_cross_site"],
    ["GET", [["Upgrade", "websocket"], ...origin("https://api.example.com")], "counts"],
    ["CONNECT", [], "cookie_cross_site"],
    ["POST", [], "cookie_cross_site"],
    ["post", [], "cookie_cross_site"],
    ["DELETE", site("cross-site"), "cookie_cross_site"],
    ["PUT", site("same-site"), "cookie_cross_site"],
    ["PATCH", site("none"), "cookie_cross_site"],
    ["POST", site("same-origin"), "counts"],
    ["POST", [...site("cross-site"), ...origin("https://api.example.com")], "cookie_cross_site"],
    ["POST", origin("https://api.example.com"), "counts"],
    ["POST", origin("https://API.example.com:443"), "counts"],
    ["POST", origin("https://api.example.com:8443"), "cookie_cross_site"],
    ["POST", origin("https://evil.example"), "cookie_cross_site"],
    ["POST", origin("https://api.example.com.evil.example"), "cookie_cross_site"],
    ["POST", origin("https://example.com"), "cookie_cross_site"],
    ["POST", origin("null"), "cookie_cross_site"],
    ["POST", origin(""), "cookie_cross_site"],
    ["POST", origin("file://api.example.com"), "cookie_cross_site"],
    ["POST", [...origin("https://api.example.com"), ...origin("https://evil.example")], "cookie_cross_site"],
    ["POST", [["Referer", "https://api.example.com/"]], "cookie_cross_site"],
  ];
  it.each(cases)("%s with %j: %s", (method, headers, expected) => {
    expect(guarded(method, headers)).toBe(expected);
  });

  it("counts from a port of its own, and where the host names the port of the scheme", () => {
    expect(guarded("POST", origin("http://127.0.0.1:4000"), "127.0.0.1:4000")).toBe("counts");
    expect(guarded("POST", origin("https://api.example.com"), "api.example.com:443")).toBe("counts");
    expect(guarded("POST", origin("http://127.0.0.1:4001"), "127.0.0.1:4000")).toBe("cookie_cross_site");
  });

  it("does not count twice: one may be of another site below the same domain", () => {
    const [source] = sourcesOf("x()", { cookie: "t" });
    const twice = viewOf({ headers: [["Cookie", "t=1; t=2"]] });
    expect(() => source?.guard(twice)).toThrow(expect.objectContaining({ reason: "cookie_repeated" }));
  });

  it.each([
    ["a=1; t=x.y.z; b=2", "x.y.z"],
    ["t=a=b", "a=b"],
    ["xt=1; tx=2; T=3", undefined],
    ["t=", undefined],
    ["t", undefined],
    ["", undefined],
  ])("is found in '%s'", (cookies, value) => {
    const [source] = sourcesOf("x()", { cookie: "t" });
    expect(source?.read(viewOf({ headers: [["Cookie", cookies]] }))).toBe(value);
  });
});

describe("sourcesOf", () => {
  it.each([
    ["cookie", /not "cookie"/],
    [[], /empty list/],
    [{ cookie: "" }, /not a cookie's name/],
    [{ cookie: "a b" }, /not a cookie's name/],
    [{ name: "t" }, /Write 'cookie'/],
    [null, /not null/],
    [["header", "header"], /twice/],
    [[{ cookie: "t" }, { cookie: "t" }], /twice/],
  ])("throws for %j", (from, sentence) => {
    expect(() => sourcesOf("oidc()", from as TokenSource)).toThrow(sentence);
  });
});
