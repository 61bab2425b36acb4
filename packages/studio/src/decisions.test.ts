import { authenticate, createAllow } from "@authmodes/core/fetch";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { createTestKit, type TestKit } from "@authmodes/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { Decisions } from "./decisions.ts";

const policy = createPolicy(
  parseSchema(`type Note @model(subscriptions: null) @auth(rules: [
    { allow: owner, ownerField: "author" }
    { allow: groups, groupsField: "team", operations: [read, update] }
  ]) { id: ID! text: String author: String team: String }`),
);
const record = { id: "1", text: "a secret", author: "sub::alice", team: "Poets" };

let kit: TestKit;
beforeAll(async () => {
  kit = await createTestKit();
});

describe("the last decisions", () => {
  async function decide(operation: "get" | "update", body?: object) {
    const auth = kit.auth({ policy });
    const decisions = new Decisions();
    auth.onEvent((event) => void decisions.keep(event));
    const authorization = await kit.userPool.token({
      username: "bob",
      claims: { email: "bob@example.com", address: "somewhere" },
    });
    const request = new Request("https://api.example.com/notes/1", {
      method: body === undefined ? "GET" : "PATCH",
      headers: { authorization, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    await authenticate(auth, request);
    const handler = createAllow(auth)(operation, "Note", { load: () => record }, () => Response.json({}));
    await expect(handler(request)).rejects.toMatchObject({ code: "forbidden" });
    const [accepted, refused] = decisions.events;
    return { decisions, accepted, refused, id: refused?.id ?? "" };
  }

  it("keep both steps of a request that a rule denied, with the name of its caller", async () => {
    const { accepted, refused } = await decide("get");
    expect(accepted).toMatchObject({ type: "accepted", name: "bob", isAsked: false });
    expect(refused).toMatchObject({ type: "refused", id: accepted?.id, name: "bob", isAsked: true });
    expect(refused?.caller).not.toBe("bob");
    expect(refused).not.toHaveProperty("cause");
  });

  it("say what was asked, with no more of caller, record and input than rules compare", async () => {
    const { decisions, id } = await decide("update", { text: "another secret", author: "sub::bob" });
    const asked = decisions.askedOf(id, policy);
    expect(asked).toMatchObject({
      model: "Note",
      operation: "update",
      record: { id: "1", author: "sub::alice", team: "Poets" },
      input: { text: "…", author: "sub::bob" },
      identity: { mode: "userPool", username: "bob" },
    });
    const text = JSON.stringify(asked);
    for (const secret of ["a secret", "another secret", "bob@example.com", "somewhere"]) {
      expect(text).not.toContain(secret);
    }
    // The rules decide the same about it.
    if (asked === undefined) return expect.unreachable();
    const { identity, ...question } = asked;
    expect(policy.decide(identity as never, question).allowed).toBe(false);
  });

  it("say nothing of what an authorizer passes to resolvers", async () => {
    const decisions = new Decisions();
    const auth = kit.auth({ policy });
    auth.onEvent((event) => void decisions.keep(event));
    const request = new Request("https://api.example.com/notes/1", {
      headers: await kit.headersFor("lambda"),
    });
    const identity = await authenticate(auth, request);
    expect(identity).toMatchObject({ resolverContext: expect.objectContaining({}) });
    const handler = createAllow(auth)("get", "Note", { load: () => record }, () => Response.json({}));
    await expect(handler(request)).rejects.toMatchObject({ code: "forbidden" });
    const asked = decisions.askedOf(decisions.events.at(-1)?.id ?? "", policy);
    expect(asked?.identity).toMatchObject({ mode: "lambda", resolverContext: {} });
    expect(Object.keys(Object(asked?.identity)["resolverContext"])).toEqual([]);
  });

  it("know nothing of other requests, and keep a hundred", async () => {
    const { decisions, refused, id } = await decide("get");
    expect(decisions.askedOf("another", policy)).toBeUndefined();
    if (refused === undefined) return expect.unreachable();
    for (let n = 0; n < 100; n++) decisions.keep({ ...refused, id: `${n}`, cause: undefined });
    expect(decisions.events).toHaveLength(100);
    expect(decisions.askedOf(id, policy)).toBeUndefined();
  });
});
