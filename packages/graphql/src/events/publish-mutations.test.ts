import type { Identity } from "@authmodes/core";
import { reloadablePolicy, type Values } from "@authmodes/rules";
import { buildSchema, type ExecutionResult, type GraphQLSchema, parse, subscribe } from "graphql";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { awsDirectivesSdl, type ProtectOptions } from "../index.ts";
import { ask } from "../test/ask.ts";
import { alice, bob, libby, nobody } from "../test/callers.ts";
import type { Context, Resolvers } from "../test/resolvers.ts";
import { operations } from "../test/shop-data.ts";
import { modelsSdl } from "../test/shop-sdl.ts";
import { guardedShop, openSchema, shopPolicy } from "../test/shop.ts";
import { type Events, EventsLost, memoryEvents, publishMutations, type PublishOptions } from "./index.ts";

const moreSdl = `
  input ReviewInput { id: ID text: String author: String }
  extend type Mutation { createReview(input: ReviewInput!): Review }
  extend type Subscription { onUpdateOrder(owner: String, bookId: ID, note: String): Order }
`;
const created = (_source: unknown, { input }: Values) => ({ id: "new", ...(input as Values) });

interface Shop {
  readonly options?: Partial<ProtectOptions<Context>>;
  readonly resolvers?: Resolvers;
  readonly more?: string;
  readonly events?: Events;
  readonly subscriptions?: NonNullable<PublishOptions["subscriptions"]>;
}

function shop({ options, resolvers = {}, more = "", events = memoryEvents(), subscriptions }: Shop = {}) {
  const mutations = { createReview: created, ...resolvers["Mutation"] };
  const open = openSchema({ ...resolvers, Mutation: mutations }, moreSdl + more);
  const wired = publishMutations(open, { events, ...(subscriptions && { subscriptions }) });
  return guardedShop(wired, options);
}

interface Opened {
  /** The data of the next event, or its errors. */
  next(): Promise<unknown>;
  readonly errors: readonly string[];
  close(): Promise<unknown>;
}

const messages = ({ errors = [] }: ExecutionResult) => errors.map(({ message }) => message);

async function open(
  schema: GraphQLSchema,
  identity: Identity,
  text: string,
  variables: Values = {},
): Promise<Opened> {
  const document = parse(text.startsWith("subscription") ? text : `subscription { ${text} }`);
  const contextValue = { identity };
  const result = await subscribe({ schema, document, contextValue, variableValues: variables });
  if (!(Symbol.asyncIterator in result)) {
    return {
      errors: messages(result),
      next: () => Promise.reject(new Error("rejected")),
      close: async () => {},
    };
  }
  return {
    errors: [],
    close: () => result.return(undefined),
    async next() {
      const { done, value } = await result.next();
      if (done === true) return "over";
      return value.errors === undefined ? Object.values(value.data ?? {})[0] : messages(value);
    },
  };
}

const create = (schema: GraphQLSchema, identity: Identity, input: Values) =>
  ask(schema, identity, `mutation ($input: OrderInput!) { createOrder(input: $input) { id } }`, { input });
const change = (schema: GraphQLSchema, identity: Identity, input: Values) =>
  ask(schema, identity, `mutation ($input: OrderInput!) { updateOrder(input: $input) { id } }`, { input });

const silent = async (waiting: Promise<unknown>) => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return Promise.race([waiting, "nothing"]);
};

describe("a subscription", () => {
  it("receives what mutations return, if the rules allow it", async () => {
    const schema = shop();
    const [ofAlice, ofBob, ofLibby] = [
      await open(schema, alice, "onCreateOrder { id note owner }"),
      await open(schema, bob, "onCreateOrder { id note owner }"),
      await open(schema, libby, "onCreateOrder { id note owner }"),
    ];
    const waiting = ofBob.next();
    await create(schema, alice, { id: "o7", note: "mine" });
    const event = { id: "o7", note: "mine", owner: "alice" };
    expect(await ofAlice.next()).toEqual(event);
    expect(await ofLibby.next()).toEqual(event);
    expect(await silent(waiting)).toBe("nothing");
    await create(schema, bob, { id: "o8" });
    expect(await waiting).toEqual({ id: "o8", note: null, owner: "bob" });
  });

  it("sees the fields of the whole record that the subscriber may read, whatever the caller selected and may see", async () => {
    const resolvers: Resolvers = {
      Mutation: { updateEmployee: () => ({ id: "e2", name: "Ben", ssn: "222", owner: "s-bob::bob" }) },
    };
    const schema = shop({ resolvers });
    const ofAlice = await open(schema, alice, "onUpdateEmployee { id name }");
    const secretly = await open(schema, alice, "onUpdateEmployee { ssn }");
    const ofBob = await open(schema, bob, "onUpdateEmployee { id name ssn }");
    const mutation = `mutation { updateEmployee(input: { id: "e2", name: "Ben" }) { id } }`;
    expect((await ask(schema, bob, mutation)).errors).toEqual([]);
    expect(await ofAlice.next()).toEqual({ id: "e2", name: "Ben" });
    expect(await secretly.next()).toEqual(["Not Authorized to access ssn on type Employee"]);
    expect(await ofBob.next()).toEqual({ id: "e2", name: "Ben", ssn: "222" });
  });

  it("receives nothing of a write that was denied, failed, or returned null", async () => {
    const answers = [null, undefined, new Error("full"), { id: "o9", owner: "s-alice::alice" }];
    const resolvers: Resolvers = {
      Mutation: {
        createOrder: async (_source, { input }) => {
          if ((input as Values)["note"] === "throw") throw new Error("full");
          return answers.shift();
        },
      },
    };
    const schema = shop({ resolvers });
    const { next } = await open(schema, libby, "onCreateOrder { id }");
    expect((await create(schema, bob, { id: "no", owner: "alice" })).errors).toHaveLength(1);
    expect((await create(schema, alice, { note: "throw" })).errors).toEqual(["createOrder: full"]);
    for (let i = 0; i < 3; i++) await create(schema, alice, {});
    await create(schema, alice, {});
    expect(await next()).toEqual({ id: "o9" });
  });

  it("is decided by the rules at the time of the event", async () => {
    const rules = reloadablePolicy(shopPolicy());
    const schema = shop({ options: { policy: rules.policy } });
    const { next } = await open(schema, libby, "onCreateOrder { id }");
    await create(schema, alice, { id: "1" });
    expect(await next()).toEqual({ id: "1" });
    const own = modelsSdl
      .replaceAll(/^    ?\{ allow: groups, groups: \["Librarians"\], operations: \[read\] \}\n/gm, "")
      .replace(`{ allow: groups, groups: ["Librarians"], operations: [read, update] }`, "");
    rules.replace(shopPolicy({}, own));
    await create(schema, alice, { id: "2" });
    await create(schema, libby, { id: "3" });
    expect(await next()).toEqual({ id: "3" });
  });

  it("leaves when the client closes it", async () => {
    const events = memoryEvents();
    const left: string[] = [];
    const watched: Events = {
      ...events,
      async subscribe(topic) {
        const queue = await events.subscribe(topic);
        const leave = queue.return?.bind(queue);
        queue.return = async () => {
          left.push(topic);
          await leave?.();
          return { done: true, value: undefined };
        };
        return queue;
      },
    };
    const schema = shop({ events: watched });
    const opened = await open(schema, alice, "onCreateOrder { id }");
    const waiting = opened.next();
    await opened.close();
    expect(await waiting).toBe("over");
    expect(left).toEqual(["onCreateOrder"]);
  });

  it("copies the record when it is written", async () => {
    const record = { id: "o1", note: "before", owner: "s-alice::alice" };
    const schema = shop({ resolvers: { Mutation: { createOrder: () => record } } });
    const { next } = await open(schema, alice, "onCreateOrder { note }");
    await create(schema, alice, {});
    record.note = "after";
    expect(await next()).toEqual({ note: "before" });
  });
});

describe("arguments", () => {
  it.each([
    [`onUpdateOrder(bookId: "b1") { id }`, alice],
    [`onUpdateOrder(bookId: "b1", note: "new") { id }`, alice],
    [`onUpdateOrder(owner: "alice", bookId: "b1") { id }`, alice],
    [`onUpdateOrder(owner: "s-alice", bookId: "b1") { id }`, alice],
    [`onUpdateOrder(owner: "s-alice::alice", bookId: "b1") { id }`, libby],
    [`onUpdateOrder(owner: "alice", bookId: "b1") { id }`, libby],
    [`onUpdateOrder(owner: "", bookId: "b1") { id }`, alice],
    [`onUpdateOrder(owner: null, bookId: "b1") { id }`, libby],
  ])("select events: %s", async (text, identity) => {
    const schema = shop();
    const { next, errors } = await open(schema, identity, text);
    expect(errors).toEqual([]);
    await change(schema, alice, { id: "o1", bookId: "b2", note: "new" });
    await change(schema, libby, { id: "o2", bookId: "b3", note: "new" });
    await change(schema, alice, { id: "o1", bookId: "b1", note: "new" });
    expect(await next()).toEqual({ id: "o1" });
    expect(await silent(next())).toBe("nothing");
  });

  it("do not select by an owner that is an empty text, as Amplify's clients send it for none", async () => {
    const record = { id: "o2", owner: "s-bob::bob", note: "s-alice::alice" };
    const sdl = modelsSdl.replace(
      "  { allow: owner }",
      `  { allow: owner } { allow: owner, ownerField: "note" }`,
    );
    const schema = shop({
      resolvers: { Mutation: { updateOrder: () => record } },
      options: { policy: shopPolicy({}, sdl) },
    });
    const { next } = await open(schema, alice, `onUpdateOrder(owner: "") { id }`);
    const own = await open(schema, alice, `onUpdateOrder(owner: "alice") { id }`);
    await change(schema, bob, { id: "o2", status: "x" });
    expect(await next()).toEqual({ id: "o2" });
    expect(await silent(own.next())).toBe("nothing");
  });

  it("select another owner's events, if the rules let the subscriber see them", async () => {
    const schema = shop();
    const { next } = await open(schema, libby, `onUpdateOrder(owner: "bob") { id }`);
    await change(schema, alice, { id: "o1", note: "x" });
    await change(schema, bob, { id: "o2", note: "x" });
    expect(await next()).toEqual({ id: "o2" });
  });

  it("filter as Amplify's do", async () => {
    const schema = shop();
    const filter = `{ and: [{ note: { beginsWith: "a" } }], owner: { eq: "alice" } }`;
    const { next } = await open(schema, libby, `onCreateOrder(filter: ${filter}) { id }`);
    await create(schema, bob, { id: "1", note: "a" });
    await create(schema, alice, { id: "2", note: "b" });
    await create(schema, alice, { id: "3", note: "ab" });
    expect(await next()).toEqual({ id: "3" });
  });

  it("cannot ask for a field that the subscriber may not read", async () => {
    const schema = shop({
      more: `extend type Subscription { onUpdateEmployees(ssn: String): Employee @aws_subscribe(mutations: ["updateEmployee"])
        onCreateReviews(text: String, filter: ReviewFilter): Review @aws_subscribe(mutations: ["createReview"]) }${awsDirectivesSdl}`,
      options: {
        operations: {
          ...operations,
          Subscription: {
            onUpdateEmployees: { model: "Employee", operation: "listen" },
            onCreateReviews: { model: "Review", operation: "listen" },
          },
        },
      },
    });
    const errorsOf = async (identity: Identity, text: string) => (await open(schema, identity, text)).errors;
    expect(await errorsOf(alice, `onUpdateEmployee(filter: { ssn: { eq: "1" } }) { id }`)).toEqual([
      "Unauthorized on [ssn]",
    ]);
    expect(await errorsOf(alice, `onUpdateEmployees(ssn: "1") { id }`)).toEqual(["Unauthorized on [ssn]"]);
    expect(await errorsOf(alice, `onUpdateEmployee(filter: { name: { eq: "1" } }) { id }`)).toEqual([]);
    // Subscriptions to reviews are public, and show their text to owners and librarians only.
    expect(await errorsOf(nobody, `onCreateReviews(text: "dull") { id }`)).toEqual([
      "Unauthorized on [text]",
    ]);
    expect(await errorsOf(nobody, `onCreateReviews(filter: { text: { beginsWith: "d" } }) { id }`)).toEqual([
      "Unauthorized on [text]",
    ]);
    expect(await errorsOf(nobody, `onCreateReviews { id }`)).toEqual([]);
  });

  it("end with the next event, whether they select it or not, if a rule hides their field now", async () => {
    const rules = reloadablePolicy(
      shopPolicy({}, modelsSdl.replace("ssn: String @auth(rules: [{ allow: owner }])", "ssn: String")),
    );
    const schema = shop({ options: { policy: rules.policy } });
    const { next } = await open(schema, alice, `onUpdateEmployee(filter: { ssn: { eq: "111" } }) { id }`);
    rules.replace(shopPolicy());
    await ask(schema, bob, `mutation { updateEmployee(input: { id: "e2", name: "x" }) { id } }`);
    expect(await next()).toEqual(["Unauthorized on [ssn]"]);
  });

  it("are invalid with an operator that is none, and with a filter that nests too deep", async () => {
    const more = `extend type Subscription { onOrder(filter: JSON): Order @aws_subscribe(mutations: ["createOrder"]) } scalar JSON ${awsDirectivesSdl}`;
    const use = { model: "Order", operation: "listen" } as const;
    const schema = shop({ more, options: { operations: { ...operations, Subscription: { onOrder: use } } } });
    const text = `subscription ($filter: JSON) { onOrder(filter: $filter) { id } }`;
    const errorsOf = async (filter: unknown) => (await open(schema, alice, text, { filter })).errors;
    expect(await errorsOf({ note: { equals: "x" } })).toEqual([
      "There is no operator 'equals' in filters of events",
    ]);
    // A scalar takes every name, also that of a column which no rule is about.
    for (const filter of [
      { hash: { eq: "x" } },
      { not: { or: [{ hash: { eq: "x" } }] } },
      { constructor: { ne: 1 } },
    ])
      expect(await errorsOf(filter)).toEqual([
        expect.stringMatching(/^There is no field '(hash|constructor)'/),
      ]);
    let deep: unknown = {};
    for (let i = 0; i < 200; i++) deep = { not: deep };
    expect(await errorsOf(deep)).toEqual(["The arguments nest deeper than 100 levels"]);
    expect(await errorsOf({ note: { eq: "x" } })).toEqual([]);
  });
});

describe("a subscription to what is no model", () => {
  const sdl = `${modelsSdl}
    type Message { room: ID text: String secret: String @auth(rules: [{ allow: groups, groups: ["Librarians"] }]) }
    type Mutation { send(room: ID, text: String): Message @auth(rules: [{ allow: private }]) sendAll: [Message] @auth(rules: [{ allow: private }]) }
    type Subscription { onSend(room: ID, secret: String): Message @auth(rules: [{ allow: private }])
      onAnyOrder(note: String, owner: String): Order @auth(rules: [{ allow: private }]) }`;
  const more = `type Message { room: ID text: String secret: String }
    extend type Mutation { send(room: ID, text: String): Message sendAll: [Message] }
    extend type Subscription { onSend(room: ID, secret: String): Message onAnyOrder(note: String, owner: String): Order }`;
  const resolvers: Resolvers = {
    Mutation: {
      send: (_source, args) => args,
      sendAll: () => [
        { room: 1, text: "a" },
        null,
        Promise.resolve({ room: 2, text: "b" }),
        Promise.reject(new Error("c")),
      ],
    },
  };
  const chat = (policy = shopPolicy({}, sdl)) =>
    shop({
      more,
      resolvers,
      subscriptions: { onSend: ["send", "sendAll"], onAnyOrder: ["updateOrder", "createOrder"] },
      options: { policy },
    });

  it("receives what its arguments select, of a list each element", async () => {
    const schema = chat();
    const { next } = await open(schema, alice, `onSend(room: "2") { text }`);
    await ask(
      schema,
      bob,
      `mutation { a: send(room: "1", text: "x") { text } b: send(room: "2", text: "y") { text } }`,
    );
    expect(await next()).toEqual({ text: "y" });
    await ask(schema, bob, `mutation { sendAll { text } }`);
    expect(await next()).toEqual({ text: "b" });
  });

  it("ends with the next event, selected or not, if a rule hides the field of its argument now", async () => {
    const rules = reloadablePolicy(shopPolicy({}, sdl));
    const schema = chat(rules.policy);
    const { next } = await open(schema, libby, `onSend(secret: "x") { text }`);
    rules.replace(
      shopPolicy(
        {},
        sdl.replace(
          `secret: String @auth(rules: [{ allow: groups, groups: ["Librarians"]`,
          `secret: String @auth(rules: [{ allow: groups, groups: ["Others"]`,
        ),
      ),
    );
    await ask(schema, bob, `mutation { send(room: "1", text: "y") { text } }`);
    expect(await next()).toEqual(["Unauthorized on [secret]"]);
    expect(await next()).toBe("over");
  });

  it("cannot be asked for what its type does not show", async () => {
    const typed = more.replace("onSend(room: ID,", "onSend(filter: JSON, room: ID,");
    const schema = shop({
      more: `${typed} scalar JSON`,
      resolvers,
      subscriptions: { onSend: ["send"], onAnyOrder: ["updateOrder"] },
      options: {
        policy: shopPolicy(
          {},
          `${sdl.replace("onSend(room: ID,", "onSend(filter: JSON, room: ID,")} scalar JSON`,
        ),
      },
    });
    const errorsOf = async (filter: string) =>
      (await open(schema, alice, `onSend(filter: { ${filter} }) { text }`)).errors;
    expect(await errorsOf(`hash: { beginsWith: "a" }`)).toEqual([
      "There is no field 'hash' in filters of Message",
    ]);
    expect(await errorsOf(`secret: { beginsWith: "a" }`)).toEqual(["Unauthorized on [secret]"]);
    expect(await errorsOf(`room: { eq: "1" }`)).toEqual([]);
  });

  it("cannot be asked for hidden fields", async () => {
    const errorsOf = async (identity: Identity, text: string) => (await open(chat(), identity, text)).errors;
    expect(await errorsOf(alice, `onSend(secret: "x") { text }`)).toEqual(["Unauthorized on [secret]"]);
    expect(await errorsOf(libby, `onSend(secret: "x") { text }`)).toEqual([]);
    expect(await errorsOf(alice, `onAnyOrder(note: "x") { id }`)).toEqual(["Unauthorized on [note]"]);
  });
});

describe("a write", () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  });
  afterEach(() => void vi.restoreAllMocks());

  it("succeeds if its event cannot be published, which one line says", async () => {
    const events = memoryEvents();
    let isDown = true;
    const failing: Events = {
      ...events,
      publish: (topic, event) =>
        isDown ? Promise.reject(new Error("down\n")) : events.publish(topic, event),
    };
    const schema = shop({ events: failing });
    for (let i = 0; i < 3; i++) expect((await create(schema, alice, { id: "1" })).errors).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("an event of onCreateOrder was not published (down )");
    isDown = false;
    await create(schema, alice, { id: "2" });
    expect(lines[1]).toBe("authmodes: events of onCreateOrder are published again");
  });

  it("succeeds if its record is no data", async () => {
    const record = { id: "1", owner: "s-alice::alice", note: () => "computed" };
    const schema = shop({ resolvers: { Mutation: { createOrder: () => record } } });
    expect(await create(schema, alice, {})).toEqual({ data: { createOrder: { id: "1" } }, errors: [] });
    expect(lines[0]).toContain("the record.note is a function, which cannot be sent");
  });

  it("does not wait for its event", async () => {
    const schema = shop({ events: { ...memoryEvents(), publish: () => new Promise(() => {}) } });
    expect((await create(schema, alice, { id: "1" })).errors).toEqual([]);
  });
});

describe("lost events", () => {
  it("end the subscription with a reason that the client reads", async () => {
    const lost: Events = {
      ...memoryEvents(),
      async subscribe() {
        const queue = await memoryEvents().subscribe("none");
        queue.next = () => Promise.reject(new EventsLost());
        return queue;
      },
    };
    const schema = shop({ events: lost });
    const document = parse("subscription { onCreateOrder { id } }");
    const result = await subscribe({ schema, document, contextValue: { identity: alice } });
    if (!(Symbol.asyncIterator in result)) throw new Error("rejected");
    const { value } = await result.next();
    expect(JSON.parse(JSON.stringify(value))).toMatchObject({
      data: { onCreateOrder: null },
      errors: [{ errorType: "ServiceUnavailableException", message: new EventsLost().message }],
    });
    expect((await result.next()).done).toBe(true);
  });

  it("reject a subscription that is opened meanwhile", async () => {
    const lost: Events = { ...memoryEvents(), subscribe: () => Promise.reject(new EventsLost()) };
    const { errors } = await open(shop({ events: lost }), alice, "onCreateOrder { id }");
    expect(errors).toEqual([new EventsLost().message]);
  });

  it("are those of a subscriber that is too slow", async () => {
    const schema = shop();
    const { next } = await open(schema, alice, "onCreateOrder { id }");
    const input = { id: "1" };
    for (let i = 0; i < 1001; i++) await create(schema, alice, input);
    expect(await next()).toEqual([new EventsLost().message]);
    expect(await next()).toBe("over");
  });
});

describe("publishMutations", () => {
  const types = `${awsDirectivesSdl}
    type Order { id: ID note: String } type Book { id: ID } type Payload { order: Order }
    type Query { a: Int }
    type Mutation { createOrder: Order createBook: Book addOrder: Payload orders: [Order] }`;
  const built = (sdl: string, options: object = {}) =>
    publishMutations(buildSchema(`${types} type Subscription { ${sdl} }`), {
      events: memoryEvents(),
      ...options,
    });

  it.each([
    ["onCreateOrder: Order", {}],
    ['a: Order! @aws_subscribe(mutations: ["createOrder", "orders"])', {}],
    ["a: Order", { subscriptions: { a: ["createOrder"] } }],
  ])("accepts %s", (sdl, options) => {
    expect(() => built(sdl, options)).not.toThrow();
  });

  it.each([
    ["a: Order", {}, "Subscription.a: no mutation publishes to it. Name its mutations in @aws_subscribe"],
    ["onUpdateOrder: Order", {}, "Subscription.onUpdateOrder: no mutation publishes to it"],
    [
      `a: Order @aws_subscribe(mutations: ["createOrdr"])`,
      {},
      "there is no mutation 'createOrdr'. Did you mean 'createOrder'?",
    ],
    [`a: Order @aws_subscribe(mutations: [])`, {}, "Subscription.a: no mutation publishes to it"],
    ["onCreateOrder: Book", {}, "returns Book, and Mutation.createOrder Order"],
    ["onCreateOrder: [Order]", {}, "returns [Order], and Mutation.createOrder Order"],
    [`a: Order @aws_subscribe(mutations: ["addOrder"])`, {}, "returns Order, and Mutation.addOrder Payload"],
    ["onCreateOrder(limit: Int): Order", {}, "the argument limit is no field of Order"],
    [
      "onCreateOrder: Order",
      { subscriptions: { onCreateOrdr: [] } },
      "there is no subscription 'onCreateOrdr'. Did you mean 'onCreateOrder'?",
    ],
    ["onCreateOrder: Order", { event: memoryEvents() }, "has no option 'event'. Write 'events'"],
    ["onCreateOrder: Order", { events: {} }, "events is missing"],
  ])("says what is wrong with %s %o", (sdl, options, message) => {
    expect(() => built(sdl, options)).toThrow(message);
  });

  it("leaves a source of your own alone, and does not replace it", () => {
    const schema = buildSchema(`${types} type Subscription { onCreateOrder: Order onCreateBook: Book }`);
    const source = () => memoryEvents().subscribe("mine");
    Object.assign(schema.getSubscriptionType()?.getFields()["onCreateOrder"] ?? {}, { subscribe: source });
    const published = publishMutations(schema, { events: memoryEvents() });
    expect(published.getSubscriptionType()?.getFields()["onCreateOrder"]?.subscribe).toBe(source);
    expect(schema.getSubscriptionType()?.getFields()["onCreateBook"]?.subscribe).toBeUndefined();
    expect(() =>
      publishMutations(schema, { events: memoryEvents(), subscriptions: { onCreateOrder: ["createOrder"] } }),
    ).toThrow("has mutations and a subscribe function of its own");
  });

  it("throws if there is nothing to publish, or rules would be removed", () => {
    const empty = buildSchema("type Query { a: Int }");
    expect(() => publishMutations(empty, { events: memoryEvents() })).toThrow("has no subscription");
    expect(() => publishMutations(shop(), { events: memoryEvents() })).toThrow("comes before protect()");
  });
});
