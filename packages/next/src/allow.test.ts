import type { CallContext } from "@authmodes/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createNextAuth } from "./next-auth.ts";
import { context, createTestAuth, kit, requestTo } from "./test/app.ts";

const { auth } = createTestAuth();
const { allow } = createNextAuth(auth);
const alice = await kit.headersFor("userPool", { username: "alice" });
const id = kit.userPool.sub("alice");
const notes = new Map<unknown, Readonly<Record<string, unknown>>>([
  ["mine", { id: "mine", owner: id, hidden: 1 }],
  ["theirs", { id: "theirs", owner: "bob", hidden: 1 }],
]);

interface NoteContext {
  readonly params: Promise<{ readonly id: string }>;
}

const load = async (_request: Request, { params }: NoteContext, { signal }: CallContext) =>
  signal.aborted ? null : notes.get((await params).id);
const about = (id: string): NoteContext => ({ params: Promise.resolve({ id }) });
const json = (value: unknown) => ({ method: "POST", headers: alice, body: JSON.stringify(value) });

afterEach(() => vi.unstubAllEnvs());

describe("allow", () => {
  it("loads the record, decides, and hands on what the caller may see of it", async () => {
    const handler = allow("get", "Note", { load }, (_request, _context, { identity, access }) =>
      Response.json({ for: identity.id, note: access.mask(access.record) }),
    );
    const response = await handler(requestTo("/notes/mine", { headers: alice }), about("mine"));
    expect(await response.json()).toEqual({ for: id, note: { id: "mine", owner: id, hidden: null } });
  });

  it.each([
    ["somebody else's record", "theirs", alice, 403],
    ["no record", "none", alice, 404],
    ["nobody", "mine", {}, 403],
    ["bad credentials", "mine", { authorization: "nonsense" }, 401],
  ])("refuses %s before the handler", async (_case, note, headers, status) => {
    const inner = vi.fn<() => Response>(() => new Response());
    const response = await allow("get", "Note", { load }, inner)(requestTo("/x", { headers }), about(note));
    expect(response.status).toBe(status);
    expect(inner).not.toHaveBeenCalled();
  });

  it("narrows the modes too", async () => {
    const handler = allow("get", "Note", { load, modes: ["iam"] }, () => new Response());
    expect((await handler(requestTo("/x", { headers: alice }), about("mine"))).status).toBe(401);
  });

  it("reads what is to be written, and adds what the rules add", async () => {
    const handler = allow("create", "Note", {}, (_request, _context, { access }) =>
      Response.json(access.input),
    );
    const created = await handler(requestTo("/notes", json({ text: "hello" })), context);
    expect(await created.json()).toEqual({ text: "hello", owner: id });
    expect((await handler(requestTo("/notes", json({ text: "forbidden" })), context)).status).toBe(403);
    expect((await handler(requestTo("/notes", json({ other: 1 })), context)).status).toBe(400);
    expect((await handler(requestTo("/notes", json([])), context)).status).toBe(400);
  });

  it("leaves the body to the handler", async () => {
    const handler = allow("create", "Note", {}, async (request) => Response.json(await request.json()));
    const response = await handler(requestTo("/notes", json({ text: "hello" })), context);
    expect(await response.json()).toEqual({ text: "hello" });
  });

  it("answers 500 to a list that was not filtered, in development", async () => {
    const handler = allow("list", "Note", {}, () => Response.json([...notes.values()]));
    vi.stubEnv("NODE_ENV", "development");
    const response = await handler(requestTo("/notes", { headers: alice }), context);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("theirs");
  });

  it("hands a list its filter", async () => {
    const handler = allow("list", "Note", {}, (_request, _context, { access: { filter } }) =>
      Response.json(filter),
    );
    const response = await handler(requestTo("/notes", { headers: alice }), context);
    expect(await response.json()).toEqual({ kind: "equals", field: "owner", anyOf: [id] });
  });

  it("answers 500 where the handler was to decide and did not, in production too", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const handler = allow(
      "get",
      "Note",
      { handlerDecides: true },
      async (_request, { params }, { access }) => {
        const note = notes.get((await (params as NoteContext["params"])).id) ?? null;
        if (note?.["owner"] === id) access.decide(note);
        return Response.json(note);
      },
    );
    expect((await handler(requestTo("/x", { headers: alice }), about("mine"))).status).toBe(200);
    const forgotten = await handler(requestTo("/x", { headers: alice }), about("theirs"));
    expect(forgotten.status).toBe(500);
    expect(await forgotten.text()).not.toContain("theirs");
  });

  it("throws at once where the rules look at the record and nobody loads it", () => {
    expect(() => allow("get", "Note", {}, () => new Response())).toThrow(/the rules look at the record/);
    expect(() => allow("get", "Note", { loads: 1 } as never, () => new Response())).toThrow(
      /no option 'loads'/,
    );
  });
});
