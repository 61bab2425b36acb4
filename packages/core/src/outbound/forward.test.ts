import { beforeEach, describe, expect, it } from "vitest";
import { opened } from "../auth/accepted-modes.ts";
import { verifyAhead } from "../adapter/around-guards.ts";
import { type Auth, createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "../auth/events.ts";
import { fetchView } from "../request/fetch-view.ts";
import { apiKey, newApiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { nodeView } from "../request/node.ts";
import { forward } from "./sources.ts";
import { partView } from "../request/part-view.ts";
import type { RuleDecision } from "../policy/policy.ts";
import { viewOf } from "../test/view.ts";
import type { RequestView } from "../types.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: null, id: "ci" });
const mode = apiKey({ keys: [stored] });
const admins = { groups: ["Admins"] };
const denied: RuleDecision = { allowed: false, reason: "record-filtered", missing: false, explanation: "no" };

let auth: Auth;
let events: AuthEvent[];
let view: RequestView;
beforeEach(() => {
  events = [];
  auth = createAuth([mode, none()]);
  auth.onEvent((event) => events.push(event));
  view = viewOf({ headers: [["x-api-key", key]] });
});

async function rejected(verified: Promise<unknown>): Promise<AuthError> {
  const error: unknown = await verified.catch((thrown: unknown) => thrown);
  if (!(error instanceof AuthError)) throw new Error("expected a rejection");
  return error;
}

const sent = async (from: RequestView): Promise<unknown> =>
  forward(from)({
    method: "GET",
    url: new URL("https://stock.example/"),
    headers: new Headers(),
    body: undefined,
    refused: undefined,
  });

describe("a rejection of an auth with another public URL", () => {
  const views: readonly (readonly [string, (publicUrl: Auth["publicUrl"]) => RequestView])[] = [
    [
      "node",
      (
        (request) => (publicUrl: Auth["publicUrl"]) =>
          nodeView(request as never, publicUrl)
      )({
        url: "/",
        rawHeaders: ["x-api-key", key],
        headers: { "x-api-key": key },
      }),
    ],
    [
      "fetch",
      (
        (request) => (publicUrl: Auth["publicUrl"]) =>
          fetchView(request, publicUrl)
      )(new Request("https://a.example/", { headers: { "x-api-key": key } })),
    ],
  ];

  it.each(views)("sends nothing from any view of the request: %s", async (_what, viewFor) => {
    const others = ["https://b.example/v1", "https://c.example/v2"].map((publicUrl) =>
      createAuth([mode, none()], { publicUrl }),
    );
    for (const other of others) {
      other.onEvent(() => {});
      await auth.authenticate(viewFor(undefined));
      const kept = forward(viewFor(undefined));
      expect(await sent(viewFor(undefined))).toEqual({ "x-api-key": key });
      const rejection = await rejected(other.authenticate(viewFor(other.publicUrl), admins));
      await expect(sent(viewFor(undefined))).rejects.toBe(rejection);
      await expect(kept({} as never)).rejects.toBe(rejection);
      expect(auth.identity(viewFor(undefined))?.id).toBe("ci");
      await other.authenticate(viewFor(other.publicUrl));
      expect(await sent(viewFor(undefined))).toEqual({ "x-api-key": key });
    }
  });
});

describe("a rejection", () => {
  it.each([
    ["for a missing group", (auth: Auth, view: RequestView) => auth.authenticate(view, admins)],
    [
      "for a missing scope",
      (auth: Auth, view: RequestView) => auth.authenticate(view, { scopes: ["write"] }),
    ],
    ["by a narrowed copy", (auth: Auth, view: RequestView) => auth.only("none").authenticate(view)],
  ])("%s closes the request, before and after an acceptance", async (_name, reject) => {
    const error = await rejected(reject(auth, view));
    expect(() => auth.identity(view)).toThrow(error);
    expect(() => auth.only("apiKey").identity(view)).toThrow(error);
    expect(() => forward(view)).toThrow(error);

    const accepted = viewOf({ headers: [["x-api-key", key]] });
    await auth.authenticate(accepted);
    const source = forward(accepted);
    const later = await rejected(reject(auth, accepted));
    expect(() => auth.identity(accepted)).toThrow(later);
    expect(() => opened(auth).requireIdentity(accepted, "")).toThrow(later);
    expect(() => opened(auth).authorize(accepted, () => denied)).toThrow(later);
    expect(() => forward(accepted)).toThrow(later);
    await expect(source({} as never)).rejects.toBe(later);
  });

  it("is reported once, however often it is asked for", async () => {
    const error = await rejected(auth.authenticate(view, admins));
    expect(() => opened(auth).requireIdentity(view, "")).toThrow(error);
    expect(() => opened(auth).authorize(view, () => denied, true)).toThrow(error);
    expect(events.map(({ type }) => type)).toEqual(["accepted", "refused"]);
  });

  it("holds until an authenticate of the same auth accepts the request", async () => {
    await rejected(auth.authenticate(view, admins));
    const identity = await auth.authenticate(view);
    expect(auth.identity(view)).toBe(identity);
    expect(await sent(view)).toEqual({ "x-api-key": key });
  });

  it("by one of several auths stops forwarding, and leaves the others their identity", async () => {
    const other = createAuth([mode]);
    const error = await rejected(auth.authenticate(view, admins));
    await other.authenticate(view);
    expect(other.identity(view)).toMatchObject({ id: "ci" });
    expect(() => forward(view)).toThrow(error);
    await auth.authenticate(view);
    expect(await sent(view)).toEqual({ "x-api-key": key });
  });
});

describe("a denial by the rules", () => {
  it("closes the request if a guard asked, not if its handler did", async () => {
    const identity = await auth.authenticate(view);
    expect(() => opened(auth).authorize(view, () => denied)).toThrow(AuthError);
    expect(auth.identity(view)).toBe(identity);
    expect(await sent(view)).toEqual({ "x-api-key": key });
    expect(() => opened(auth).authorize(view, () => denied, true)).toThrow(AuthError);
    expect(() => auth.identity(view)).toThrow(expect.objectContaining({ code: "forbidden" }));
    expect(() => forward(view)).toThrow(AuthError);
  });
});

describe("in report-only", () => {
  it("the caller of a rejected request is refused, and nothing is forwarded", async () => {
    const reporting = createAuth([mode], { reportOnly: true });
    reporting.onEvent(() => {});
    const first = await reporting.authenticate(view);
    const source = forward(view);
    expect(first).toMatchObject({ mode: "apiKey", id: "ci" });
    expect(await reporting.authenticate(view, admins)).toMatchObject({ mode: "refused", id: null });
    expect(reporting.identity(view)).toMatchObject({ mode: "refused" });
    expect(() => forward(view)).toThrow("has not been verified");
    await expect(source({} as never)).rejects.toThrow("has not been verified");
  });

  it("a rejection changes nothing for the auth that serves the request", async () => {
    const reporting = createAuth([mode], { reportOnly: true });
    reporting.onEvent(() => {});
    await auth.authenticate(view);
    await reporting.authenticate(view);
    await reporting.authenticate(view, admins);
    expect(auth.identity(view)).toMatchObject({ id: "ci" });
    expect(await sent(view)).toEqual({ "x-api-key": key });
  });
});

describe("before authenticate", () => {
  it("there is no identity and nothing to forward, also if the request was verified ahead", async () => {
    const early = createAuth([{ ...mode, readsBody: true }]);
    await verifyAhead(early, view);
    expect(early.identity(view)).toBeUndefined();
    expect(() => forward(view)).toThrow("has not been verified");
    await early.authenticate(view);
    expect(await sent(view)).toEqual({ "x-api-key": key });
  });

  it("it is a mistake to require an identity: 500, reported once with route and cause", () => {
    const asked = viewOf({ method: "POST", target: "/orders?token=hidden", headers: [["x-api-key", key]] });
    for (let times = 0; times < 2; times++) {
      expect(() => opened(auth).requireIdentity(asked, "handler() asked too early")).toThrow(
        expect.objectContaining({ status: 500, code: "misconfigured", reason: "not_authenticated" }),
      );
    }
    expect(events).toMatchObject([
      {
        type: "refused",
        method: "POST",
        path: "/orders",
        detail: "handler() asked too early",
        reportOnly: false,
      },
    ]);
    expect(auth.identity(asked)).toBeUndefined();
  });

  it("the mistake is answered in the format of the auth, and is none of the caller's other mode", async () => {
    const appsync = createAuth([mode, none()], { errorFormat: "appsync" });
    appsync.onEvent(() => {});
    const { reply, id } = opened(appsync).mistake(view, "not_authenticated", "too early");
    expect([reply.status, reply.headers["x-amzn-ErrorType"]]).toEqual([500, "InternalFailureException"]);
    expect(reply.headers["x-amzn-RequestId"]).toBe(id);
    await auth.authenticate(view);
    expect(() => opened(auth.only("none")).requireIdentity(view, "")).toThrow(
      expect.objectContaining({ status: 401, code: "mode_not_accepted" }),
    );
  });
});

describe("a part of a request", () => {
  it("shares what was verified, but neither the rejection of another part nor that of the whole", async () => {
    const [first, second] = [partView(view), partView(partView(view))];
    await auth.authenticate(view);
    await auth.authenticate(first);
    await auth.authenticate(second, {});
    const error = await rejected(auth.authenticate(second, admins));
    expect(() => auth.identity(second)).toThrow(error);
    expect(() => forward(second)).toThrow(error);
    for (const open of [view, first]) {
      expect(auth.identity(open)).toMatchObject({ id: "ci" });
      expect(await sent(open)).toEqual({ "x-api-key": key });
    }
    expect(events.map(({ type }) => type)).toEqual(["accepted", "refused"]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  });

  it("is authenticated by itself", async () => {
    await auth.authenticate(view);
    expect(auth.identity(partView(view))).toBeUndefined();
    expect(() => forward(partView(view))).toThrow("has not been verified");
  });

  it("shows the same request", async () => {
    const whole = viewOf({
      method: "POST",
      target: "/a?b",
      headers: [
        ["Host", "h"],
        ["X-A", "1"],
      ],
      body: "bytes",
    });
    const part = partView(whole);
    const { method, target, host, rawHeaders, exact } = part;
    expect({ method, target, host, rawHeaders, exact }).toEqual({
      method: whole.method,
      target: whole.target,
      host: whole.host,
      rawHeaders: whole.rawHeaders,
      exact: whole.exact,
    });
    expect(part.header("x-a")).toBe("1");
    expect(Buffer.from(await part.body(10)).toString()).toBe("bytes");
  });
});
