import { type Auth, type AuthEvent, createAuth, type Values } from "@authmodes/core";
import { authenticate, createAllow, refusal } from "@authmodes/core/fetch";
import { describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import { parseSchema } from "../sdl.ts";
import { user } from "../test/identities.ts";

// The body of a REST route is what a handler gives to its ORM.

const schema = parseSchema(`
  type Order @model @auth(rules: [{ allow: owner }]) {
    id: ID!
    title: String
    owner: String
    items: [Item] @hasMany
    lines: [Line] @hasMany
  }
  type Item @model @auth(rules: [{ allow: groups, groups: ["Admin"] }]) { id: ID! }
  type Line @model @auth(rules: [{ allow: owner }]) { id: ID!, text: String, owner: String }
`);
const alice = user("alice");
const owner = "sub-alice::alice";

async function send(nested: boolean, method: "POST" | "PATCH", body: Values) {
  const mode = { name: "userPool", detect: () => ({ place: "header", verify: () => alice }) } as const;
  const auth: Auth = createAuth([mode], { policy: createPolicy(schema, { nested }) });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  const allow = createAllow(auth);
  const load = (): Values => ({ id: "1", owner });
  const written: Values[] = [];
  const routes = {
    POST: allow("create", "Order", {}, ({ input }) => Response.json(written.push(input))),
    PATCH: allow("update", "Order", { load }, ({ input }) => Response.json(written.push(input))),
  };
  const request = new Request("http://127.0.0.1/orders/1", { method, body: JSON.stringify(body) });
  try {
    await authenticate(auth, request);
    return { status: (await routes[method](request)).status, written, events };
  } catch (error) {
    return { status: refusal(error)?.status, written, events };
  }
}

describe.each(["POST", "PATCH"] as const)("a relation in the body of a %s", (method) => {
  it.each<Values>([
    { items: { create: [{ id: "i1", owner: "bob" }] } },
    { items: { deleteMany: {} } },
    { lines: { create: { text: "x" } } },
    { title: "x", lines: null },
    { nested: true, lines: [] },
  ])("is 403 before the handler runs: %j", async (body) => {
    const { status, written, events } = await send(false, method, body);
    expect([status, written]).toEqual([403, []]);
    expect(events.at(-1)).toMatchObject({ type: "refused" });
  });

  it("is decided by the related model's rules, if the developer turned nested decisions on", async () => {
    const stolen = await send(true, method, { items: { create: [{ id: "i1" }] } });
    expect([stolen.status, stolen.written]).toEqual([403, []]);
    const { status, written } = await send(true, method, { title: "x", lines: { create: [{ text: "a" }] } });
    expect([status, written]).toEqual([
      200,
      [
        {
          title: "x",
          ...(method === "POST" && { owner }),
          lines: { create: [{ text: "a", owner }] },
        },
      ],
    ]);
  });

  it.each<Values>([
    { lines: { destroy: {} } },
    { lines: { create: { nope: 1 } } },
    { lines: { create: [[]] } },
    { lines: "x" },
    { lines: { connect: { "": null } } },
  ])("is never a 500: %j", async (body) => {
    expect(await send(true, method, body)).toMatchObject({ status: 403, written: [] });
  });
});
