import { describe, expect, expectTypeOf, it } from "vitest";
import type { Auth } from "../auth/auth.ts";
import type { Identity, IamIdentity } from "../identity.ts";
import { nodeView, type NodeRequest } from "../request/node.ts";
import { viewOf } from "../test/view.ts";
import { Adapter, readJson } from "./adapter.ts";

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
