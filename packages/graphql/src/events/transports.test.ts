import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromText, toText } from "./event-text.ts";
import { type Events, EventsLost } from "./events.ts";
import { memoryEvents, postgresEvents, redisEvents } from "./index.ts";
import type { Channel } from "./listener.ts";
import { SharedEvents } from "./shared.ts";

/** A channel of this process, which can fail in every way. e2e/events.test.ts has the real ones. */
class TestChannel implements Channel {
  readonly name = "the test";
  readonly texts: string[] = [];
  isDown = false;
  isMute = false;
  readonly #open = new Map<object, { receive: (text: string) => void; lost: (error: Error) => void }>();

  get connections(): number {
    return this.#open.size;
  }

  async send(text: string): Promise<void> {
    this.texts.push(text);
    if (this.isDown) throw new Error("down");
    if (!this.isMute) for (const { receive } of this.#open.values()) receive(text);
  }

  async listen(receive: (text: string) => void, lost: (error: Error) => void): Promise<() => void> {
    if (this.isDown) throw new Error("down");
    const key = {};
    this.#open.set(key, { receive, lost });
    return () => void this.#open.delete(key);
  }

  lose(): void {
    for (const { lost } of this.#open.values()) lost(new Error("cut"));
  }
}

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  );
const lostMessage = new EventsLost().message;
const valueOf = async (next: Promise<IteratorResult<unknown>>) => {
  const { done, value } = await next;
  return done === true ? "over" : value;
};

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const kinds: readonly [string, () => Events][] = [
  ["memory", memoryEvents],
  ["a shared channel", () => new SharedEvents(new TestChannel())],
];

describe.each(kinds)("events of %s", (_name, make) => {
  it("reach the subscribers of their topic, in order, once subscribed", async () => {
    const events = make();
    await events.publish("a", 0);
    const [one, two, other] = [
      await events.subscribe("a"),
      await events.subscribe("a"),
      await events.subscribe("b"),
    ];
    await events.publish("a", { n: 1 });
    await events.publish("a", { n: 2 });
    await events.publish("b", { n: 3 });
    expect([await valueOf(one.next()), await valueOf(one.next())]).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await valueOf(two.next())).toEqual({ n: 1 });
    expect(await valueOf(other.next())).toEqual({ n: 3 });
    await events.close();
    expect(await valueOf(two.next())).toEqual({ n: 2 });
    expect(await valueOf(two.next())).toBe("over");
  });

  it("end for a subscriber that is too slow, with an error, and for nobody else", async () => {
    const events = make();
    const [slow, quick] = [await events.subscribe("a"), await events.subscribe("a")];
    for (let n = 0; n <= 1000; n++) {
      const next = quick.next();
      await events.publish("a", n);
      expect(await valueOf(next)).toBe(n);
    }
    await expect(slow.next()).rejects.toThrow(lostMessage);
    expect(await valueOf(slow.next())).toBe("over");
    const next = quick.next();
    await events.publish("a", "on");
    expect(await valueOf(next)).toBe("on");
    await events.close();
  });

  it("end when the subscriber leaves, also while it waits", async () => {
    const events = make();
    const queue = await events.subscribe("a");
    const waiting = queue.next();
    await queue.return?.();
    expect(await valueOf(waiting)).toBe("over");
    await events.publish("a", 1);
    expect(await valueOf(queue.next())).toBe("over");
    await events.close();
    await expect(events.subscribe("a")).rejects.toThrow("closed");
  });

  it("leave nothing behind after 10,000 subscribers", async () => {
    const events = make();
    const decode = vi.spyOn(JSON, "parse");
    for (let i = 0; i < 10_000; i++) {
      const queue = await events.subscribe(`topic${i % 10}`);
      await queue.return?.();
    }
    for (let i = 0; i < 10; i++) await events.publish(`topic${i}`, {});
    // Without subscribers no event is parsed.
    expect(decode).not.toHaveBeenCalled();
    await events.close();
  });

  it("are copied once for all subscribers", async () => {
    const events = make();
    const queues = await Promise.all(Array.from({ length: 3 }, () => events.subscribe("a")));
    const record = { n: 1 };
    await events.publish("a", record);
    const values = await Promise.all(queues.map((queue) => valueOf(queue.next())));
    expect(values).toEqual([record, record, record]);
    expect(new Set([...values, record]).size).toBe(2);
    await events.close();
  });
});

describe("a shared channel", () => {
  it("ends all subscribers when the connection is lost, and connects for the next", async () => {
    const channel = new TestChannel();
    const events = new SharedEvents(channel);
    const [one, two] = [await events.subscribe("a"), await events.subscribe("b")];
    expect(channel.connections).toBe(1);
    const waiting = one.next();
    await events.publish("b", 1);
    channel.lose();
    await expect(waiting).rejects.toThrow(lostMessage);
    expect(await valueOf(two.next())).toBe(1);
    await expect(two.next()).rejects.toThrow(EventsLost);
    expect(channel.connections).toBe(0);
    expect(lines).toEqual([
      "authmodes: events of the test do not arrive (cut); subscriptions end, and new ones are rejected",
    ]);
    const next = (await events.subscribe("a")).next();
    await events.publish("a", 2);
    expect(await valueOf(next)).toBe(2);
    expect(lines.slice(1)).toEqual(["authmodes: events of the test arrive again"]);
    await events.close();
    expect(channel.connections).toBe(0);
  });

  it("rejects while it is down, asking once a second, and not later", async () => {
    vi.useFakeTimers();
    const channel = new TestChannel();
    channel.isDown = true;
    const listen = vi.spyOn(channel, "listen");
    const events = new SharedEvents(channel);
    for (let i = 0; i < 5; i++) await expect(events.subscribe("a")).rejects.toThrow(EventsLost);
    expect(listen).toHaveBeenCalledTimes(1);
    expect(lines).toHaveLength(1);
    await expect(events.publish("a", 1)).rejects.toThrow("down");
    channel.isDown = false;
    await vi.advanceTimersByTimeAsync(1000);
    await events.subscribe("a");
    await events.close();
  });

  it("rejects after 5 seconds if nothing arrives, as behind a pooler", async () => {
    vi.useFakeTimers();
    const channel = new TestChannel();
    channel.isMute = true;
    const subscribing = new SharedEvents(channel).subscribe("a");
    const rejected = messageOf(subscribing);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await rejected).toBe(lostMessage);
    expect(channel.connections).toBe(0);
    expect(lines[0]).toContain("no answer within 5 seconds");
  });

  it("closes a connection that comes too late", async () => {
    vi.useFakeTimers();
    const channel = new TestChannel();
    let connect = () => {};
    let closed = 0;
    channel.listen = () => new Promise((resolve) => (connect = () => resolve(() => void closed++)));
    const rejected = messageOf(new SharedEvents(channel).subscribe("a"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await rejected).toBe(lostMessage);
    connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toBe(1);
  });

  it("is lost if it falls silent, and stays while it is quiet", async () => {
    vi.useFakeTimers();
    const channel = new TestChannel();
    const events = new SharedEvents(channel);
    const waiting = (await events.subscribe("a")).next();
    const result = messageOf(waiting);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(lines).toEqual([]);
    channel.isMute = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await result).toBe(lostMessage);
    expect(lines[0]).toContain("nothing arrived for 10 seconds");
  });

  it("can be closed while it connects", async () => {
    vi.useFakeTimers();
    const channel = new TestChannel();
    const events = new SharedEvents(channel);
    const rejected = messageOf(events.subscribe("a"));
    await events.close();
    expect(await rejected).toBe(lostMessage);
    expect(channel.connections).toBe(0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(vi.getTimerCount()).toBe(0);
    expect(lines).toEqual([]);
  });

  it("is lost if the connection ends as it starts", async () => {
    const channel = new TestChannel();
    channel.listen = async (receive, lost) => {
      channel.send = async (text) => {
        receive(text);
        lost(new Error("cut"));
      };
      return () => {};
    };
    await expect(new SharedEvents(channel).subscribe("a")).rejects.toThrow(EventsLost);
    expect(lines).toHaveLength(1);
  });

  it("loses no subscriber, whenever the connection ends", async () => {
    for (let turns = 0; turns < 40; turns++) {
      const channel = new TestChannel();
      const subscribing = new SharedEvents(channel).subscribe("a").then((queue) => queue.next());
      const outcome = messageOf(subscribing);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      channel.lose();
      const later = new Promise((resolve) => setTimeout(resolve, 20, `waits for ever after ${turns} turns`));
      // Before it connects there is nothing to lose.
      if (lines.splice(0).length > 0) expect(await Promise.race([outcome, later])).toBe(lostMessage);
    }
  });

  it("ends the subscribers for a text that is no event, and quotes nothing of it", async () => {
    const channel = new TestChannel();
    const events = new SharedEvents(channel);
    const waiting = (await events.subscribe("a")).next();
    const result = messageOf(waiting);
    await channel.send("b {secret");
    await channel.send("secret");
    await channel.send("a {secret");
    expect(await result).toBe(lostMessage);
    expect(lines.join()).toContain("a text is not an event");
    expect(lines.join()).not.toContain("secret");
    await events.close();
  });

  it("takes no topic that would not arrive, or would arrive as another", async () => {
    const channel = new TestChannel();
    for (const events of [new SharedEvents(channel), memoryEvents()]) {
      for (const topic of ["", "a b", "a\n", "\u00e9"]) {
        await expect(events.publish(topic, 1)).rejects.toThrow(TypeError);
        await expect(events.subscribe(topic)).rejects.toThrow(TypeError);
      }
    }
    expect(channel.texts).toEqual([]);
  });

  it("gives up a publish after 5 seconds", async () => {
    vi.useFakeTimers();
    const channel = new TestChannel();
    channel.send = () => new Promise(() => {});
    const result = messageOf(new SharedEvents(channel).publish("a", 1));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await result).toBe("no answer within 5 seconds");
  });

  it("sends the name of the subscription and the record, nothing else", async () => {
    const channel = new TestChannel();
    await new SharedEvents(channel).publish("onCreateOrder", { id: "1" });
    expect(channel.texts).toEqual([`onCreateOrder {"id":"1"}`]);
  });
});

// apps/shared/src/data/events.test.ts has a server.
it("takes a client of Redis whose publish returns no promise", async () => {
  const sent: string[] = [];
  const publish = ((_channel: string, text: string) => void sent.push(text)) as never;
  const events = redisEvents({ publish, duplicate: () => never() });
  await events.publish("onCreateOrder", { id: "1" });
  expect(sent).toHaveLength(1);
});

function never(): never {
  throw new Error("nobody subscribes");
}

it("shows no password of an error of ioredis that only the subscription gets", async () => {
  const command = { name: "auth", args: ["s3cret"] };
  const denied = Object.assign(new Error("WRONGPASS invalid password"), { command });
  const listener = { subscribe: () => Promise.reject(denied), on: () => {}, disconnect: () => {} };
  const events = redisEvents({ publish: async () => 1, duplicate: () => listener });
  const error: unknown = await events.subscribe("a").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ cause: { message: denied.message } });
  expect(inspect([error, lines], { depth: null, showHidden: true })).not.toContain("s3cret");
  await events.close();
});

describe("the text of an event", () => {
  it.each([
    [{ id: "1", n: 1.5, yes: true, none: null, list: [1, [2]], inner: { a: {} } }],
    [{ at: new Date("2026-01-02T03:04:05.678Z"), list: [new Date(0)] }],
    [{ big: 2n ** 70n, negative: -1n }],
    [{ bytes: new Uint8Array([0, 128, 255]) }],
    [{ text: "é😀\u0000\u2028\ud800" }],
    [{ $date: "2026-01-02" }],
    [{ inner: { $bigint: "no number" }, $$: { $object: { $bytes: "x" } } }],
    [{ inner: { $$date: "x" } }],
    [{ $date: 1, other: 2 }],
    [JSON.parse(`{"__proto__": {"a": 1}, "constructor": 1}`)],
    ["text"],
    [7],
  ])("becomes the same event: %o", (event) => {
    expect(fromText(toText(event))).toEqual(event);
  });

  it("has dates of the class Date, and what toJSON returns", () => {
    const money = { cents: 1, toJSON: () => "0.01" };
    const event = fromText(toText({ at: new Date(0), bad: new Date(Number.NaN), money, gone: undefined }));
    expect(event).toEqual({ at: new Date(0), bad: null, money: "0.01" });
  });

  const circle: Record<string, unknown> = {};
  circle["again"] = [circle, circle];
  it.each([
    [{ a: [{ b: () => 1 }] }, "the record.a[0].b is a function"],
    [{ a: Symbol("x") }, "the record.a is a symbol"],
    [{ a: new Map() }, "the record.a is neither a list nor plain data"],
    [{ a: Promise.resolve(1) }, "the record.a is neither a list nor plain data"],
    [circle, "nests deeper than 100 levels"],
    [{ a: "x".repeat(2 ** 18) }, "has 262152 characters as JSON: an event can have 262144"],
  ])("does not exist for %o", (event, message) => {
    expect(() => toText(event)).toThrow(message);
  });
});

it("rejects a subscriber if PostgreSQL ends a connection in the packet that opens it", async () => {
  const release = vi.fn<(broken: boolean) => void>();
  const client = Object.assign(new EventEmitter(), {
    query: async () => Promise.reject(new Error("is not queryable")),
    release,
  });
  const events = postgresEvents({
    connect: (callback) =>
      void setImmediate(() => {
        callback(undefined, client);
        // Throws without a listener, which fails the run.
        client.emit("error", new Error("terminating connection"));
      }),
    query: async () => 1,
  });
  await expect(events.subscribe("a")).rejects.toThrow(EventsLost);
  await events.close();
  await vi.waitFor(() => expect(release.mock.calls).toEqual([[true]]));
});

describe("what is no client", () => {
  const redis = { publish: async () => 1, duplicate: () => ({}) as never };
  const pool = { connect: () => {}, query: async () => 1 };
  it.each([
    [() => redisEvents({} as never), "takes a client of ioredis"],
    [() => redisEvents(redis, { chanel: "x" } as object), "has no option 'chanel'. Write 'channel'"],
    [() => redisEvents(redis, { channel: "" }), "channel is a name"],
    [() => postgresEvents("postgres://x" as never), "takes a Pool of pg"],
    [() => postgresEvents(pool, { channel: `a"; DROP TABLE x; --` }), "letters, digits and _"],
  ])("throws: %#", (make, message) => {
    expect(make).toThrow(message);
  });
});
