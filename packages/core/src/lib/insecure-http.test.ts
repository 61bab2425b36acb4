import { describe, expect, it } from "vitest";
import { checkInsecureHttp, httpUrl, isProtected, mayLead } from "./urls.ts";

describe("httpUrl", () => {
  it("reads text only", () => {
    expect(httpUrl("https://a.example/b")?.href).toBe("https://a.example/b");
    expect(httpUrl("../c", new URL("http://a.example/b/"))?.href).toBe("http://a.example/c");
    // Each of these becomes a URL as a string.
    const url = "https://a.example";
    for (const given of [[url], { toString: () => url }, new URL(url)])
      expect(httpUrl(given)).toBeUndefined();
    for (const given of ["ftp://a.example", "a.example", "", 8080, null, undefined])
      expect(httpUrl(given)).toBeUndefined();
  });
});

describe("isProtected", () => {
  it.each([
    ["https://a.example", true],
    ["http://localhost:3000", true],
    ["http://127.0.0.1", true],
    ["http://127.255.0.1:8080", true],
    ["http://127.1", true],
    ["http://[::1]:80", true],
    ["http://a.example", false],
    ["http://localhost.example", false],
    ["http://127.0.0.1.example", false],
    ["http://128.0.0.1", false],
    ["http://[::2]", false],
    ["http://0.0.0.0", false],
    ["http://keycloak:8080", true],
    ["http://keycloak", false],
    ["http://a.keycloak:8080", false],
    ["ws://keycloak:8080", false],
    ["file:///etc/passwd", false],
  ])("%s: %s", (url, expected) => {
    expect(isProtected(new URL(url), ["keycloak:8080"])).toBe(expected);
  });
});

describe("mayLead", () => {
  const allowed = ["keycloak:8080"];
  it.each([
    ["https://a", "https://b", true],
    ["https://a", "http://a", false],
    ["https://a", "http://localhost", false],
    ["https://a", "http://keycloak:8080", true],
    ["http://localhost", "http://127.0.0.1", true],
    ["http://localhost", "http://a", false],
    ["http://keycloak:8080", "http://keycloak", false],
    ["http://a", "http://a", true],
    ["http://a", "https://a", true],
  ])("from %s to %s: %s", (from, to, expected) => {
    expect(mayLead(new URL(from), new URL(to), allowed)).toBe(expected);
  });
});

describe("checkInsecureHttp", () => {
  const urls = { issuer: ["http://keycloak:8080/realms/a"] };
  const check = (allowed: unknown, asked: Readonly<Record<string, readonly string[]>> = urls, more = false) =>
    checkInsecureHttp("f()", allowed as readonly string[], asked, more);

  it("takes exactly the hosts that are asked over http", () => {
    expect(() => check(["keycloak:8080"])).not.toThrow();
    expect(() => check(["keycloak"], { issuer: ["http://keycloak:80/"] })).not.toThrow();
    expect(() => check(["[fd00::1]:8080"], { issuer: ["http://[fd00::1]:8080/"] })).not.toThrow();
    expect(() => check(undefined, { issuer: ["http://localhost:8080", "https://a.example"] })).not.toThrow();
    expect(() => check([], { issuer: ["https://a.example"] })).not.toThrow();
    expect(() => check(["keys:1"], { issuer: ["https://a.example"] }, true)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "issuer http://keycloak:8080 is plain http"],
    ["another port", ["keycloak:8081"], 'write allowInsecureHttp: ["keycloak:8080"]'],
    ["another host besides", ["keycloak:8080", "a"], "names 'a', but no URL here is http://a; remove it"],
    ["text", "keycloak:8080", 'a list of hosts, such as ["keycloak:8080"]'],
    ["true", true, "a list of hosts"],
    ["a URL", ["http://keycloak:8080"], "write 'keycloak:8080'"],
    ["a URL with a path", ["http://keycloak:8080/realms"], "write 'keycloak:8080'"],
    ["capital letters", ["Keycloak:8080"], "write 'keycloak:8080'"],
    ["the default port", ["keycloak:80"], "write 'keycloak'"],
    ["a path", ["keycloak:8080/"], "write 'keycloak:8080'"],
    ["a wildcard", ["*"], "write 'keycloak:8080'"],
    ["a wildcard within", ["*.example"], "an entry is a host"],
    ["an empty text", [""], "an entry is a host"],
    ["a number", [8080], "an entry is a host"],
    ["undefined", [undefined], "an entry is a host"],
  ])("throws for %s", (_name, allowed, sentence) => {
    expect(() => check(allowed)).toThrow(TypeError);
    expect(() => check(allowed)).toThrow(sentence);
  });

  it("needs no entry for this machine", () => {
    expect(() => check(["localhost:8080"], { issuer: ["http://localhost:8080"] })).toThrow("remove it");
  });
});
