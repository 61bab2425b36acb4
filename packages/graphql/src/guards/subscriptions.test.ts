import {
  apiKey as authenticateByKey,
  type AuthMode,
  createAuth,
  type Identity,
  newApiKey,
  type RequestView,
  type StoredApiKey,
} from "@authmodes/core";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { reloadablePolicy, type Values } from "@authmodes/rules";
import { type ExecutionResult, execute, type GraphQLSchema, parse, subscribe } from "graphql";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readText, serveYoga } from "../test/servers.ts";
import { alice, apiKey, bob, libby, nobody, user } from "../test/callers.ts";
import type { Resolvers } from "../test/resolvers.ts";
import { data } from "../test/shop-data.ts";
import { modelsSdl } from "../test/shop-sdl.ts";
import { shop, shopPolicy } from "../test/shop.ts";

/** A stream that waits for ever after its events, and remembers whether it was ended. */
class Events {
  readonly ended: string[] = [];
  readonly #waiting: Values[];

  constructor(events: readonly Values[]) {
    this.#waiting = [...events];
  }

  [Symbol.asyncIterator](): AsyncIterator<Values> {
    return {
      next: () => {
        const value = this.#waiting.shift();
        return value === undefined ? new Promise(() => {}) : Promise.resolve({ done: false, value });
      },
      return: () => {
        this.ended.push("ended");
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

function sending(field: string, records: readonly (Values | undefined)[]): Resolvers & { events: never } {
  const events = new Events(records.map((record) => ({ [field]: record })));
  return { Subscription: { [field]: { subscribe: () => events } }, events: events as never };
}

type Opened = { next(): Promise<IteratorResult<ExecutionResult, unknown>>; errors: readonly string[] };

async function open(schema: GraphQLSchema, identity: Identity, document: string): Promise<Opened> {
  const result = await subscribe({ schema, document: parse(document), contextValue: { identity } });
  if (Symbol.asyncIterator in result) return { next: () => result.next(), errors: [] };
  return {
    next: () => Promise.reject(new Error("refused")),
    errors: (result.errors ?? []).map((error) => error.message),
  };
}

const orders = [...data.orders, { id: "o3", owner: "s-alice::alice", note: "third" }];
const onOrder = `subscription { onCreateOrder { id owner } }`;

async function idsSent(identity: Identity, count: number): Promise<unknown> {
  const { next } = await open(
    shop({}, sending("onCreateOrder", orders)),
    identity,
    `subscription { onCreateOrder { id } }`,
  );
  const ids: unknown[] = [];
  for (let i = 0; i < count; i++) ids.push((await next()).value);
  return ids.map((value) => (value as { data: { onCreateOrder: { id: string } } }).data.onCreateOrder.id);
}

describe("onCreateX", () => {
  it("sends the events that the rules let through", async () => {
    expect(await idsSent(alice, 2)).toEqual(["o1", "o3"]);
    expect(await idsSent(bob, 1)).toEqual(["o2"]);
    expect(await idsSent(libby, 3)).toEqual(["o1", "o2", "o3"]);
  });

  it("sends events whose owner is written as clients know it", async () => {
    const events = [
      { id: "o1", owner: "bob" },
      { id: "o2", owner: "alice" },
    ];
    const { next } = await open(
      shop({}, sending("onCreateOrder", events)),
      alice,
      `subscription { onCreateOrder { id } }`,
    );
    expect((await next()).value).toEqual({ data: { onCreateOrder: { id: "o2" } } });
  });

  it("is denied to callers that no rule covers", async () => {
    const { errors } = await open(shop({}, sending("onCreateOrder", orders)), apiKey, onOrder);
    expect(errors).toEqual(["Not Authorized to access onCreateOrder on type Subscription"]);
  });

  it("denies another user's name in the owner argument", async () => {
    const schema = (): GraphQLSchema => shop({}, sending("onCreateOrder", orders));
    const forOwner = (owner: string): string => `subscription { onCreateOrder(owner: "${owner}") { id } }`;
    expect((await open(schema(), alice, forOwner("alice"))).errors).toEqual([]);
    expect((await open(schema(), alice, forOwner("bob"))).errors).toEqual([
      "Not Authorized to access onCreateOrder on type Subscription",
    ]);
  });

  it("shows each subscriber the fields that they may read, with an error for the others", async () => {
    const document = `subscription { onUpdateEmployee { id ssn } }`;
    const { next } = await open(shop({}, sending("onUpdateEmployee", data.employees)), alice, document);
    expect((await next()).value).toEqual({ data: { onUpdateEmployee: { id: "e1", ssn: "111" } } });
    expect((await next()).value).toMatchObject({
      data: { onUpdateEmployee: { id: "e2", ssn: null } },
      errors: [{ message: "Not Authorized to access ssn on type Employee" }],
    });
  });

  it("rejects filters on fields that the caller may not read", async () => {
    const schema = (): GraphQLSchema => shop({}, sending("onUpdateEmployee", data.employees));
    const by = (field: string): string =>
      `subscription { onUpdateEmployee(filter: { ${field}: { eq: "1" } }) { id } }`;
    expect((await open(schema(), alice, by("ssn"))).errors).toEqual(["Unauthorized on [ssn]"]);
    expect((await open(schema(), alice, by("name"))).errors).toEqual([]);
  });

  it("is open to all callers if the model says so, without the fields that its rules hide", async () => {
    const { next } = await open(
      shop({}, sending("onCreateReview", data.reviews)),
      nobody,
      `subscription { onCreateReview { id } }`,
    );
    expect((await next()).value).toEqual({ data: { onCreateReview: { id: "r1" } } });
  });

  it("is rejected as a query, whatever the root value", async () => {
    const result = await execute({
      schema: shop(),
      document: parse(onOrder),
      rootValue: { onCreateOrder: data.orders[1] },
      contextValue: { identity: alice },
    });
    expect(result.data).toEqual({ onCreateOrder: null });
    expect(result.errors?.[0]?.message).toBe("Not Authorized to access onCreateOrder on type Subscription");
  });
});

const expired = {
  data: { onCreateOrder: null },
  errors: [{ message: "Token has expired.", extensions: { code: "UNAUTHENTICATED" } }],
};

describe("the end of a subscription", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it("comes when the credentials expire, even without an event, with an error", async () => {
    const resolvers = sending("onCreateOrder", []);
    const { next } = await open(shop({}, resolvers), user("alice", [], 1010), onOrder);
    const waiting = next();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(await Promise.race([waiting, "waiting"])).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toMatchObject({ done: false, value: expired });
    expect((await next()).done).toBe(true);
    expect((resolvers.events as Events).ended).toEqual(["ended"]);
  });

  it("comes before an event that is later", async () => {
    let now = 1_009_000;
    const schema = shop({ clock: () => now }, sending("onCreateOrder", orders));
    const { next } = await open(schema, user("alice", [], 1010), onOrder);
    expect((await next()).done).toBe(false);
    now = 1_010_000;
    expect((await next()).value).toMatchObject(expired);
    expect((await next()).done).toBe(true);
  });

  it("comes after 24 hours for credentials without an expiry, or with one in many years", async () => {
    for (const expiresAt of [null, 99_999_999_999]) {
      const { next } = await open(
        shop({}, sending("onCreateOrder", orders)),
        user("alice", [], expiresAt),
        onOrder,
      );
      await next();
      await next();
      const waiting = next();
      await vi.advanceTimersByTimeAsync(86_399_999);
      expect(await Promise.race([waiting, "waiting"])).toBe("waiting");
      await vi.advanceTimersByTimeAsync(1);
      expect((await waiting).value).toMatchObject(expired);
    }
  });

  it("comes immediately if the client closes it", async () => {
    const result = await subscribe({
      schema: shop({}, sending("onCreateOrder", [])),
      document: parse(onOrder),
      contextValue: { identity: alice },
    });
    if (!(Symbol.asyncIterator in result)) throw new Error("rejected");
    await result.return(undefined);
    expect((await result.next()).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("rules that are replaced while a subscription runs", () => {
  const replaced = (from: string, to: string) => shopPolicy({}, modelsSdl.replace(from, to));
  const ordersOf = (rule: string) =>
    shopPolicy(
      {},
      modelsSdl.replace(
        /^type Order @model.*?^\}\n/ms,
        `type Order @model @auth(rules: [${rule}]) { id: ID! bookId: ID note: String status: String
           owner: String @index(name: "byOwner") book: Book @belongsTo }\n`,
      ),
    );

  it("end it if they admit the caller no more", async () => {
    const rules = reloadablePolicy(shopPolicy());
    const { next } = await open(
      shop({ policy: rules.policy }, sending("onCreateOrder", orders)),
      alice,
      onOrder,
    );
    expect((await next()).value).toMatchObject({ data: { onCreateOrder: { id: "o1" } } });
    rules.replace(ordersOf(`{ allow: groups, groups: ["Librarians"] }`));
    expect((await next()).value).toMatchObject({
      data: { onCreateOrder: null },
      errors: [{ message: "Not Authorized to access onCreateOrder on type Subscription" }],
    });
    expect((await next()).done).toBe(true);
  });

  it("end it before the resolver of the event runs", async () => {
    const rules = reloadablePolicy(shopPolicy());
    let resolved = 0;
    const resolve = (): unknown => data.orders[resolved++];
    const events = new Events(orders.map((onCreateOrder) => ({ onCreateOrder })));
    const schema = shop(
      { policy: rules.policy },
      { Subscription: { onCreateOrder: { subscribe: () => events, resolve } } },
    );
    const { next } = await open(schema, alice, onOrder);
    await next();
    expect(resolved).toBe(1);
    rules.replace(ordersOf(`{ allow: groups, groups: ["Librarians"] }`));
    expect((await next()).value).toMatchObject({ data: { onCreateOrder: null } });
    expect(resolved).toBe(1);
  });

  it("decide which events are sent from then on", async () => {
    const rules = reloadablePolicy(shopPolicy());
    const { next } = await open(
      shop({ policy: rules.policy }, sending("onCreateOrder", [...orders, data.orders[1], orders[2]])),
      user("alice", ["Librarians"]),
      `subscription { onCreateOrder { id } }`,
    );
    for (const id of ["o1", "o2", "o3"]) {
      expect((await next()).value).toEqual({ data: { onCreateOrder: { id } } });
    }
    rules.replace(ordersOf("{ allow: owner }"));
    expect((await next()).value).toEqual({ data: { onCreateOrder: { id: "o3" } } });
  });

  it("end it if its filter looks at a field that they hide now", async () => {
    const openSdl = modelsSdl.replace("ssn: String @auth(rules: [{ allow: owner }])", "ssn: String");
    const rules = reloadablePolicy(shopPolicy({}, openSdl));
    const { next } = await open(
      shop({ policy: rules.policy }, sending("onUpdateEmployee", data.employees)),
      alice,
      `subscription { onUpdateEmployee(filter: { ssn: { eq: "1" } }) { id } }`,
    );
    expect((await next()).value).toEqual({ data: { onUpdateEmployee: { id: "e1" } } });
    rules.replace(shopPolicy());
    expect((await next()).value).toMatchObject({ errors: [{ message: "Unauthorized on [ssn]" }] });
  });

  it("end it if they turn the subscriptions of the model off", async () => {
    const rules = reloadablePolicy(shopPolicy());
    const { next } = await open(
      shop({ policy: rules.policy }, sending("onCreateOrder", orders)),
      alice,
      onOrder,
    );
    await next();
    rules.replace(replaced("type Order @model", "type Order @model(subscriptions: null)"));
    expect((await next()).value).toMatchObject({
      errors: [{ message: "Not Authorized to access onCreateOrder on type Subscription" }],
    });
  });

  it("end subscriptions that are about no model", async () => {
    const sdl = (group: string) => `${modelsSdl}
      type Subscription { tick: Int @auth(rules: [{ allow: groups, groups: ["${group}"] }]) }`;
    const rules = reloadablePolicy(shopPolicy({}, sdl("Librarians")));
    const events = new Events([{ tick: 1 }, { tick: 2 }]);
    const schema = shop(
      { policy: rules.policy },
      { Subscription: { tick: { subscribe: () => events } } },
      "extend type Subscription { tick: Int }",
    );
    const { next } = await open(schema, libby, "subscription { tick }");
    expect((await next()).value).toEqual({ data: { tick: 1 } });
    rules.replace(shopPolicy({}, sdl("Others")));
    expect((await next()).value).toMatchObject({
      data: { tick: null },
      errors: [{ message: "Not Authorized to access tick on type Subscription" }],
    });
    expect((await next()).done).toBe(true);
    expect(events.ended).toEqual(["ended"]);
  });
});

describe("a credential that is revoked while a subscription runs, over HTTP", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["is not announced, within 60 seconds", 60_000],
    ["is announced, within 2 seconds", 2000],
  ])("ends it with a reason that the client reads; if that %s", async (_, within) => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    let found: StoredApiKey | undefined = stored;
    let announce = () => {};
    const onChange = (listener: () => void) => {
      announce = listener;
      return () => {};
    };
    const find = () => found;
    const keys = within === 2000 ? Object.assign(find, { onChange }) : find;
    const auth = createAuth([authenticateByKey({ keys })]);
    const events = new Events([{ onCreateReview: data.reviews[0] }]);
    const schema = shop({}, { Subscription: { onCreateReview: { subscribe: () => events } } });
    const url = await serveYoga(schema, auth);
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", "x-api-key": key },
      body: JSON.stringify({ query: "subscription { onCreateReview { id } }" }),
    });
    const text = readText(response);
    await text.until(`"data":{"onCreateReview":{"id":"r1"}}`);
    announce();
    await vi.advanceTimersByTimeAsync(within);
    expect(text.isOver).toBe(false);
    found = undefined;
    announce();
    await vi.advanceTimersByTimeAsync(within);
    await text.until(`"errorType":"UnauthorizedException"`);
    await text.until("event: complete");
    expect(text.all).toContain("You are not authorized to make this call.");
    expect(events.ended).toEqual(["ended"]);
  });
});

describe("a subscription", () => {
  const byField = `extend type Subscription { onDeleteEmployee(ssn: String, owner: String, name: String): Employee }`;

  it("has no argument of a hidden field: which events come tells what it holds", async () => {
    const schema = (): GraphQLSchema => shop({}, sending("onDeleteEmployee", data.employees), byField);
    const opened = (args: string, identity: Identity): Promise<Opened> =>
      open(schema(), identity, `subscription { onDeleteEmployee(${args}) { id } }`);
    expect((await opened(`ssn: "222"`, alice)).errors).toEqual(["Unauthorized on [ssn]"]);
    expect((await opened(`name: "Ben", owner: "bob"`, alice)).errors).toEqual([]);
  });

  it.each(["the source", "identity"])("is over after an error of %s", async (failing) => {
    const ended: string[] = [];
    let asked = 0;
    const source = {
      next: () =>
        failing === "the source"
          ? Promise.reject(new Error("failed"))
          : Promise.resolve({ done: false, value: { onCreateOrder: data.orders[0] } }),
      return: () => Promise.resolve({ done: true, value: ended.push("ended") }),
    };
    const schema = shop(
      {
        identity: ({ identity }) => {
          if (failing === "identity" && asked++ > 0) throw new Error("failed");
          return identity;
        },
      },
      { Subscription: { onCreateOrder: { subscribe: () => ({ [Symbol.asyncIterator]: () => source }) } } },
    );
    const { next } = await open(schema, alice, onOrder);
    await expect(next()).rejects.toThrow("failed");
    expect(ended).toEqual(["ended"]);
    expect(await next()).toEqual({ done: true, value: undefined });
  });

  it("ends its source if its caller cannot be watched", async () => {
    const ended = vi.fn<() => Promise<object>>(async () => ({ done: true, value: undefined }));
    const source = { next: () => new Promise(() => undefined), return: ended };
    const schema = shop(
      {},
      { Subscription: { onCreateOrder: { subscribe: () => ({ [Symbol.asyncIterator]: () => source }) } } },
    );
    const onChange = () => {
      throw new Error("the store is closed");
    };
    const request: RequestView = {
      method: "POST",
      target: "/graphql",
      host: undefined,
      rawHeaders: [],
      exact: true,
      header: () => undefined,
      body: async () => new Uint8Array(),
    };
    const own: AuthMode = {
      name: "own",
      detect() {
        const verify = () => ({ ...alice });
        return { place: "x-own", verify, again: verify, onChange };
      },
    };
    const auth = createAuth([own]);
    auth.onEvent(() => {});
    const identity = await auth.authenticate(request);
    const { errors } = await open(schema, identity as Identity, onOrder);
    expect(errors).toHaveLength(1);
    expect(ended).toHaveBeenCalledOnce();
  });

  it("forgets its events", async () => {
    let left = 300;
    const refs: WeakRef<object>[] = [];
    const source = {
      next: () => {
        if (left-- === 0) return new Promise(() => undefined);
        const value = { onCreateOrder: { ...data.orders[0] } };
        refs.push(new WeakRef(value.onCreateOrder));
        return Promise.resolve({ done: false, value });
      },
    };
    const schema = shop(
      {},
      { Subscription: { onCreateOrder: { subscribe: () => ({ [Symbol.asyncIterator]: () => source }) } } },
    );
    const { next } = await open(schema, alice, onOrder);
    for (let i = 0; i < 300; i++) await next();
    setFlagsFromString("--expose-gc");
    await new Promise((resolve) => setTimeout(resolve, 10));
    (runInNewContext("gc") as () => void)();
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(100);
  });
});
