import { runInNewContext } from "node:vm";
import { logRejections } from "../adapter/around-guards.ts";
import { opened } from "./accepted-modes.ts";
import { admits, readsBody, verifyAhead } from "../adapter/around-guards.ts";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createAuth } from "./auth.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "./events.ts";
import { apiKey, newApiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, IdentityBase, RequestView } from "../types.ts";

const signed = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/execute-api/aws4_request";
const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.c2ln";

function withHeaders(...headers: readonly (readonly [string, string])[]): RequestView {
  return viewOf({ headers });
}

async function refusal(promise: Promise<unknown>): Promise<AuthError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AuthError)) throw new Error("expected a refusal");
  return error;
}

describe("which mode decides", () => {
  const auth = createAuth([fakeMode("red"), fakeMode("blue"), none()]);
  auth.onEvent(() => {});

  it("takes the mode whose credentials the request carries", async () => {
    expect(await auth.authenticate(withHeaders(["X-Blue", "good"]))).toMatchObject({ mode: "blue" });
  });

  it("accepts none only without any credentials", async () => {
    expect(await auth.authenticate(viewOf())).toMatchObject({ mode: "none", id: null });
  });

  it("refuses bad credentials instead of falling through to another mode", async () => {
    const error = await refusal(auth.authenticate(withHeaders(["X-Red", "bad"])));
    expect([error.status, error.code, error.reason, error.mode]).toEqual([
      401,
      "credentials_refused",
      "not_good",
      "red",
    ]);
  });

  it("refuses several kinds of credentials", async () => {
    const error = await refusal(auth.authenticate(withHeaders(["X-Red", "good"], ["X-Blue", "good"])));
    expect([error.status, error.code]).toEqual([400, "credentials_ambiguous"]);
    expect(error.detail).toContain("red and blue");
    expect(error.detail).toContain("precedence");
    expect(error.detail).toContain("requires");
  });

  it("refuses a repeated Authorization header, whatever it holds", async () => {
    const twice = withHeaders(["X-Red", "good"], ["Authorization", "a"], ["authorization", "a"]);
    const error = await refusal(auth.authenticate(twice));
    expect([error.code, error.reason]).toEqual(["credentials_malformed", "authorization_repeated"]);
  });

  const unread: readonly (readonly [string, RequestView, string])[] = [
    ["Basic", withHeaders(["Authorization", "Basic YTpi"]), "Basic"],
    ["an empty Authorization", withHeaders(["Authorization", ""]), "no token"],
    ["a signature", withHeaders(["Authorization", signed]), "iam"],
    ["a raw token", withHeaders(["Authorization", jwt]), "oidc() or userPool()"],
    ["a bearer token", withHeaders(["Authorization", `bearer ${jwt}`]), "oidc() or userPool()"],
    ["a presigned query", viewOf({ target: "/x?a=1&X-Amz-Signature=00" }), "iam"],
    ["a presigned query in lower case", viewOf({ target: "/x?x-amz-credential=a" }), "iam"],
    ["a presigned query, escaped", viewOf({ target: "/x?X%2DAmz%2dSecurity-Token=a" }), "iam"],
    ["a query parameter without a value", viewOf({ target: "/x?X-Amz-Algorithm" }), "iam"],
  ];
  it.each(unread)(
    "refuses %s, which no mode reads, although none is in the list",
    async (_name, view, mode) => {
      const error = await refusal(auth.authenticate(view));
      expect([error.status, error.code, error.reason]).toEqual([401, "mode_not_accepted", "mode_not_served"]);
      expect(error.detail).toContain(mode);
    },
  );

  it("refuses credentials of a kind that no mode reads beside good ones", async () => {
    for (const other of [
      withHeaders(["X-Red", "good"], ["Authorization", signed]),
      withHeaders(["X-Red", "good"], ["Authorization", ""]),
    ]) {
      expect((await refusal(auth.authenticate(other))).code).toBe("credentials_ambiguous");
    }
    const query = viewOf({ target: "/?X-Amz-Credential=x", headers: [["X-Red", "good"]] });
    expect((await refusal(auth.authenticate(query))).code).toBe("credentials_ambiguous");
  });

  it("gives a place that several modes read to the surest of them", async () => {
    const fits = ["fallback", "foreign", "possible", "own"] as const;
    for (const [index, weaker] of fits.entries()) {
      for (const stronger of fits.slice(index + 1)) {
        const modes = [
          fakeMode("weak", { header: "token", fit: weaker }),
          fakeMode("strong", { header: "token", fit: stronger }),
        ];
        for (const list of [modes, modes.toReversed()]) {
          const shared = createAuth(list);
          expect(await shared.authenticate(withHeaders(["token", "good"]))).toMatchObject({ mode: "strong" });
        }
      }
    }
  });
});

describe("precedence", () => {
  const auth = createAuth([fakeMode("apiKey", { header: "x-api-key" }), fakeMode("red")], {
    precedence: ["iam", "apiKey"],
  });
  auth.onEvent(() => {});

  it("names who decides", async () => {
    const both = withHeaders(["X-Red", "bad"], ["x-api-key", "good"]);
    expect(await auth.authenticate(both)).toMatchObject({ mode: "apiKey" });
  });

  it("does not fall through when the one who decides refuses", async () => {
    const both = withHeaders(["X-Red", "good"], ["x-api-key", "bad"]);
    expect((await refusal(auth.authenticate(both))).reason).toBe("not_good");
  });

  it("rejects if it names a mode that the server does not use", async () => {
    const both = withHeaders(["Authorization", signed], ["x-api-key", "good"]);
    const error = await refusal(auth.authenticate(both));
    expect([error.code, error.reason]).toEqual(["mode_not_accepted", "mode_not_served"]);
  });

  it("ignores credentials of a mode that the server does not use, if another is named first", async () => {
    const keyFirst = createAuth([fakeMode("apiKey", { header: "x-api-key" })], {
      precedence: ["apiKey", "iam"],
    });
    const both = withHeaders(["Authorization", signed], ["x-api-key", "good"]);
    expect(await keyFirst.authenticate(both)).toMatchObject({ mode: "apiKey" });
  });

  it("leaves kinds that it does not name ambiguous", async () => {
    const silent = createAuth([fakeMode("red"), fakeMode("blue")], { precedence: ["apiKey"] });
    silent.onEvent(() => {});
    const both = withHeaders(["X-Red", "good"], ["X-Blue", "good"]);
    expect((await refusal(silent.authenticate(both))).code).toBe("credentials_ambiguous");
  });
});

describe("narrowing", () => {
  it("refuses a mode that the route does not list, without verifying", async () => {
    const verify = vi.fn<(value: string) => void>();
    const auth = createAuth([fakeMode("red", { verify }), fakeMode("blue"), none()]);
    auth.onEvent(() => {});
    const error = await refusal(auth.only("blue").authenticate(withHeaders(["X-Red", "good"])));
    expect([error.status, error.code, error.reason]).toEqual([401, "mode_not_accepted", "mode_not_on_route"]);
    expect(error.headers["WWW-Authenticate"]).toBe("blue");
    expect(verify).not.toHaveBeenCalled();
  });

  it("reports missing credentials if only callers without any were rejected", async () => {
    const auth = createAuth([fakeMode("red"), none()]);
    auth.onEvent(() => {});
    expect((await refusal(auth.only("red").authenticate(viewOf()))).code).toBe("credentials_missing");
  });

  it("verifies a request once, however often it is asked", async () => {
    const verify = vi.fn<(value: string) => void>();
    const auth = createAuth([fakeMode("red", { verify })]);
    const view = withHeaders(["X-Red", "good"]);
    const first = await auth.authenticate(view);
    expect(await auth.only("red").authenticate(view)).toBe(first);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it("shows the identity to those who accept its mode only, and not before it is proven", async () => {
    const auth = createAuth([fakeMode("red"), fakeMode("blue")]);
    const view = withHeaders(["X-Red", "good"]);
    expect(auth.identity(view)).toBeUndefined();
    await auth.authenticate(view);
    expect(auth.identity(view)).toMatchObject({ mode: "red" });
    expect(auth.only("blue").identity(view)).toBeUndefined();
  });
});

describe("groups and scopes", () => {
  const identity = { groups: ["Readers"], scopes: ["read", "list"] };
  const auth = createAuth([fakeMode("red", { identity })]);
  auth.onEvent(() => {});
  const view = () => withHeaders(["X-Red", "good"]);

  it("wants one of the groups", async () => {
    expect(await auth.authenticate(view(), { groups: ["Writers", "Readers"] })).toMatchObject(identity);
    const error = await refusal(auth.authenticate(view(), { groups: ["Writers"] }));
    expect([error.status, error.code, error.reason]).toEqual([403, "forbidden", "group_missing"]);
  });

  it("requires all of the scopes, or one of any", async () => {
    expect(await auth.authenticate(view(), { scopes: ["read", "list"] })).toMatchObject(identity);
    expect(await auth.authenticate(view(), { scopes: { any: ["write", "read"] } })).toMatchObject(identity);
    const error = await refusal(auth.authenticate(view(), { scopes: ["read", "write"] }));
    expect([error.status, error.code]).toEqual([403, "scope_missing"]);
    expect(JSON.parse(error.reply.body)).toMatchObject({ scopes: ["read", "write"] });
    expect((await refusal(auth.authenticate(view(), { scopes: { any: ["write"] } }))).code).toBe(
      "scope_missing",
    );
  });

  it("checks them again although the request was verified", async () => {
    const request = view();
    await auth.authenticate(request);
    expect((await refusal(auth.authenticate(request, { groups: ["Writers"] }))).code).toBe("forbidden");
  });
});

describe("requires", () => {
  const make = async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: 60 });
    const auth = createAuth([fakeMode("red"), none()], { requires: apiKey({ keys: [stored] }) });
    auth.onEvent(() => {});
    return { key, stored, auth };
  };

  it("adds the key to the identity", async () => {
    const { auth, key, stored } = await make();
    const identity = await auth.authenticate(withHeaders(["X-Red", "good"], ["x-api-key", key]));
    expect(identity.mode).toBe("red");
    expect(identity.key.keyId).toBe(stored.id);
    expect(await auth.authenticate(withHeaders(["x-api-key", key]))).toMatchObject({ mode: "none" });
  });

  it("refuses good credentials without the key, and a key that is wrong", async () => {
    const { auth } = await make();
    const missing = await refusal(auth.authenticate(withHeaders(["X-Red", "good"])));
    expect([missing.code, missing.reason]).toEqual(["credentials_missing", "required_key_missing"]);
    const wrong = await refusal(auth.authenticate(withHeaders(["X-Red", "good"], ["x-api-key", "guessed"])));
    expect([wrong.code, wrong.reason]).toEqual(["credentials_refused", "api_key_unknown"]);
  });

  it("is never enough alone", async () => {
    const { key, stored } = await make();
    const auth = createAuth([fakeMode("red")], { requires: apiKey({ keys: [stored] }) });
    auth.onEvent(() => {});
    expect((await refusal(auth.authenticate(withHeaders(["x-api-key", key])))).code).toBe(
      "credentials_missing",
    );
  });
});

describe("revoked", () => {
  const claims = {
    iss: "https://id.example",
    jti: "j1",
    origin_jti: "o1",
    sub: "alice",
    iat: 7,
    extra: true,
  };
  const view = () => withHeaders(["X-Red", "good"]);

  it("is asked with what names the token, for every request", async () => {
    const revoked = vi.fn<(token: object) => boolean>(() => false);
    const auth = createAuth([fakeMode("red", { identity: { claims } })], { revoked });
    await auth.authenticate(view());
    await auth.authenticate(view());
    const facts = { iss: "https://id.example", jti: "j1", originJti: "o1", sub: "alice", iat: 7 };
    expect(revoked.mock.calls.map(([token]) => token)).toEqual([facts, facts]);
  });

  it("refuses", async () => {
    const auth = createAuth([fakeMode("red", { identity: { claims } })], { revoked: async () => true });
    auth.onEvent(() => {});
    const request = view();
    const error = await refusal(auth.authenticate(request));
    expect([error.status, error.reason]).toEqual([401, "token_revoked"]);
    expect(() => auth.identity(request)).toThrow(error);
  });

  it("rejects every request if it fails", async () => {
    const auth = createAuth([fakeMode("red", { identity: { claims } })], {
      revoked: () => Promise.reject(new Error("redis is down")),
    });
    auth.onEvent(() => {});
    const error = await refusal(auth.authenticate(view()));
    expect([error.status, error.code, error.headers["Retry-After"]]).toEqual([503, "unavailable", "5"]);
  });
});

describe("trouble on this side", () => {
  it("is a 503, rejects every request and is explained only in the log", async () => {
    const events: AuthEvent[] = [];
    const auth = createAuth([
      fakeMode("red", {
        verify: () => {
          throw new TypeError("store has no method get");
        },
      }),
    ]);
    auth.onEvent((event) => events.push(event));
    const error = await refusal(auth.authenticate(withHeaders(["X-Red", "good"])));
    expect([error.status, error.code, error.reason]).toEqual([503, "unavailable", "verification_failed"]);
    expect(error.reply.body).not.toContain("store");
    expect(events[0]?.detail).toBe("TypeError: store has no method get");
    expect(events[0]?.cause).toBeInstanceOf(TypeError);
  });

  it("is a 503 also if detect of a mode throws", async () => {
    const broken: AuthMode = {
      name: "broken",
      detect() {
        throw new Error("cannot look");
      },
    };
    const auth = createAuth([broken, none()]);
    auth.onEvent(() => {});
    expect((await refusal(auth.authenticate(viewOf()))).status).toBe(503);
  });
});

describe("reportOnly", () => {
  const auth = createAuth([fakeMode("red", { identity: { groups: ["Readers"] } })], { reportOnly: true });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));

  it("lets a refused request pass and reports it", async () => {
    events.length = 0;
    const view = withHeaders(["X-Red", "bad"]);
    const identity = await auth.authenticate(view);
    expect(identity.mode).toBe("refused");
    expect(identity.mode === "refused" && identity.error.reason).toBe("not_good");
    expect(auth.identity(view)).toBe(identity);
    expect(events).toMatchObject([{ type: "refused", reportOnly: true, reason: "not_good" }]);
  });

  it("does not show the reason in an answer with the identity", async () => {
    const identity = await auth.authenticate(withHeaders(["X-Red", "bad"]));
    expect(JSON.parse(JSON.stringify(identity))).toEqual({
      mode: "refused",
      id: null,
      groups: [],
      scopes: [],
      expiresAt: null,
    });
  });

  it("writes to the log of a framework, and is not affected if that throws", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const silent = createAuth([fakeMode("red")]);
    const written = vi.fn<(event: AuthEvent) => void>(() => {
      throw new Error("the log is full");
    });
    logRejections(silent, written);
    const reject = () =>
      silent.authenticate(withHeaders(["X-Red", "bad"])).catch((error: AuthError) => error.code);
    expect(await reject()).toBe("credentials_refused");
    const stop = silent.onEvent(() => {});
    await reject();
    expect(written).toHaveBeenCalledOnce();
    stop();
    await reject();
    expect(written).toHaveBeenCalledTimes(2);
    expect(log).not.toHaveBeenCalled();
  });

  it("says in the log that the request passed", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const silent = createAuth([fakeMode("red", { identity: { groups: ["Readers"] } })], { reportOnly: true });
    await silent.authenticate(withHeaders(["X-Red", "bad"]));
    await silent.authenticate(withHeaders(["X-Red", "good"]), { groups: ["Writers"] });
    expect(log.mock.calls).toEqual([
      [expect.stringMatching(/ not_good GET \S+ \(report-only\)$/)],
      [
        expect.stringMatching(
          / group_missing GET \S+ \(report-only: needs one of the groups Writers; the caller has \[.*\]\)$/,
        ),
      ],
    ]);
  });

  it("reports requirements that are not met", async () => {
    const view = withHeaders(["X-Red", "good"]);
    expect((await auth.authenticate(view, { groups: ["Writers"] })).mode).toBe("refused");
    expect(auth.identity(view)?.mode).toBe("refused");
  });

  it("accepts as always", async () => {
    expect((await auth.authenticate(withHeaders(["X-Red", "good"]))).mode).toBe("red");
  });
});

describe("events", () => {
  it("tell what each mode saw of the one verification", async () => {
    const auth = createAuth([fakeMode("red"), fakeMode("blue"), none()], {
      clock: () => 1_700_000_000_000,
      precedence: ["red"],
    });
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    const target = "/orders/7?token=secret";
    await auth.authenticate(
      viewOf({
        target,
        headers: [
          ["X-Red", "good"],
          ["X-Blue", "good"],
        ],
      }),
    );
    const refused = await refusal(auth.authenticate(viewOf({ target, headers: [["X-Blue", "bad"]] })));
    expect(events).toEqual([
      {
        type: "accepted",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        time: 1_700_000_000_000,
        method: "GET",
        path: "/orders/7",
        mode: "red",
        caller: "somebody",
        code: undefined,
        reason: undefined,
        detail: undefined,
        cause: undefined,
        reportOnly: false,
        trace: [
          { mode: "red", place: "x-red", outcome: "verified" },
          { mode: "blue", place: "x-blue", outcome: "ignored" },
          { mode: "none", place: null, outcome: "ignored" },
        ],
      },
      expect.objectContaining({
        type: "refused",
        id: refused.id,
        caller: null,
        code: "credentials_refused",
        reason: "not_good",
        trace: [
          { mode: "red", place: null, outcome: "absent" },
          { mode: "blue", place: "x-blue", outcome: "refused" },
          { mode: "none", place: null, outcome: "ignored" },
        ],
      }),
    ]);
  });

  it("survive a listener that throws, and stop when asked", async () => {
    const auth = createAuth([none()]);
    const heard = vi.fn<(event: AuthEvent) => void>(() => {
      throw new Error("log is full");
    });
    const stop = auth.onEvent(heard);
    await auth.authenticate(viewOf());
    stop();
    await auth.authenticate(viewOf());
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("survive an async listener that rejects", async () => {
    const unhandled = vi.fn<() => void>();
    process.on("unhandledRejection", unhandled);
    onTestFinished(() => void process.off("unhandledRejection", unhandled));
    const auth = createAuth([none()]);
    auth.onEvent(async () => {
      throw new Error("the log's database is down");
    });
    await auth.authenticate(viewOf());
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("are logged on standard error, one line each, if there is no listener, and only rejections", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const auth = createAuth([fakeMode("red")]);
    await auth.authenticate(withHeaders(["X-Red", "good"]));
    const error = await refusal(
      auth.authenticate(viewOf({ target: "/a\u001b[31m?key=secret", headers: [["X-Red", "bad"]] })),
    );
    expect(print.mock.calls).toEqual([
      [`authmodes: ${error.id} credentials_refused red not_good GET /a\\u001b[31m`],
    ]);
    print.mockRestore();
  });
});

describe("createAuth, used wrongly", () => {
  const mistakes: readonly (readonly [string, () => unknown, string])[] = [
    ["no modes", () => createAuth([]), "takes a list of modes"],
    ["no list", () => createAuth(none() as never), "takes a list of modes"],
    ["a mode that was not called", () => createAuth([none as never]), "did you forget to call one"],
    ["the same mode twice", () => createAuth([none(), none()]), "none() is in the list twice"],
    [
      "the same issuer twice",
      () =>
        createAuth([
          { ...fakeMode("a"), issuers: ["https://x"] },
          { ...fakeMode("b"), issuers: ["https://x"] },
        ]),
      "two modes accept the issuer https://x",
    ],
    [
      "an unknown option",
      () => createAuth([none()], { errorformat: "problem" } as never),
      "Write 'errorFormat'",
    ],
    [
      "an unknown format",
      () => createAuth([none()], { errorFormat: "json" as never }),
      "problem, apigateway, appsync",
    ],
    [
      "a misspelt mode in precedence",
      () => createAuth([none()], { precedence: ["apikey"] }),
      "write 'apiKey'",
    ],
    [
      "requires that is not a key",
      () => createAuth([none()], { requires: none() as never }),
      "requires takes what apiKey",
    ],
    [
      "one key header read twice",
      () => createAuth([apiKey({ keys: () => undefined })], { requires: apiKey({ keys: () => undefined }) }),
      "read the same header",
    ],
    [
      "a publicUrl that is none",
      () => createAuth([none()], { publicUrl: "api.example.com" }),
      "https://api.example.com/v1",
    ],
    [
      "a publicUrl with a query",
      () => createAuth([none()], { publicUrl: "https://a.example/?x" }),
      "no query",
    ],
    ["only() of nothing", () => createAuth([none()]).only(), "at least one mode"],
    [
      "only() of a mode that is not there",
      () => createAuth([none()]).only("iam" as never),
      "no mode 'iam' here",
    ],
  ];
  it.each(mistakes)("throws for %s and says what to write", (_name, build, text) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(text);
  });
});

it("takes a URL object as publicUrl, from code without types", () => {
  const publicUrl = new URL("https://api.example.com/v1") as unknown as string;
  const expected = { host: "api.example.com", origin: "https://api.example.com", prefix: "/v1" };
  expect(createAuth([none()], { publicUrl }).publicUrl).toEqual(expected);
});

describe("ready", () => {
  it("rejects if a mode cannot be made ready", async () => {
    const auth = createAuth([
      { ...fakeMode("red"), ready: () => Promise.reject(new Error("no keys")) },
      none(),
    ]);
    await expect(auth.ready()).rejects.toThrow("no keys");
    await expect(auth.only("none").ready()).resolves.toBeUndefined();
  });
});

describe("verifyAhead", () => {
  function reading(verify: () => IdentityBase | Promise<IdentityBase>) {
    const verified = vi.fn<typeof verify>(verify);
    const mode: AuthMode = {
      name: "red",
      readsBody: true,
      detect: () => ({ place: "x-red", verify: verified }),
    };
    const auth = createAuth([mode]);
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    return { auth, events, verified, request: viewOf() };
  }
  const identity = { mode: "red", id: "r", groups: [], scopes: [], expiresAt: null };

  it("verifies once what reads the body, and leaves it to authenticate to report it", async () => {
    const { auth, events, verified, request } = reading(async () => identity);
    await verifyAhead(auth, request);
    expect([verified.mock.calls.length, events]).toEqual([1, []]);
    expect(await auth.authenticate(request)).toEqual(identity);
    expect(await auth.authenticate(request)).toEqual(identity);
    expect([verified.mock.calls.length, events.map(({ type }) => type)]).toEqual([1, ["accepted"]]);
  });

  it.each([
    [
      "at once",
      () => {
        throw new AuthError("credentials_refused", "wrong");
      },
    ],
    [
      "later",
      async () => {
        throw new AuthError("credentials_refused", "wrong");
      },
    ],
  ] as const)("refuses nobody by itself where verifying fails %s", async (_when, verify) => {
    const { auth, events, request } = reading(verify);
    await verifyAhead(auth, request);
    expect(events).toEqual([]);
    await expect(auth.authenticate(request)).rejects.toMatchObject({ reason: "wrong" });
    expect(events.map(({ reason }) => reason)).toEqual(["wrong"]);
  });

  it("says whether the rest of the body may be waited for", async () => {
    const failing = (error: AuthError) => reading(() => Promise.reject(error));
    const good = reading(async () => identity);
    const wrong = failing(new AuthError("credentials_refused", "wrong"));
    const late = failing(new AuthError("body_timeout", "body_timeout"));
    expect(await verifyAhead(good.auth, good.request)).toBe(true);
    expect(await verifyAhead(wrong.auth, wrong.request)).toBe(true);
    expect(await verifyAhead(late.auth, late.request)).toBe(false);
  });

  it("does nothing if no body is read, or if no mode can be chosen", () => {
    const auth = createAuth([{ ...fakeMode("red") }, none()]);
    expect(verifyAhead(auth, viewOf())).toBeUndefined();
    expect(readsBody(auth)).toBe(false);
    const reader: AuthMode = { ...fakeMode("red"), readsBody: true };
    expect(verifyAhead(createAuth([reader]), viewOf())).toBeUndefined();
    expect(readsBody(createAuth([reader]))).toBe(true);
  });
});

describe("a mode that verifies synchronously", () => {
  const identity = { mode: "red", id: "r", groups: [], scopes: [], expiresAt: null };
  const red = (verify: () => IdentityBase | Promise<IdentityBase>) => {
    const auth = createAuth([{ name: "red", detect: () => ({ place: "x-red", verify }) }, none()]);
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    return { auth, events };
  };

  it("returns and throws synchronously if nothing is async", () => {
    const good = red(() => identity);
    const view = viewOf();
    expect(opened(good.auth).guard(view)).toBe(identity);
    expect(opened(good.auth).guard(view)).toBe(identity);
    expect(good.events.map(({ type }) => type)).toEqual(["accepted"]);
    expect(() => opened(good.auth).guard(view, { groups: ["Admins"] })).toThrow(
      expect.objectContaining({ code: "forbidden" }),
    );
    const bad = red(() => {
      throw new AuthError("credentials_refused", "wrong");
    });
    expect(() => opened(bad.auth).guard(viewOf())).toThrow(expect.objectContaining({ reason: "wrong" }));
    expect(bad.events.map(({ type, reason }) => [type, reason])).toEqual([["refused", "wrong"]]);
  });

  it("verifies once, also if that throws", () => {
    const verify = vi.fn<() => IdentityBase>(() => {
      throw new AuthError("credentials_refused", "wrong");
    });
    const { auth } = red(verify);
    const view = viewOf();
    expect(admits(auth, view)).toBe(false);
    expect(() => opened(auth).guard(view)).toThrow(expect.objectContaining({ reason: "wrong" }));
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it("returns a promise if something is async", async () => {
    await expect(opened(red(async () => identity).auth).guard(viewOf())).resolves.toBe(identity);
    const { auth, events } = red(() => Promise.reject(new AuthError("credentials_refused", "wrong")));
    await expect(opened(auth).guard(viewOf())).rejects.toMatchObject({ reason: "wrong" });
    expect(events.map(({ type }) => type)).toEqual(["refused"]);
  });

  it("takes no promise of another realm for a caller", async () => {
    const Foreign: PromiseConstructor = runInNewContext("Promise");
    expect(Foreign.resolve(identity)).not.toBeInstanceOf(Promise);
    const good = red(() => Foreign.resolve(identity));
    await expect(good.auth.authenticate(viewOf())).resolves.toBe(identity);
    const bad = red(() => Foreign.reject(new AuthError("credentials_refused", "wrong")));
    await expect(bad.auth.authenticate(viewOf())).rejects.toMatchObject({ reason: "wrong" });
    await expect(opened(bad.auth).guard(viewOf())).rejects.toMatchObject({ reason: "wrong" });
  });

  it("lets a refusal pass only in report-only", () => {
    const auth = createAuth([fakeMode("red")], { reportOnly: true });
    auth.onEvent(() => {});
    expect(opened(auth).guard(viewOf())).toMatchObject({ mode: "refused", id: null });
  });
});
