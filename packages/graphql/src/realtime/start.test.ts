import { apiKey, AuthError, createAuth, iam, type Identity } from "@authmodes/core";
import { reloadablePolicy } from "@authmodes/rules";
import { createTestKit } from "@authmodes/testing";
import { buildSchema, GraphQLError, type GraphQLSchema, GraphQLString } from "graphql";
import { describe, expect, it, vi } from "vitest";
import { type Events, EventsLost, memoryEvents, publishMutations } from "../events/index.ts";
import { copySchema } from "../schema/copy-schema.ts";
import { onReview } from "../test/realtime-client.ts";
import { serve } from "../test/realtime-server.ts";
import { Topics } from "../test/topics.ts";
import type { Context } from "../test/resolvers.ts";
import { data } from "../test/shop-data.ts";
import { modelsSdl } from "../test/shop-sdl.ts";
import { guardedShop, openSchema, shop, shopPolicy } from "../test/shop.ts";
import { createRealtime, type SubscriptionStart } from "./index.ts";

const onOrder = "subscription { onCreateOrder { id owner } }";
const review = { onCreateReview: data.reviews[0] };

const unauthorized = (id: string): object => ({
  id,
  type: "error",
  payload: {
    errors: [{ errorType: "UnauthorizedException", message: "You are not authorized to make this call." }],
  },
});

describe("start", () => {
  it("acknowledges, sends the events, and completes when the client stops", async () => {
    const { ready, start, topics } = await serve();
    const client = await ready();
    await start(client, "1", onReview);
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
    topics.reviews.publish(review);
    expect(await client.next()).toEqual({
      id: "1",
      type: "data",
      payload: { data: { onCreateReview: { id: "r1", text: "fine" } } },
    });
    client.send({ id: "1", type: "stop" });
    expect(await client.next()).toEqual({ id: "1", type: "complete" });
    expect(topics.reviews.listeners).toBe(0);
    // The id is free again.
    await start(client, "1", onReview);
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
  });

  it.each(["apiKey", "userPool", "oidc", "lambda", "none"] as const)(
    "verifies %s, whatever the connection's mode",
    async (mode) => {
      const { ready, start, headers, auth } = await serve();
      const client = await ready();
      const accepted: unknown[] = [];
      auth.onEvent(({ type, mode, path }) => accepted.push([type, mode, path]));
      await start(client, "1", onReview, { ...(await headers(mode)), "x-amz-user-agent": "aws-amplify/6" });
      expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
      expect(accepted).toContainEqual(["accepted", mode, "/graphql"]);
    },
  );

  it("verifies a signature, to which the client added x-amz-user-agent afterwards", async () => {
    const { ready, start, signed, kit } = await serve();
    const client = await ready();
    const text = JSON.stringify({ query: onReview, variables: {} });
    for (const credentials of [kit.accessKeys.user, kit.accessKeys.guest]) {
      const headers = await signed("/graphql", text, credentials);
      const { accessKeyId: id } = credentials;
      await start(client, id, onReview, { ...headers, "x-amz-user-agent": "aws-amplify/6" });
      expect(await client.nextOf(id)).toEqual({ id, type: "start_ack" });
    }
  });

  it("verifies the exact text, in any order of its members", async () => {
    const { ready, signed } = await serve();
    const client = await ready();
    const text = `{ "variables" : {},\n "query":${JSON.stringify(onReview)}, "query2": "é" }`;
    const authorization = await signed("/graphql", text);
    client.send({ id: "1", type: "start", payload: { data: text, extensions: { authorization } } });
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
    client.send({ id: "2", type: "start", payload: { data: `${text} `, extensions: { authorization } } });
    expect(await client.next()).toEqual(unauthorized("2"));
  });

  it("rejects what was signed for something else", async () => {
    const { ready, start, signed, headers } = await serve();
    const client = await ready();
    const text = JSON.stringify({ query: onReview, variables: {} });
    const good = await signed("/graphql", text);
    const cases: Record<string, object> = {
      connect: await signed("/graphql/connect", "{}"),
      "connect with the text": await signed("/graphql/connect", text),
      "another host": { ...good, host: "other.example" },
      "an x-amz header that is not signed": { ...good, "x-amz-target": "x" },
      "no credentials that a mode reads": { ...(await headers("none")), Authorization: "nope" },
      "a line break in a header": { ...good, accept: "a\nhost:b" },
      "a number": { ...good, note: 1 },
      "a header without a name": { ...good, "": "x" },
      "text that is no JSON for an authorizer": {
        ...(await headers("lambda")),
        "content-type": "text/plain",
      },
    };
    for (const [id, authorization] of Object.entries(cases)) {
      await start(client, id, onReview, authorization as Record<string, unknown>);
      expect(await client.next()).toEqual(unauthorized(id));
    }
    await start(client, "good", onReview, good);
    expect(await client.next()).toEqual({ id: "good", type: "start_ack" });
  });

  it("without headers is rejected, also if callers need no credentials", async () => {
    const { ready } = await serve();
    const client = await ready();
    const text = JSON.stringify({ query: onReview });
    for (const payload of [{ data: text }, { data: text, extensions: {} }, { data: text, extensions: [] }]) {
      client.send({ id: "1", type: "start", payload });
      expect(await client.next()).toEqual(unauthorized("1"));
    }
  });

  it("is verified once again on another socket, unless signatures are valid once", async () => {
    const kit = await createTestKit();
    const seen = new Set<string>();
    const replay = {
      record: (signature: string) => !seen.has(signature) && seen.add(signature) !== undefined,
    };
    const once = createAuth([iam({ ...kit.accessKeys.options, replay }), apiKey(kit.apiKeys.options)]);
    for (const [auth, second] of [
      [kit.auth(), { id: "1", type: "start_ack" }],
      [once, unauthorized("1")],
    ] as const) {
      const { ready, start, signed } = await serve({ kit, auth });
      const headers = await signed("/graphql", JSON.stringify({ query: onReview, variables: {} }));
      const [one, two] = [await ready(), await ready()];
      await start(one, "1", onReview, headers);
      expect(await one.next()).toEqual({ id: "1", type: "start_ack" });
      await start(two, "1", onReview, headers);
      expect(await two.next()).toEqual(second);
    }
  });

  it("shows an authorizer the document and its variables", async () => {
    const { kit, ready, start, headers } = await serve();
    const client = await ready();
    await start(client, "1", onReview, await headers("lambda"), { a: 1 });
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
    expect(kit.authorizer.calls.at(-1)).toMatchObject({
      requestContext: { queryString: onReview, variables: { a: 1 } },
    });
  });

  it("gives the context what the client sent", async () => {
    const started: unknown[] = [];
    const { ready, start, headers } = await serve({
      context: (identity, { view, request, query, variables }) => {
        started.push([identity.mode, view.header("x-note"), request.url, query, variables]);
        return { identity };
      },
    });
    const client = await ready();
    await start(client, "1", onReview, { ...(await headers("userPool")), "X-Note": "hi" }, { a: 1 });
    await client.next();
    expect(started).toEqual([["userPool", "hi", "/graphql/realtime", onReview, { a: 1 }]]);
  });
});

describe("the rules", () => {
  it("deny a start as AppSync does, and the socket goes on", async () => {
    const { ready, start } = await serve();
    const client = await ready();
    await start(client, "1", onOrder);
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: {
        errors: [
          {
            errorType: "Unauthorized",
            message: "Not Authorized to access onCreateOrder on type Subscription",
          },
        ],
      },
    });
    await start(client, "2", onReview);
    expect(await client.next()).toEqual({ id: "2", type: "start_ack" });
  });

  it("let a user have their own events, masked", async () => {
    const { ready, start, headers, kit, topics } = await serve();
    const client = await ready();
    await start(client, "1", onOrder, await headers("userPool"));
    await start(client, "2", "subscription { onUpdateEmployee { id ssn } }", await headers("userPool"));
    expect(new Set([(await client.next())["id"], (await client.next())["id"]])).toEqual(new Set(["1", "2"]));
    const owner = `${kit.userPool.sub("alice")}::alice`;
    topics.orders.publish({ onCreateOrder: { id: "theirs", owner: "s-bob::bob" } });
    topics.orders.publish({ onCreateOrder: { id: "mine", owner } });
    expect(await client.nextOf("1")).toEqual({
      id: "1",
      type: "data",
      payload: { data: { onCreateOrder: { id: "mine", owner: "alice" } } },
    });
    topics.employees.publish({ onUpdateEmployee: data.employees[1] });
    expect(await client.nextOf("2")).toMatchObject({
      type: "data",
      payload: {
        data: { onUpdateEmployee: { id: "e2", ssn: null } },
        errors: [{ errorType: "Unauthorized", path: ["onUpdateEmployee", "ssn"] }],
      },
    });
  });

  it("of now decide: replaced rules end a subscription with one error", async () => {
    const rules = reloadablePolicy(shopPolicy());
    const topics = new Topics();
    const { ready, start, headers } = await serve({
      schema: shop({ policy: rules.policy }, topics.resolvers),
    });
    const client = await ready();
    await start(client, "1", onOrder, await headers("userPool"));
    expect((await client.next()).type).toBe("start_ack");
    rules.replace(
      shopPolicy(
        {},
        modelsSdl.replace("type Order @model", "type Order @model(subscriptions: { level: off })"),
      ),
    );
    topics.orders.publish({ onCreateOrder: data.orders[0] });
    expect(await client.next()).toMatchObject({
      id: "1",
      type: "error",
      payload: { errors: [{ errorType: "Unauthorized" }] },
    });
    expect(topics.orders.listeners).toBe(0);
    topics.orders.publish({ onCreateOrder: data.orders[0] });
    await start(client, "2", onReview);
    expect(await client.next()).toEqual({ id: "2", type: "start_ack" });
  });
});

describe("documents", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["no JSON", "{", "BadRequestException"],
    ["no query", JSON.stringify({ query: 1 }), "BadRequestException"],
    ["no GraphQL", JSON.stringify({ query: "subscription {" }), "ValidationError"],
    ["an unknown field", JSON.stringify({ query: "subscription { onNothing }" }), "ValidationError"],
    [
      "two fields",
      JSON.stringify({ query: "subscription { onCreateReview { id } onCreateOrder { id } }" }),
      "ValidationError",
    ],
    ["a query", JSON.stringify({ query: "{ hello }" }), "UnsupportedOperation"],
    [
      "a mutation",
      JSON.stringify({ query: 'mutation { createDiary(input: { text: "x" }) { id } }' }),
      "UnsupportedOperation",
    ],
    [
      "a mutation beside a subscription",
      JSON.stringify({
        query: `${onReview} mutation M { createDiary(input: { text: "x" }) { id } }`,
        operationName: "M",
      }),
      "ValidationError",
    ],
    [
      "a named mutation",
      JSON.stringify({
        query: `subscription S { onCreateReview { id } } mutation M { createDiary(input: { text: "x" }) { id } }`,
        operationName: "M",
      }),
      "UnsupportedOperation",
    ],
    [
      "a field that is skipped",
      JSON.stringify({ query: "subscription { onCreateReview @skip(if: true) { id } }" }),
      "ValidationError",
    ],
    [
      "a fragment that is not included",
      JSON.stringify({ query: "subscription { ... @include(if: false) { onCreateReview { id } } }" }),
      "ValidationError",
    ],
    [
      "a named fragment that is skipped",
      JSON.stringify({
        query: "subscription { ...A @skip(if: true) } fragment A on Subscription { onCreateReview { id } }",
      }),
      "ValidationError",
    ],
    [
      "too many tokens",
      JSON.stringify({ query: `subscription { onCreateReview { ${"id ".repeat(2000)} } }` }),
      "ValidationError",
    ],
  ];

  it.each(cases)("%s is rejected, and the socket goes on", async (_case, text, errorType) => {
    const { ready, start, host, kit, topics } = await serve();
    const client = await ready();
    const authorization = { host, "x-api-key": kit.apiKeys.valid.key };
    client.send({ id: "1", type: "start", payload: { data: text, extensions: { authorization } } });
    const { errors } = (await client.next())["payload"] as { errors: readonly { errorType: string }[] };
    expect(errors[0]?.errorType).toBe(errorType);
    expect(topics.reviews.opened).toBe(0);
    await start(client, "1", onReview);
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
  });

  it("have 2,000 tokens at most", async () => {
    const { ready, start } = await serve();
    const client = await ready();
    await start(client, "1", `subscription { onCreateReview { ${"id ".repeat(2000)} } }`);
    expect(await client.next()).toMatchObject({
      payload: {
        errors: [{ errorType: "ValidationError", message: expect.stringContaining("2000 tokens") }],
      },
    });
  });

  it("are checked by rules of yours too, after the caller is verified", async () => {
    const rule = vi.fn<(context: { reportError(error: GraphQLError): void }) => object>((context) => {
      context.reportError(new GraphQLError("too deep"));
      return {};
    });
    const { ready, start, headers } = await serve({ validationRules: [rule] });
    const client = await ready();
    await start(client, "1", onReview, { ...(await headers("none")), "x-api-key": "wrong" });
    expect(await client.next()).toEqual(unauthorized("1"));
    expect(rule).not.toHaveBeenCalled();
    await start(client, "1", onReview);
    expect(await client.next()).toMatchObject({
      payload: { errors: [{ errorType: "ValidationError", message: "too deep" }] },
    });
  });
});

describe("a rule that throws its error, as GraphQL Armor's do,", () => {
  it("rejects the document, and is no fault", async () => {
    const errors: unknown[] = [];
    const rule = (): never => {
      throw new GraphQLError("too many aliases");
    };
    const { ready, start } = await serve({ validationRules: [rule], onError: (error) => errors.push(error) });
    const client = await ready();
    await start(client, "1", onReview);
    expect(await client.next()).toMatchObject({
      payload: { errors: [{ errorType: "ValidationError", message: "too many aliases" }] },
    });
    expect(errors).toEqual([]);
  });
});

describe("an outage closes the socket, since an error would be final for Amplify's clients:", () => {
  const schemaOf = (events: Events): GraphQLSchema =>
    shop({}, { Subscription: { onCreateReview: { subscribe: () => events.subscribe("reviews") } } });

  it("events that may be missing", async () => {
    const events = memoryEvents();
    const { ready, start } = await serve({ schema: schemaOf(events) });
    const client = await ready();
    await start(client, "1", onReview);
    expect((await client.next()).type).toBe("start_ack");
    client.socket.pause();
    for (let i = 0; i <= 1001; i++) void events.publish("reviews", review);
    client.socket.resume();
    expect(await client.closed).toEqual({
      code: 1013,
      reason: "Events may be missing: connect again, and read the current state",
    });
    expect((await client.rest()).map(({ type }) => type)).not.toContain("error");
  });

  it.each([
    [
      "events",
      { schema: schemaOf({ ...memoryEvents(), subscribe: () => Promise.reject(new EventsLost()) }) },
    ],
    ["context", { context: () => Promise.reject(new AuthError("unavailable", "down")) }],
  ])("%s that are down at the start, which is acknowledged", async (_case, options) => {
    const { ready, start } = await serve({ ...options, onError: () => undefined });
    const client = await ready();
    await start(client, "1", onReview);
    expect(await client.next()).toEqual({ id: "1", type: "start_ack" });
    await start(client, "2", onReview);
    expect((await client.closed).code).toBe(1013);
    // Without it Amplify JS would end the subscription on its next socket too.
    expect(await client.rest()).toEqual([{ id: "2", type: "start_ack" }]);
  });

  it("starts that are being opened are acknowledged", async () => {
    const context = (_identity: Identity, { query }: SubscriptionStart): Promise<never> =>
      query === onOrder ? new Promise(() => {}) : Promise.reject(new AuthError("unavailable", "down"));
    const { ready, start } = await serve({ context, onError: () => undefined });
    const client = await ready();
    await start(client, "1", onOrder);
    await start(client, "2", onReview);
    expect((await client.closed).code).toBe(1013);
    expect((await client.rest()).map(({ id, type }) => [id, type])).toEqual([
      ["2", "start_ack"],
      ["1", "start_ack"],
    ]);
  });

  it("credentials of a start that cannot be verified, and of others that can be", async () => {
    let isDown = true;
    const revoked = (): boolean => {
      if (isDown) throw new Error("down");
      return false;
    };
    const { ready, start, headers } = await serve({ authOptions: { revoked } });
    const client = await ready();
    await start(client, "1", onReview, await headers("userPool"));
    expect((await client.closed).code).toBe(1013);
    isDown = false;
    const next = await ready();
    await start(next, "1", onReview, await headers("userPool"));
    expect(await next.next()).toEqual({ id: "1", type: "start_ack" });
  });
});

describe("faults", () => {
  const internal = { errorType: "InternalFailureException", message: "Internal failure" };

  it("of the context are reported and masked; an AuthError is the caller's", async () => {
    const errors: unknown[] = [];
    let fault: Error = new Error("secret");
    const { ready, start } = await serve({
      context: () => Promise.reject(fault),
      onError: async (error) => {
        errors.push(error);
        throw new Error("the listener fails too");
      },
    });
    const client = await ready();
    await start(client, "1", onReview);
    expect(await client.next()).toEqual({ id: "1", type: "error", payload: { errors: [internal] } });
    expect(errors).toEqual([fault]);
    fault = new AuthError("forbidden", "not_today");
    await start(client, "1", onReview);
    expect(await client.next()).toEqual(unauthorized("1"));
    expect(errors).toHaveLength(1);
    fault = new AuthError("unavailable", "down");
    await start(client, "1", onReview);
    expect((await client.closed).code).toBe(1013);
    expect(errors).toHaveLength(2);
  });

  it("of a resolver are masked, unless it threw a GraphQLError", async () => {
    const errors: unknown[] = [];
    const topics = new Topics();
    const text = vi.fn<() => string>(() => {
      throw new Error("secret");
    });
    const schema = shop({}, { ...topics.resolvers, Review: { text } });
    const { ready, start } = await serve({ schema, onError: (error) => errors.push(error) });
    const client = await ready();
    await start(client, "1", onReview);
    await client.next();
    topics.reviews.publish(review);
    expect(await client.next()).toMatchObject({
      type: "data",
      payload: {
        data: { onCreateReview: { id: "r1", text: null } },
        errors: [{ ...internal, path: ["onCreateReview", "text"] }],
      },
    });
    expect(errors).toMatchObject([{ message: "secret" }]);
    text.mockImplementation(() => {
      throw new GraphQLError("for the client");
    });
    topics.reviews.publish(review);
    expect(await client.next()).toMatchObject({
      payload: { errors: [{ message: "for the client" }] },
    });
    expect(errors).toHaveLength(1);
  });

  it("of a source close the socket, so that clients connect again", async () => {
    const errors: unknown[] = [];
    const { ready, start, topics } = await serve({ onError: (error) => errors.push(error) });
    const client = await ready();
    await start(client, "1", onReview);
    await client.next();
    const fault = new Error("the store is gone");
    topics.reviews.fail(fault);
    expect((await client.closed).code).toBe(1013);
    expect(await client.rest()).toEqual([]);
    expect(errors).toEqual([fault]);
    expect(topics.reviews.listeners).toBe(0);
  });

  it("an event that is no JSON ends its subscription alone", async () => {
    const topics = new Topics();
    const schema = shop({}, topics.resolvers);
    const errors: unknown[] = [];
    const { ready, start } = await serve({ schema, onError: (error) => errors.push(error) });
    const serialize = vi.spyOn(GraphQLString, "serialize").mockImplementation(() => 1n as unknown as string);
    const client = await ready();
    await start(client, "1", onReview);
    await client.next();
    topics.reviews.publish(review);
    expect(await client.next()).toEqual({ id: "1", type: "error", payload: { errors: [internal] } });
    serialize.mockRestore();
    expect(errors).toHaveLength(1);
    expect(topics.reviews.listeners).toBe(0);
  });

  it("a subscribe that hangs is given up, and ended when it opens after all", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const topics = new Topics();
    let open: () => void = () => undefined;
    const subscribe = (): Promise<unknown> =>
      new Promise((resolve) => (open = () => resolve(topics.reviews.subscribe())));
    const schema = shop({}, { Subscription: { onCreateReview: { subscribe } } });
    const { ready, start } = await serve({ schema });
    const client = await ready();
    await start(client, "1", onReview);
    await vi.waitFor(() => expect(open).not.toBe(undefined));
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    expect((await client.closed).code).toBe(1013);
    open();
    await vi.waitFor(() => expect(topics.reviews.opened).toBe(1));
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(0));
  });

  it("a stop before the acknowledgement ends what opens later", async () => {
    let proceed: () => void = () => undefined;
    const context = (identity: Identity): Promise<{ identity: Identity }> =>
      new Promise((resolve) => (proceed = () => resolve({ identity })));
    const { ready, start, topics } = await serve({ context });
    const client = await ready();
    const before = proceed;
    await start(client, "1", onReview);
    await vi.waitFor(() => expect(proceed).not.toBe(before));
    client.send({ id: "1", type: "stop" });
    expect(await client.next()).toEqual({ id: "1", type: "complete" });
    proceed();
    await vi.waitFor(() => expect(topics.reviews.opened).toBe(1));
    await vi.waitFor(() => expect(topics.reviews.listeners).toBe(0));
  });

  it("a stop while the caller is verified opens nothing", async () => {
    let proceed: () => void = () => undefined;
    const revoked = (): Promise<boolean> => new Promise((resolve) => (proceed = () => resolve(false)));
    const context = vi.fn<(identity: Identity) => { identity: Identity }>((identity) => ({ identity }));
    const { ready, start, headers, topics } = await serve({ context, authOptions: { revoked } });
    const client = await ready();
    const before = proceed;
    await start(client, "1", onReview, await headers("userPool"));
    await vi.waitFor(() => expect(proceed).not.toBe(before));
    client.send({ id: "1", type: "stop" });
    expect(await client.next()).toEqual({ id: "1", type: "complete" });
    proceed();
    await start(client, "2", onReview);
    expect(await client.next()).toEqual({ id: "2", type: "start_ack" });
    expect(context).toHaveBeenCalledOnce();
    expect(topics.reviews.opened).toBe(1);
  });

  it("a source that ends completes its subscription", async () => {
    async function* subscribe(): AsyncGenerator {
      yield review;
    }
    const { ready, start } = await serve({
      schema: shop({}, { Subscription: { onCreateReview: { subscribe } } }),
    });
    const client = await ready();
    await start(client, "1", onReview);
    expect([await client.next(), await client.next(), await client.next()].map(({ type }) => type)).toEqual([
      "start_ack",
      "data",
      "complete",
    ]);
  });
});

it("throws when it is built, with the right spelling", async () => {
  const { auth } = await serve();
  const good = { auth, schema: shop(), context: (identity: Identity) => ({ identity }) };
  const wrong: readonly (readonly [object, string])[] = [
    [{ keepalive: 1 }, "keepAliveSeconds"],
    [{ maxPayload: 1 }, "maxFrameBytes"],
    [{ auth: {} }, "auth"],
    [{ context: {} }, "context"],
    [{ schema: {} }, "schema"],
    [{ path: "graphql" }, "path"],
    [{ path: "/graphql/" }, "path"],
    [{ path: "/a/../b" }, "path"],
    [{ path: "/graphql/realtime" }, "clients add '/realtime'"],
    [{ maxSubscriptions: 0 }, "maxSubscriptions"],
    [{ maxFrameBytes: 1.5 }, "maxFrameBytes"],
    [{ keepAliveSeconds: 301 }, "keepAliveSeconds"],
    [{ connectionTimeoutMs: 60_000 }, "connectionTimeoutMs"],
    [{ validationRules: [1] }, "validationRules"],
    [{ onError: 1 }, "onError"],
    [{ clock: 1 }, "clock"],
  ];
  for (const [options, name] of wrong) {
    expect(() => createRealtime({ ...good, ...options })).toThrow(
      new RegExp(`createRealtime\\(\\).*${name}`),
    );
  }
  expect(() => createRealtime({ ...good, schema: buildSchema("type Query { a: Int }") })).toThrow(
    "Subscription",
  );
  expect(() => createRealtime({ ...good, schema: () => openSchema() })).not.toThrow();
});

describe("events of publishMutations without rules", () => {
  // Another tool copied the schema after publishMutations, and after protect.
  const more = `
    input ReviewInput { id: ID text: String author: String }
    extend type Mutation { createReview(input: ReviewInput!): Review }
  `;
  const published = copySchema(publishMutations(openSchema({}, more), { events: memoryEvents() }));
  const mistake =
    "createRealtime(): no rules decide about the events of Subscription.onCreateOrder. Pass the schema that protect(publishMutations(…), …) returned.";

  it("are a mistake", async () => {
    const { auth } = await serve();
    const context = (identity: Identity): Context => ({ identity });
    expect(() => createRealtime({ auth, context, schema: published })).toThrow(mistake);
    expect(() => createRealtime({ auth, context, schema: copySchema(guardedShop(published)) })).not.toThrow();
  });

  it("are not sent", async () => {
    const errors: unknown[] = [];
    const { ready, start } = await serve({
      schema: () => published,
      onError: (error) => errors.push(error),
    });
    const client = await ready();
    await start(client, "1", onOrder);
    expect(await client.next()).toMatchObject({
      id: "1",
      payload: { errors: [{ message: "Internal failure" }] },
    });
    expect(errors).toMatchObject([{ message: mistake }]);
  });
});
