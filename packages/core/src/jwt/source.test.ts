import { describe, expect, it, onTestFinished, vi } from "vitest";
import { carriesCredentials } from "../adapter/around-guards.ts";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { none } from "../modes/none.ts";
import { oidc } from "../modes/oidc.ts";
import { viewOf } from "../test/view.ts";
import type { RequestView } from "../types.ts";
import { type Source, sourcesOf, type TokenSource } from "./source.ts";

type Headers = readonly (readonly [string, string])[];

function guardFound(source: Source | undefined, request: RequestView): void {
  const found = source?.read(request);
  if (found === undefined) throw new Error("nothing was found");
  source?.guard(request, found);
}

function guarded(method: string, headers: Headers, host = "api.example.com"): string {
  const [source] = sourcesOf("x()", { cookie: "t" });
  try {
    guardFound(source, viewOf({ method, host, headers: [["Cookie", "t=1"], ...headers] }));
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

  it("counts from a port of its own, and if the host names the port of the scheme", () => {
    expect(guarded("POST", origin("http://127.0.0.1:4000"), "127.0.0.1:4000")).toBe("counts");
    expect(guarded("POST", origin("https://api.example.com"), "api.example.com:443")).toBe("counts");
    expect(guarded("POST", origin("http://127.0.0.1:4001"), "127.0.0.1:4000")).toBe("cookie_cross_site");
  });

  it("does not count twice: one may be of another site below the same domain", () => {
    const [source] = sourcesOf("x()", { cookie: "t" });
    const twice = viewOf({ headers: [["Cookie", "t=1; t=2"]] });
    expect(() => guardFound(source, twice)).toThrow(expect.objectContaining({ reason: "cookie_repeated" }));
  });

  it("is searched for up to the second one", () => {
    const [source] = sourcesOf("x()", { cookie: "t" });
    const request = viewOf({ headers: [["Cookie", "t=1;".repeat(1000)]] });
    const exec = vi.spyOn(RegExp.prototype, "exec");
    const found = source?.read(request);
    const searches = exec.mock.calls.length;
    exec.mockRestore();
    expect(found).toEqual({ text: "1", isRepeated: true });
    expect(searches).toBe(2);
  });

  it.each([
    ["a=1; t=x.y.z; b=2", "x.y.z"],
    ["t=a=b", "a=b"],
    ["xt=1; tx=2; T=3", undefined],
    ["t=", undefined],
    ["t", undefined],
    ["", undefined],
    ["a=1;t = x ;b=2", "x"],
    ["\tt\t=\tx\t", "x"],
    ["a=t=1; t=2", "2"],
    ["a;t=1", "1"],
    ["t=;t=1", "1"],
    ["t= ; x=t=1", undefined],
  ])("is found in '%s'", (cookies, value) => {
    const [source] = sourcesOf("x()", { cookie: "t" });
    expect(source?.read(viewOf({ headers: [["Cookie", cookies]] }))?.text).toBe(value);
  });
});

describe("the cookies of Amplify JS", () => {
  const prefix = "CognitoIdentityServiceProvider.client1";
  const reading = (cookies: string, token?: "accessToken" | "idToken") => {
    const [source] = sourcesOf("x()", { amplifyCookies: "client1", ...(token !== undefined && { token }) });
    const request = viewOf({ headers: [["Cookie", cookies]] });
    return { read: source?.read(request)?.text, guard: () => guardFound(source, request) };
  };

  it.each([
    ["of the user who signed in last", "LastAuthUser=alice", "alice.accessToken=x.y.z", "x.y.z"],
    ["of a name that js-cookie escapes", "LastAuthUser=a@b.c", "a%40b.c.accessToken=x.y.z", "x.y.z"],
    ["of a name that was escaped twice", "LastAuthUser=a%40b.c", "a%40b.c.accessToken=x.y.z", "x.y.z"],
    ["of a name that nobody escaped", "LastAuthUser=a@b.c", "a@b.c.accessToken=x.y.z", "x.y.z"],
    ["of a name with an escape in it", "LastAuthUser=50%25", "50%25.accessToken=x.y.z", "x.y.z"],
    ["of a name that is no escape", "LastAuthUser=50%", "50%.accessToken=x.y.z", "x.y.z"],
    ["of another user", "LastAuthUser=alice", "bob.accessToken=x.y.z", undefined],
    ["of another kind", "LastAuthUser=alice", "alice.idToken=x.y.z", undefined],
    ["that was taken away", "LastAuthUser=alice", "alice.accessToken=", undefined],
    ["without a user", "LastAuthUser=", "alice.accessToken=x.y.z", undefined],
  ])("reads the token %s", (_case, user, token, expected) => {
    expect(reading(`a=1; ${prefix}.${user}; ${prefix}.${token}`).read).toBe(expected);
  });

  it("reads no token of another app client", () => {
    const other = "CognitoIdentityServiceProvider.client2";
    expect(reading(`${other}.LastAuthUser=alice; ${other}.alice.accessToken=x`).read).toBeUndefined();
  });

  it("reads the id token if it is configured", () => {
    const cookies = `${prefix}.LastAuthUser=alice; ${prefix}.alice.accessToken=a; ${prefix}.alice.idToken=i`;
    expect(reading(cookies, "idToken").read).toBe("i");
  });

  it.each([
    ["user", "LastAuthUser=alice; P.LastAuthUser=bob; P.alice.accessToken=a; P.bob.accessToken=b"],
    ["user who has no token", "LastAuthUser=alice; P.LastAuthUser=bob; P.alice.accessToken=a"],
    [
      "user, and only a third one has a token",
      "LastAuthUser=b; P.LastAuthUser=c; P.LastAuthUser=d; P.d.accessToken=a",
    ],
    ["user before, who has no token", "LastAuthUser=bob; P.LastAuthUser=alice; P.alice.accessToken=a"],
    ["token", "LastAuthUser=alice; P.alice.accessToken=a; P.alice.accessToken=b"],
    ["token, once escaped", "LastAuthUser=a@b; P.a@b.accessToken=a; P.a%40b.accessToken=b"],
  ])("do not count with a second %s", (_case, cookies) => {
    const { guard } = reading(`${prefix}.${cookies.replaceAll("P.", `${prefix}.`)}`);
    expect(guard).toThrow(expect.objectContaining({ reason: "cookie_repeated" }));
  });

  it.each([1, 50])("are not decoded, however many there are, but for one user's name: %i users", (count) => {
    const users = Array.from({ length: count }, (_, i) => `${prefix}.LastAuthUser=user${i}`);
    const tokens = Array.from({ length: 50 }, (_, i) => `${prefix}.%25${i}.accessToken=t`);
    const others = Array.from({ length: 2000 }, () => "%=a");
    const decode = vi.spyOn(globalThis, "decodeURIComponent");
    onTestFinished(() => decode.mockRestore());
    const cookies = [...users, ...others, `${prefix}.user0.accessToken=x.y.z`, ...tokens].join(";");
    expect(reading(cookies).read).toBe("x.y.z");
    expect(decode).toHaveBeenCalledTimes(1);
  });

  it("are read under a name with every character, as js-cookie writes it", () => {
    const user = "a #$&+^`|()!'*~é/=;%";
    const byJsCookie = "a%20#$&+^`|%28%29!'*~%C3%A9%2F%3D%3B%25";
    for (const name of [byJsCookie, encodeURIComponent(user)]) {
      const cookies = `${prefix}.LastAuthUser=${encodeURIComponent(user)}; ${prefix}.${name}.accessToken=x`;
      expect(reading(cookies).read).toBe("x");
    }
  });

  it("have names that begin and end as Amplify writes them: only the user's name is escaped", () => {
    for (const name of [`%43${prefix.slice(1)}.alice.accessToken`, `${prefix}.alice.%61ccessToken`]) {
      expect(reading(`${prefix}.LastAuthUser=alice; ${name}=x`).read).toBeUndefined();
    }
  });

  it("count on unsafe methods from a page of this server only", () => {
    const [source] = sourcesOf("x()", { amplifyCookies: "client1" });
    const cookies = `${prefix}.LastAuthUser=alice; ${prefix}.alice.accessToken=a`;
    const request = viewOf({
      method: "POST",
      headers: [
        ["Cookie", cookies],
        ["Sec-Fetch-Site", "cross-site"],
      ],
    });
    expect(() => guardFound(source, request)).toThrow(
      expect.objectContaining({ reason: "cookie_cross_site" }),
    );
  });
});

describe("a place of tokens", () => {
  it.each([
    ["a cookie", { cookie: "t" }, "t=1; t=2"],
    ["the cookies of Amplify", { amplifyCookies: "c" }, "CognitoIdentityServiceProvider.c.LastAuthUser=a"],
  ] as const)("is read once per request: %s", async (_case, from, cookies) => {
    const mode = oidc({ issuer: "https://id.example", audience: "shop", from });
    const auth = createAuth([mode, none()]);
    auth.onEvent(() => {});
    const request = viewOf({ headers: [["Cookie", cookies]] });
    const header = vi.spyOn(request, "header");
    carriesCredentials(auth, request);
    await auth.authenticate(request).catch(() => {});
    await auth.authenticate(request).catch(() => {});
    expect(header.mock.calls.filter(([name]) => name === "cookie")).toHaveLength(1);
  });
});

describe("sourcesOf", () => {
  it.each([
    ["cookie", /not "cookie"/],
    [[], /empty list/],
    [{ cookie: "" }, /not a cookie's name/],
    [{ cookie: "a b" }, /not a cookie's name/],
    [{ name: "t" }, /It takes header, cookie,/],
    [{ amplifyCookies: "a b" }, /id of the app client/],
    [{ amplifyCookies: "abc", token: "refreshToken" }, /'accessToken' or 'idToken'/],
    [{ amplifyCookies: "abc", tokenUse: "id" }, /Write 'token'/],
    [null, /not null/],
    [["header", "header"], /twice/],
    [[{ cookie: "t" }, { cookie: "t" }], /twice/],
  ])("throws for %j", (from, sentence) => {
    expect(() => sourcesOf("oidc()", from as TokenSource)).toThrow(sentence);
  });
});
