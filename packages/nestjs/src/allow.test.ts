import { Controller, Get, Res, Sse } from "@nestjs/common";
import type { ServerResponse } from "node:http";
import { of } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  type Access,
  Allow,
  AuthModesModule,
  type Condition,
  createAuth,
  CurrentAccess,
  loadFrom,
  none,
  RowFilter,
} from "./index.ts";
import { platforms, serve } from "./test/apps.ts";
import { alice, Notes, notesAuth } from "./test/notes.ts";

const load = loadFrom(Notes, (notes, { id }, _context, { signal }) =>
  signal.aborted ? null : notes.find(id),
);

@Controller("notes")
class NotesController {
  @Get()
  @Allow("list", "Note")
  list(@RowFilter() filter: Condition) {
    return filter;
  }

  @Sse("streamed")
  @Allow("list", "Note")
  streamed() {
    return of({ data: "theirs" });
  }

  @Get(":id")
  @Allow("get", "Note", { load })
  get(@CurrentAccess() { record, mask, decision }: Access) {
    return { ...mask(record), rule: decision?.rule };
  }
}

describe.each(platforms)("@Allow on %s", (_name, adapter) => {
  async function start() {
    const { auth } = notesAuth();
    const metadata = {
      imports: [AuthModesModule.forRoot({ auth })],
      controllers: [NotesController],
      providers: [Notes],
    };
    const url = `${await serve(metadata, adapter)}/notes`;
    return async (path: string) => (await fetch(url + path, { headers: alice })).text();
  }

  it("loads records with a provider", async () => {
    const ask = await start();
    const mine = { id: "mine", owner: "alice", text: "hello", hidden: null, rule: "Note:owner" };
    expect(JSON.parse(await ask("/mine"))).toEqual(mine);
  });

  it("gives handlers the filter of a list by @RowFilter, and answers no stream that was not filtered", async () => {
    const ask = await start();
    expect(JSON.parse(await ask(""))).toEqual({ kind: "equals", field: "owner", anyOf: ["alice"] });
    expect(await ask("/streamed")).not.toContain("theirs");
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
