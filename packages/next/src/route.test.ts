import type { LambdaIdentity, UserPoolIdentity } from "@authmodes/core";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { createNextAuth } from "./next-auth.ts";
import { context, createTestAuth, kit, policy, requestTo } from "./test/app.ts";

const { auth, events } = createTestAuth();
const { withAuth, allow } = createNextAuth(auth);
const alice = await kit.headersFor("userPool", { username: "alice", groups: ["Readers"] });
const key = await kit.headersFor("apiKey");

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { readonly code?: string }).code;
}

describe("withAuth", () => {
  it("hands the handler who calls, and the view of the request", async () => {
    const handler = withAuth((request, _context, { identity, view }) =>
      Response.json({ id: identity.id, same: view.target === new URL(request.url).pathname }),
    );
    const response = await handler(requestTo("/x", { headers: alice }), context);
    expect(await response.json()).toEqual({ id: kit.userPool.sub("alice"), same: true });
  });

  it("answers 401 where nobody is proven to call, and the handler never runs", async () => {
    const inner = vi.fn<() => Response>(() => new Response());
    const handler = withAuth({ modes: ["userPool"] }, inner);
    const expired = await kit.headersFor("userPool", { wrong: "expired" });
    for (const headers of [{}, expired, key, { cookie: "session=nonsense" }]) {
      const response = await handler(requestTo("/x", { headers }), context);
      expect(response.status).toBe(401);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
    expect(inner).not.toHaveBeenCalled();
  });

  it("narrows the modes, and with them the type of the identity", async () => {
    const handler = withAuth({ modes: ["userPool", "lambda"] }, (_request, _context, { identity }) => {
      expectTypeOf(identity).toEqualTypeOf<UserPoolIdentity | LambdaIdentity>();
      return Response.json(identity.mode);
    });
    expect((await handler(requestTo("/x", { headers: alice }), context)).status).toBe(200);
    const refused = await handler(requestTo("/x", { headers: key }), context);
    expect([refused.status, await codeOf(refused)]).toEqual([401, "mode_not_accepted"]);
  });

  it("asks for groups and scopes", async () => {
    const answer = () => new Response("in");
    const statuses = [
      withAuth({ groups: ["Librarians"] }, answer),
      withAuth({ groups: ["Librarians", "Readers"] }, answer),
      withAuth({ scopes: ["books/read"] }, answer),
    ].map(async (handler) => (await handler(requestTo("/x", { headers: alice }), context)).status);
    expect(await Promise.all(statuses)).toEqual([403, 200, 403]);
  });

  it("verifies once where one guard stands in another", async () => {
    events.length = 0;
    const inner = withAuth({ modes: ["userPool"] }, () => new Response("in"));
    const outer = withAuth((request, context) => inner(request, context));
    expect((await outer(requestTo("/x", { headers: alice }), context)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual(["accepted"]);
  });

  it("keeps the type of the route's context", async () => {
    interface BookContext {
      readonly params: Promise<{ readonly id: string }>;
    }
    const handler = withAuth(async (_request, { params }: BookContext) => Response.json((await params).id));
    expectTypeOf(handler).parameter(1).toEqualTypeOf<BookContext>();
    const response = await handler(requestTo("/books/7", { headers: alice }), {
      params: Promise.resolve({ id: "7" }),
    });
    expect(await response.json()).toBe("7");
  });

  it("answers a preflight itself, without the handler", async () => {
    const inner = vi.fn<() => Response>(() => new Response());
    const headers = { origin: "https://app.example", "access-control-request-method": "PUT" };
    const handler = withAuth({ modes: ["userPool"] }, inner);
    expect((await handler(requestTo("/x", { method: "OPTIONS", headers }), context)).status).toBe(204);
    expect((await handler(requestTo("/x", { method: "POST", headers }), context)).status).toBe(401);
    const rules = allow("list", "Note", {}, inner);
    expect((await rules(requestTo("/x", { method: "OPTIONS", headers }), context)).status).toBe(204);
    expect(inner).not.toHaveBeenCalled();
  });

  it("lets a preflight through to the handler, without a caller, if its auth says so", async () => {
    const passing = createNextAuth(kit.auth({ preflight: "pass", policy }));
    const headers = { origin: "x", "access-control-request-method": "x", ...key };
    const preflight = () => requestTo("/x", { method: "OPTIONS", headers });
    const cors = passing.withAuth(() => new Response("passed"));
    expect(await (await cors(preflight(), context)).text()).toBe("passed");
    const mine = passing.withAuth((_request, _context, { identity }) => Response.json(identity.id));
    expect((await mine(preflight(), context)).status).toBe(401);
    const rules = passing.allow("list", "Note", {}, () => new Response("passed"));
    expect((await rules(preflight(), context)).status).toBe(204);
  });

  it("takes a cookie with a form from a page of this host only, whatever host Next makes up", async () => {
    const cookie = `session=${await kit.userPool.token()}`;
    const handler = withAuth({ modes: ["userPool"] }, () => new Response("in"));
    const post = async (headers: Record<string, string>) =>
      (await handler(requestTo("/x", { method: "POST", headers: { cookie, ...headers } }), context)).status;
    expect(await post({ origin: "http://shop.example" })).toBe(200);
    expect(await post({ origin: "http://localhost:3000" })).toBe(401);
    expect(await post({ origin: "http://evil.example" })).toBe(401);
    expect(await post({})).toBe(401);
  });
});

describe("what a handler throws", () => {
  class NotForSale extends Error {}

  it("is answered by errorResponse", async () => {
    const errorResponse = (error: unknown) =>
      error instanceof NotForSale ? new Response("no", { status: 409 }) : undefined;
    const { withAuth } = createNextAuth(auth, { errorResponse });
    const throwing = (error: Error) =>
      withAuth(() => {
        throw error;
      })(requestTo("/x", { headers: alice }), context);
    expect((await throwing(new NotForSale())).status).toBe(409);
    await expect(throwing(new RangeError("a bug"))).rejects.toThrow("a bug");
  });

  it("goes on to Next where it steers Next", async () => {
    const { withAuth } = createNextAuth(auth, { errorResponse: () => new Response("caught") });
    const redirect = Object.assign(new Error("NEXT_REDIRECT"), { digest: "NEXT_REDIRECT;replace;/;307;" });
    const handler = withAuth(() => {
      throw redirect;
    });
    await expect(handler(requestTo("/x", { headers: alice }), context)).rejects.toBe(redirect);
  });
});

describe("misuse is told in words", () => {
  it("around a page or an action", async () => {
    const handler = withAuth(() => new Response()) as unknown as (props: object) => Promise<unknown>;
    await expect(handler({ params: Promise.resolve({}) })).rejects.toThrow(/await identity\(\)/);
    await expect(handler(new FormData())).rejects.toThrow(/route handlers/);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "no handler",
      () => withAuth({ modes: ["iam"] }, undefined as never),
      /last argument is the route handler/,
    ],
    ["an unknown option", () => withAuth({ mode: "iam" } as never, () => new Response()), /Write 'modes'/],
    [
      "undefined modes",
      () => withAuth({ modes: undefined } as never, () => new Response()),
      /modes is undefined/,
    ],
    ["no modes", () => withAuth({ modes: [] }, () => new Response()), /modes is a list of at least one mode/],
    ["a misspelt group", () => withAuth({ group: ["a"] } as never, () => new Response()), /Write 'groups'/],
    [
      "no groups",
      () => withAuth({ groups: [] }, () => new Response()),
      /groups is a list of at least one name/,
    ],
    [
      "a page to sign in that is undefined",
      () => createNextAuth(auth, { signIn: undefined } as never),
      /signIn is undefined/,
    ],
    [
      "options behind the handler",
      () => withAuth((() => new Response()) as never, { groups: ["Admins"] } as never),
      /takes its options before the handler/,
    ],
    ["an unknown mode", () => withAuth({ modes: ["jwt" as "iam"] }, () => new Response()), /no mode 'jwt'/],
    ["no auth", () => createNextAuth({} as never), /what createAuth/],
    ["an unknown setting", () => createNextAuth(auth, { login: "/" } as never), /signIn, errorResponse/],
    ["a sign-in elsewhere", () => createNextAuth(auth, { signIn: "//evil.example" }), /path of a page/],
    [
      "an answer that is no function",
      () => createNextAuth(auth, { errorResponse: 1 as never }),
      /a function/,
    ],
  ])("with %s, at once", (_case, build, sentence) => {
    expect(build).toThrow(sentence);
  });
});

describe("an auth that is made when it is needed", () => {
  it.each([
    ["a misspelt scope", { scope: ["a"] }],
    ["undefined scopes", { scopes: undefined }],
    ["an empty group", { groups: [""] }],
    ["no modes", { modes: [] }],
  ])("does not hide, until there is a request, %s", (_what, needs) => {
    const lazy = createNextAuth(() => auth);
    expect(() => lazy.withAuth(needs as never, () => new Response())).toThrow(TypeError);
    expect(() => lazy.allow("list", "Note", needs as never, () => new Response())).toThrow(TypeError);
  });

  it("is made once, by the first request", async () => {
    const make = vi.fn<() => typeof auth>(() => auth);
    const { withAuth } = createNextAuth(make);
    const handlers = [
      withAuth(() => new Response("a")),
      withAuth({ modes: ["userPool"] }, () => new Response("b")),
    ];
    expect(make).not.toHaveBeenCalled();
    for (const handler of handlers) {
      expect((await handler(requestTo("/x", { headers: alice }), context)).status).toBe(200);
    }
    expect(make).toHaveBeenCalledOnce();
  });

  it("fails the request where it is none, and lets nobody in", async () => {
    const { withAuth } = createNextAuth((() => undefined) as never);
    const inner = vi.fn<() => Response>(() => new Response());
    await expect(withAuth(inner)(requestTo("/x", { headers: alice }), context)).rejects.toThrow(TypeError);
    expect(inner).not.toHaveBeenCalled();
  });
});
