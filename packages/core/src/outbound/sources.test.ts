import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { apiKey as apiKeyMode, newApiKey } from "../modes/api-key.ts";
import { none as noneMode } from "../modes/none.ts";
import { viewOf } from "../test/view.ts";
import { fakeMode } from "../test/modes.ts";
import { apiKey, custom, lambda, none, oidc, userPool, forward } from "./sources.ts";
import type { HeaderSource, OutboundRequest } from "./header-source.ts";

function requestTo(url: string): OutboundRequest {
  return { method: "GET", url: new URL(url), headers: new Headers(), body: undefined, refused: undefined };
}

function headersOf(source: HeaderSource): Promise<Readonly<Record<string, string>>> {
  return source(requestTo("https://a.example/"));
}

/** What JavaScript may pass, whatever the types say. */
function loose<T>(value: unknown): T {
  return value as T;
}

describe("the plain header sources", () => {
  it.each<[string, HeaderSource, Record<string, string>]>([
    ["a key in x-api-key", apiKey({ key: "k" }), { "x-api-key": "k" }],
    [
      "a key from a function, in a header of another name",
      apiKey({ key: () => Promise.resolve("k"), header: "X-Key" }),
      { "x-key": "k" },
    ],
    ["a user pool's token as it is", userPool({ token: () => "a.b.c" }), { authorization: "a.b.c" }],
    [
      "a user pool's token after a scheme",
      userPool({ token: async () => "a.b.c", scheme: "Bearer" }),
      { authorization: "Bearer a.b.c" },
    ],
    ["an OpenID token after Bearer", oidc({ token: () => "a.b.c" }), { authorization: "Bearer a.b.c" }],
    ["an OpenID token as it is", oidc({ token: () => "a.b.c", scheme: null }), { authorization: "a.b.c" }],
    ["an authorizer's token as it is", lambda({ token: "let me in" }), { authorization: "let me in" }],
    [
      "an authorizer's token after a scheme",
      lambda({ token: () => "t", scheme: "Custom" }),
      { authorization: "Custom t" },
    ],
    ["nothing", none(), {}],
    ["what a function returns", custom(({ url }) => ({ "X-Path": url.pathname })), { "X-Path": "/" }],
  ])("send %s", async (_what, source, headers) => {
    expect(await headersOf(source)).toEqual(headers);
  });

  it("ask a function before every request", async () => {
    let count = 0;
    const source = userPool({ token: () => `t${++count}` });
    expect([await headersOf(source), await headersOf(source)]).toEqual([
      { authorization: "t1" },
      { authorization: "t2" },
    ]);
  });

  const bad: readonly [what: string, value: unknown, sentence: string][] = [
    ["undefined", undefined, "nothing"],
    ["null", null, "nothing"],
    ["an empty text", "", "nothing"],
    ["a number", 7, "a value of type number, not a text"],
    ["a line break", "s-hidden\r\nx-evil: 1", "a text that headers cannot carry"],
    ["a line feed at the end", "s-hidden\n", "a text that headers cannot carry"],
    ["a NUL", "s-hidden\0", "a text that headers cannot carry"],
    ["a tab", "s\thidden", "a text that headers cannot carry"],
    ["a space at the start", " s-hidden", "a text that headers cannot carry"],
    ["an umlaut", "s-hidden-ä", "a text that headers cannot carry"],
  ];

  it.each(bad)("say which option returned %s, and not what it was", async (_what, value, sentence) => {
    const given = () => loose<string>(value);
    for (const [what, source] of [
      ["outbound.apiKey(): key", apiKey({ key: given })],
      ["outbound.userPool(): token", userPool({ token: given })],
      ["outbound.oidc(): token", oidc({ token: async () => given() })],
      ["outbound.lambda(): token", lambda({ token: given })],
    ] as const) {
      const error: unknown = await headersOf(source).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toContain(`${what} returned ${sentence}`);
      expect(String(error)).not.toMatch(/hidden|evil/);
    }
  });

  it.each(bad)("refuse a fixed credential that is %s when built", (_what, value, sentence) => {
    for (const [what, build] of [
      ["outbound.apiKey(): key", () => apiKey({ key: loose(value) })],
      ["outbound.lambda(): token", () => lambda({ token: loose(value) })],
    ] as const) {
      expect(build).toThrow(TypeError);
      expect(build).toThrow(`${what} is ${value === undefined ? "undefined" : sentence}`);
      expect(build).not.toThrow(/hidden|evil/);
    }
  });

  it("pass on what an option throws", async () => {
    const failing = () => Promise.reject(new Error("signed out"));
    await expect(headersOf(oidc({ token: failing }))).rejects.toThrow("signed out");
  });

  it.each<[string, () => unknown, string]>([
    ["apiKey, a misspelt option", () => apiKey(loose({ kee: "k" })), "Write 'key'"],
    [
      "apiKey, a key in the place of options",
      () => apiKey(loose("k")),
      "takes an object with options: key, header",
    ],
    [
      "apiKey, a header that is none",
      () => apiKey({ key: "k", header: "x key" }),
      "'x key' is not a header name",
    ],
    [
      "userPool, a fixed token",
      () => userPool(loose({ token: "a.b.c" })),
      "token is a function that returns the current token",
    ],
    ["userPool, another word", () => userPool(loose({ accessToken: () => "t" })), "Write 'token'"],
    [
      "userPool, a scheme that is none",
      () => userPool({ token: () => "t", scheme: "Bearer " }),
      "scheme is a word such as 'Bearer', or null",
    ],
    ["oidc, a fixed token", () => oidc(loose({ token: "a.b.c" })), "token is a function"],
    [
      "oidc, both ways at once",
      () => oidc(loose({ token: () => "t", issuer: "https://i.example" })),
      "has no option 'issuer'",
    ],
    ["oidc, nothing", () => oidc(loose(undefined)), "outbound.oidc() takes an object with options"],
    ["lambda, another word", () => lambda(loose({ authToken: "t" })), "Write 'token'"],
    [
      "custom, no function",
      () => custom(loose({ authorization: "t" })),
      "takes a function that returns the headers",
    ],
  ])("refuse misuse when built: %s", (_what, build, sentence) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });
});

describe("custom", () => {
  it.each<[string, unknown, string]>([
    ["a value that is missing", { "x-a": undefined }, "the header 'x-a' is nothing"],
    [
      "a line break",
      { "x-a": "s-hidden\r\nx-evil: 1" },
      "the header 'x-a' is a text that headers cannot carry",
    ],
    ["a name that is none", { "x-a:hidden": "1" }, "a header was given that has no name"],
    ["no headers", undefined, "no headers were given"],
  ])("refuses to send %s", async (_what, headers, sentence) => {
    const error: unknown = await headersOf(custom(() => loose(headers))).catch((error: unknown) => error);
    expect(String(error)).toContain(`outbound.custom(): ${sentence}`);
    expect(String(error)).not.toMatch(/hidden|evil/);
  });

  it("hands on what the function says of itself", () => {
    const sign = Object.assign(() => ({ "x-a": "1" }), { needsBody: true, headerNames: ["X-A"] });
    expect({ ...custom(sign) }).toEqual({ needsBody: true, headerNames: ["x-a"] });
  });
});

describe("forward", () => {
  it("sends the credential that was verified, and no other that the request carried", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const auth = createAuth([apiKeyMode({ keys: [stored] })], { precedence: ["apiKey", "oidc"] });
    const view = viewOf({
      headers: [
        ["Authorization", "Bearer e30.e30.x"],
        ["Cookie", "c"],
        ["X-Api-Key", key],
      ],
    });
    await auth.authenticate(view);
    const source = forward(view);
    expect(await headersOf(source)).toEqual({ "x-api-key": key });
    expect(source.headerNames).toEqual(["x-api-key"]);
  });

  it("refuses what has not been verified, and what was refused", async () => {
    const { stored } = await newApiKey({ expiresInSeconds: null });
    const auth = createAuth([apiKeyMode({ keys: [stored] })]);
    auth.onEvent(() => {});
    const view = viewOf({ headers: [["x-api-key", "guess"]] });
    expect(() => forward(view)).toThrow("has not been verified; authenticate it first");
    await expect(auth.authenticate(view)).rejects.toThrow("refused");
    expect(() => forward(view)).toThrow(AuthError);
  });

  it("names a mode whose credentials cannot travel", async () => {
    const auth = createAuth([noneMode(), fakeMode("iam")]);
    const guest = viewOf();
    await auth.authenticate(guest);
    expect(() => forward(guest)).toThrow("callers of the mode none cannot be forwarded");
    const signed = viewOf({ headers: [["x-iam", "good"]] });
    await auth.authenticate(signed);
    expect(() => forward(signed)).toThrow("callers of the mode iam cannot be forwarded");
  });
});
