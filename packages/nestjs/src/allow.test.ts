import { Controller, Delete, Get, Param, Patch, Post, Res, Sse } from "@nestjs/common";
import type { ServerResponse } from "node:http";
import { of } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Access,
  Allow,
  AuthModesModule,
  type CallContext,
  type Condition,
  createAuth,
  CurrentAccess,
  loadFrom,
  none,
  RowFilter,
} from "./index.ts";
import { platforms, serve } from "./test/apps.ts";
import { alice, Notes, notesAuth } from "./test/notes.ts";

afterEach(() => void vi.unstubAllEnvs());

const load = loadFrom(Notes, (notes, { id }, _context, { signal }) =>
  signal.aborted ? null : notes.find(id),
);
const handled = vi.fn<() => void>();

@Controller("notes")
class NotesController {
  @Get()
  @Allow("list", "Note")
  list(@RowFilter() filter: Condition) {
    return filter;
  }

  @Get("unfiltered")
  @Allow("list", "Note")
  unfiltered() {
    return ["theirs"];
  }

  @Sse("streamed")
  @Allow("list", "Note")
  streamed() {
    return of({ data: "theirs" });
  }

  @Get("forgotten/:id")
  @Allow("get", "Note", { handlerDecides: true })
  forgotten() {
    return "theirs";
  }

  @Get("decided/:id")
  @Allow("get", "Note", { handlerDecides: true })
  decided(@Param("id") id: string, @CurrentAccess() { decide, mask }: Access) {
    const record = new Notes().find(id) ?? null;
    decide(record);
    return mask(record ?? {});
  }

  @Get("slow/:id")
  @Allow("get", "Note", {
    load: async ({ id }: { id: string }, _context: unknown, { signal }: CallContext) =>
      signal.aborted ? null : new Notes().find(id),
  })
  slow(@CurrentAccess() { record }: Access) {
    return record;
  }

  @Get(":id")
  @Allow("get", "Note", { load })
  get(@CurrentAccess() { record, mask, decision }: Access) {
    handled();
    return { ...mask(record), rule: decision?.rule };
  }

  @Post()
  @Allow("create", "Note")
  create(@CurrentAccess() { input }: Access) {
    return input;
  }

  @Patch(":id")
  @Allow("update", "Note", { load })
  update(@CurrentAccess() { input }: Access) {
    return input;
  }

  @Delete("drafts/:id")
  @Allow("delete", "Draft")
  remove() {
    return { removed: true };
  }
}

const writing = { ...alice, "content-type": "application/json" };

describe.each(platforms)("@Allow on %s", (_name, adapter) => {
  async function start() {
    const { auth, events } = notesAuth();
    const metadata = {
      imports: [AuthModesModule.forRoot({ auth })],
      controllers: [NotesController],
      providers: [Notes],
    };
    const url = `${await serve(metadata, adapter)}/notes`;
    return {
      events,
      ask: (path: string, init: RequestInit = {}) => fetch(url + path, { headers: alice, ...init }),
    };
  }

  const write = (method: string, body: unknown): RequestInit => ({
    method,
    body: JSON.stringify(body),
    headers: writing,
  });

  it("loads, decides, and hands the record on with what masks it", async () => {
    const { ask, events } = await start();
    expect(await (await ask("/mine")).json()).toEqual({
      id: "mine",
      owner: "alice",
      text: "hello",
      hidden: null,
      rule: "Note:owner",
    });
    expect(events.map(({ type }) => type)).toEqual(["accepted", "allowed"]);
    expect(await (await ask("/slow/mine")).json()).toMatchObject({ id: "mine" });
  });

  it("refuses before the handler runs, in the format of the auth", async () => {
    const { ask } = await start();
    handled.mockClear();
    const answers = await Promise.all([ask("/theirs"), ask("/unknown"), ask("/mine", { headers: {} })]);
    expect(answers.map(({ status }) => status)).toEqual([403, 404, 401]);
    expect(await answers[0]?.json()).toMatchObject({ code: "forbidden" });
    expect(handled).not.toHaveBeenCalled();
  });

  it("stamps the input of a create, and decides updates by record and input", async () => {
    const { ask } = await start();
    const created = await ask("", write("POST", { text: "new" }));
    expect([created.status, await created.json()]).toEqual([201, { text: "new", owner: "alice" }]);
    const status = async (path: string, body: unknown) => (await ask(path, write("PATCH", body))).status;
    expect(await status("/mine", { text: "changed" })).toBe(200);
    expect(await status("/mine", { text: "forbidden" })).toBe(403);
    expect(await status("/theirs", { text: "changed" })).toBe(403);
    expect(await status("/mine", { txt: "changed" })).toBe(400);
  });

  it("asks for no record where the rules look at none", async () => {
    const { ask } = await start();
    expect((await ask("/drafts/1", { method: "DELETE" })).status).toBe(200);
  });

  it("gives lists their filter, and answers one that was not filtered with 500 outside production", async () => {
    const { ask, events } = await start();
    expect(await (await ask("")).json()).toEqual({ kind: "equals", field: "owner", anyOf: ["alice"] });
    const unfiltered = await ask("/unfiltered");
    expect([unfiltered.status, (await unfiltered.text()).includes("theirs")]).toEqual([500, false]);
    expect(events.at(-1)).toMatchObject({ code: "misconfigured", reason: "filter_not_taken" });
    expect(await (await ask("/streamed")).text()).not.toContain("theirs");
    vi.stubEnv("NODE_ENV", "production");
    expect((await ask("/unfiltered")).status).toBe(200);
  });

  it("lets the handler decide, and answers 500 where it did not", async () => {
    const { ask, events } = await start();
    expect(await (await ask("/decided/mine")).json()).toMatchObject({ id: "mine", hidden: null });
    expect((await ask("/decided/theirs")).status).toBe(403);
    vi.stubEnv("NODE_ENV", "production");
    const forgotten = await ask("/forgotten/theirs");
    expect([forgotten.status, (await forgotten.text()).includes("theirs")]).toEqual([500, false]);
    expect(events.at(-1)).toMatchObject({ reason: "handler_did_not_decide" });
  });
});

describe("@Allow when the app starts", () => {
  const { auth } = notesAuth();

  async function starting(decorate: MethodDecorator, options = { auth }): Promise<string> {
    class Orders {
      get() {
        return "";
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, "get") ?? {};
    Get()(Orders.prototype, "get", descriptor);
    decorate(Orders.prototype, "get", descriptor);
    Controller()(Orders);
    return serve({ imports: [AuthModesModule.forRoot(options)], controllers: [Orders] });
  }

  it("needs rules", async () => {
    await expect(starting(Allow("list", "Note"), { auth: createAuth([none()]) })).rejects.toThrow(
      /Orders\.get: .*createAuth\(modes, \{ policy \}\)/,
    );
  });

  it("needs somebody to load the record that the rules look at", async () => {
    await expect(starting(Allow("get", "Note"))).rejects.toThrow(/Orders\.get: .*handlerDecides/);
    await expect(starting(Allow("get", "Note", { load, handlerDecides: true }))).rejects.toThrow("not both");
  });

  it("needs options that are one", async () => {
    await expect(starting(Allow("get", "Note", { laod: load } as never))).rejects.toThrow(
      "Orders.get: allow(\"get\", \"Note\") has no option 'laod'. Write 'load'.",
    );
    await expect(starting(Allow("get", "Note", { load: undefined } as never))).rejects.toThrow(
      "is undefined",
    );
  });

  it("needs the provider that loads it", async () => {
    await expect(starting(Allow("get", "Note", { load }))).rejects.toThrow("Notes");
  });

  it("refuses handlers that answer by themselves before it is seen whether they may", async () => {
    @Controller()
    class Raw {
      @Get()
      @Allow("list", "Note")
      list(@Res() response: ServerResponse) {
        response.end("theirs");
      }
    }
    await expect(serve({ imports: [AuthModesModule.forRoot({ auth })], controllers: [Raw] })).rejects.toThrow(
      "@Res({ passthrough: true })",
    );
  });
});
