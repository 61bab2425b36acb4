import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { type Auth, createAuth } from "../auth/auth.ts";
import type { AuthEvent } from "../auth/events.ts";
import type { Identity, IamIdentity, NoneIdentity } from "../identity.ts";
import { apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { AuthError } from "../refusal/error.ts";
import { PreflightAnswer } from "../refusal/preflight.ts";
import { nodeView, type NodeRequest } from "../request/node.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, RequestView } from "../types.ts";
import { Adapter, createGuard, readJson } from "./adapter.ts";

const read = (text: string) => readJson(viewOf({ body: new TextEncoder().encode(text) }));

describe("readJson", () => {
  it("reads JSON", async () => {
    expect(await read('{"title":"Emma"}')).toEqual({ title: "Emma" });
  });

  it.each(["", "{", "[".repeat(101) + "]".repeat(101)])("reads nothing from %j", async (text) => {
    expect(await read(text)).toBeUndefined();
  });

  it("gives up early on deep JSON, which takes parsers long", async () => {
    expect(await read("[".repeat(1024 * 1024))).toBeUndefined();
  });
});

describe("Adapter", () => {
  it("wants a function that finds views", () => {
    // @ts-expect-error -- as an import that does not exist gives it
    expect(() => new Adapter(undefined)).toThrow("nodeView");
  });

  it("types the identity by the auth, and without one by all modes", () => {
    const adapter = new Adapter<NodeRequest>(nodeView);
    type Typed = typeof adapter.identity;
    const ask = (identity: Typed, request: NodeRequest, auth: Auth<IamIdentity>) => {
      expectTypeOf(identity(request)).toEqualTypeOf<Identity>();
      expectTypeOf(identity(request, auth)).toEqualTypeOf<IamIdentity>();
    };
    expect(ask).toBeTypeOf("function");
  });
});

describe("an error that several requests share", () => {
  const adapter = new Adapter<RequestView>((view) => view);
  const setUp = (verify: () => Promise<NoneIdentity>) => {
    const mode: AuthMode<NoneIdentity> = { name: "none", detect: () => ({ place: null, verify }) };
    const auth = createAuth([mode], { errorFormat: "appsync" });
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    const guard = createGuard("test", auth, undefined);
    return { events, enter: async (view: RequestView) => adapter.authenticate(view, guard) };
  };
  const nobody = { mode: "none", id: null, groups: [], scopes: [], expiresAt: null } as const;
  const idIn = ({ reply }: AuthError) => reply.headers["x-amzn-RequestId"];
  const thrownBy = (asked: Promise<unknown>): Promise<AuthError> =>
    asked.then(
      () => expect.unreachable(),
      (error: unknown) => (error instanceof AuthError ? error : expect.unreachable()),
    );

  it("of a look-up that they wait for is answered and reported with the id of each", async () => {
    const shared = Promise.reject(new AuthError("unavailable", "store_down"));
    const { events, enter } = setUp(() => shared);
    const views = [viewOf(), viewOf(), viewOf()];
    const errors = await Promise.all(views.map((view) => thrownBy(enter(view))));
    const answered = views.map((view, index) =>
      adapter.rejection(view, errors[index] ?? expect.unreachable()),
    );
    expect(new Set(answered.map(idIn)).size).toBe(3);
    expect(events.map(({ id }) => id)).toEqual(answered.map(idIn));
  });

  it("of a handler is answered and reported with the id of each, and keeps nothing of them", async () => {
    const { events, enter } = setUp(async () => nobody);
    const error = new AuthError("forbidden", "not_today");
    Object.freeze(error);
    const ids: unknown[] = [];
    for (const view of [viewOf(), viewOf()]) {
      await enter(view);
      ids.push(idIn(adapter.rejection(view, error)));
    }
    const refused = events.filter(({ type }) => type === "refused");
    expect([new Set(ids).size, refused.map(({ id }) => id)]).toEqual([2, ids]);
    expect(refused.map(({ reason, caller }) => [reason, caller])).toEqual(ids.map(() => ["not_today", null]));
    expect([error.id, error.reply.headers["Content-Type"]]).toEqual(["", "application/problem+json"]);
  });

  it("is no error if it answers a preflight, also for another copy of the class, which bundlers make", async () => {
    const { events, enter } = setUp(async () => nobody);
    const view = viewOf();
    await enter(view);
    vi.resetModules();
    const copy = await import("../refusal/preflight.ts");
    expect(copy.PreflightAnswer).not.toBe(PreflightAnswer);
    for (const answer of [new PreflightAnswer(), new copy.PreflightAnswer()]) {
      expect(adapter.rejection(view, answer).status).toBe(204);
    }
    expect(events.map(({ type }) => type)).toEqual(["accepted"]);
  });

  it("of a guard that read another view goes on as it is", async () => {
    const { events, enter } = setUp(() => Promise.reject(new AuthError("forbidden", "not_here")));
    const outer = setUp(async () => nobody);
    const view = viewOf();
    await outer.enter(view);
    const inner = await thrownBy(enter(viewOf()));
    expect(adapter.rejection(view, inner)).toBe(inner);
    expect([events.length, outer.events.map(({ type }) => type)]).toEqual([1, ["accepted"]]);
  });
});

it("a caller of a mode that a copy of the auth does not accept is reported once", async () => {
  const auth = createAuth([apiKey({ keys: () => undefined }), none()]);
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  const adapter = new Adapter<RequestView>((view) => view);
  const view = viewOf();
  await adapter.authenticate(view, createGuard("test", auth, undefined));
  const narrowed = auth.only("apiKey");
  const ask = () => adapter.identity(view, narrowed);
  expect(ask).toThrow(AuthError);
  expect(ask).toThrow(AuthError);
  expect(events.map(({ type, code }) => [type, code])).toEqual([
    ["accepted", undefined],
    ["refused", "credentials_missing"],
  ]);
});
