import { once } from "node:events";
import {
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, Socket } from "node:net";
import { setImmediate as tick } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "../auth/events.ts";
import { apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { keepBody, nodeView, type NodeRequest } from "./node.ts";
import { stateOf, viewState } from "./state.ts";
import { parsePublicUrl } from "../lib/urls.ts";
import express from "express";

const cap = 100;

/** Serves until the test is over. */
async function serve(listener: RequestListener, options: ServerOptions = {}): Promise<number> {
  const server = createServer(options, listener);
  return listen(server);
}

async function listen(server: Pick<Server, "listen" | "address" | "close">): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server as Server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A connection on which a test writes what it likes, when it likes, and reads answers one by one. */
class Wire {
  #text = "";
  #closed = false;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (chunk) => (this.#text += chunk.toString("latin1")));
    this.socket.on("error", () => {}).on("close", () => (this.#closed = true));
    onTestFinished(() => void this.socket.destroy());
  }

  write(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** The body of the next answer. */
  async answer(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(this.#text.slice(0, end))?.[1] ?? "0");
      if (end !== -1 && this.#text.length >= end + 4 + length) {
        const body = this.#text.slice(end + 4, end + 4 + length);
        this.#text = this.#text.slice(end + 4 + length);
        return body;
      }
      if (this.#closed) return "(closed)";
      await tick();
    }
  }
}

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const head = (path: string, ...headers: string[]) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
const chunked = (path: string, ...chunks: string[]) =>
  head(path, "Transfer-Encoding: chunked") + [...chunks, ""].map(chunk).join("");
const sized = (path: string, body: string) => head(path, `Content-Length: ${body.length}`) + body;

async function bodyOf(request: IncomingMessage, maxBytes = cap): Promise<string> {
  try {
    return Buffer.from(await nodeView(request).body(maxBytes)).toString("latin1");
  } catch (error) {
    return error instanceof AuthError ? error.reason : String(error);
  }
}

/** What handlers do: listen to events, iterate, pipe. */
const readers: Readonly<Record<string, (request: IncomingMessage) => Promise<string>>> = {
  events: (request) =>
    new Promise((resolve) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString("latin1"))).on("end", () => resolve(text));
    }),
  iteration: async (request) => {
    let text = "";
    for await (const part of request) text += (part as Buffer).toString("latin1");
    return text;
  },
  readable: (request) =>
    new Promise((resolve) => {
      let text = "";
      request.on("readable", () => {
        for (let part: Buffer | null; (part = request.read() as Buffer | null) !== null;)
          text += part.toString("latin1");
      });
      request.on("end", () => resolve(text));
    }),
};

/** Reads for the signature, waits as long as a key look-up might, then reads as a handler does. */
function reading(kind: string, pause: () => Promise<unknown> = () => Promise.resolve()): RequestListener {
  return (request, response) => {
    void (async () => {
      await pause();
      const seen = await bodyOf(request);
      await pause();
      const handled = await readers[kind]?.(request);
      response.end(JSON.stringify([request.url, seen, handled]));
    })();
  };
}

const pauses: Readonly<Record<string, () => Promise<unknown>>> = {
  "at once": () => Promise.resolve(),
  "after a turn of the loop": () => tick(),
  "after a while": async () => {
    for (let i = 0; i < 20; i++) await tick();
  },
};

describe.each(Object.keys(readers))("a body read for its signature, then by %s", (kind) => {
  describe.each(Object.entries(pauses))("%s", (_name, pause) => {
    it.each([
      ["none", head("/x", "X-A: b"), ""],
      ["of no bytes", head("/x", "Content-Length: 0"), ""],
      ["of no chunks", chunked("/x"), ""],
      ["of a known length", sized("/x", "title=Dune"), "title=Dune"],
      ["of one chunk", chunked("/x", "title=Dune"), "title=Dune"],
      ["of many chunks", chunked("/x", "title", "=", "Dune"), "title=Dune"],
      ["as large as it may be", sized("/x", "a".repeat(cap)), "a".repeat(cap)],
    ])("is there twice: %s", async (_what, text, body) => {
      const wire = new Wire(await serve(reading(kind, pause)));
      expect(await wire.write(text).answer()).toBe(JSON.stringify(["/x", body, body]));
    });

    it("is there twice when it comes slowly, piece by piece", async () => {
      const wire = new Wire(await serve(reading(kind, pause)));
      const texts = [sized("/sized", "title=Dune"), chunked("/chunked", "title", "=Dune"), chunked("/empty")];
      for (const text of texts) {
        for (const letter of text) {
          wire.write(letter);
          await tick();
        }
        const [path, seen, handled] = JSON.parse(await wire.answer()) as string[];
        expect([seen, handled]).toEqual(path === "/empty" ? ["", ""] : ["title=Dune", "title=Dune"]);
      }
    });

    it("belongs to its own request on a connection with several, sent ahead", async () => {
      const wire = new Wire(await serve(reading(kind, pause)));
      wire.write(
        [sized("/1", "one"), chunked("/2", "tw", "o"), chunked("/3"), head("/4"), sized("/5", "five")].join(
          "",
        ),
      );
      const answers = [];
      for (let i = 0; i < 5; i++) answers.push(JSON.parse(await wire.answer()));
      expect(answers).toEqual([
        ["/1", "one", "one"],
        ["/2", "two", "two"],
        ["/3", "", ""],
        ["/4", "", ""],
        ["/5", "five", "five"],
      ]);
    });
  });
});

describe("a body over the cap", () => {
  /** Refuses as an adapter does; on `/reports` the handler goes on all the same. */
  const refusing: RequestListener = (request, response) => {
    void bodyOf(request).then(async (seen) => {
      const handled = request.url === "/reports" ? await readers["events"]?.(request) : "";
      response.end(JSON.stringify([seen, handled?.length]));
    });
  };

  it("is refused by its length alone, and the connection serves the next request", async () => {
    const wire = new Wire(await serve(refusing));
    wire.write(head("/", `Content-Length: ${cap + 1}`));
    expect(await wire.answer()).toBe('["body_too_large",0]');
    wire.write("a".repeat(cap + 1) + sized("/", "next"));
    expect(await wire.answer()).toBe('["next",0]');
  });

  it("is refused as soon as too much of it came, and the connection serves the next request", async () => {
    const wire = new Wire(await serve(refusing));
    const large = Array.from({ length: 50 }, () => "a".repeat(50_000));
    wire.write(chunked("/", ...large) + sized("/", "next"));
    expect(await wire.answer()).toBe('["body_too_large",0]');
    expect(await wire.answer()).toBe('["next",0]');
  });

  it("is whole for a handler that goes on all the same", async () => {
    const wire = new Wire(await serve(refusing));
    wire.write(
      chunked("/reports", "a".repeat(60), "b".repeat(60), "c".repeat(60)) +
        sized("/reports", "d".repeat(101)),
    );
    expect(await wire.answer()).toBe('["body_too_large",180]');
    expect(await wire.answer()).toBe('["body_too_large",101]');
  });
});

describe("a body that does not arrive", () => {
  /** Otherwise Node closes the connection itself when it is quiet for five seconds. */
  const neverIdle = { keepAliveTimeout: 0 };

  /** Timers stand still, the network does not. */
  function holdTimers(): void {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
  }

  async function until(happened: () => boolean): Promise<void> {
    while (!happened()) await tick();
  }

  /** A server that answers with what it saw of each body, and how much of them it has seen so far. */
  async function start(): Promise<{ wire: Wire; seen: string[]; read: () => number }> {
    holdTimers();
    const seen: string[] = [];
    let request: IncomingMessage | undefined;
    const port = await serve((incoming, response) => {
      request = incoming;
      void bodyOf(incoming).then((reason) => {
        seen.push(reason);
        response.end(reason);
      });
    }, neverIdle);
    return { wire: new Wire(port), seen, read: () => request?.socket.bytesRead ?? 0 };
  }

  it.each([
    ["of a known length", head("/", "Content-Length: 50") + "abc"],
    ["in chunks", head("/", "Transfer-Encoding: chunked") + chunk("abc")],
    ["of which nothing arrives", head("/", "Content-Length: 50")],
  ])("is given up after 30 seconds without a byte, and its connection with it: %s", async (_what, text) => {
    const { wire, seen } = await start();
    wire.write(text);
    await until(() => vi.getTimerCount() > 0);
    for (let i = 0; i < 20; i++) await tick();
    vi.advanceTimersByTime(29_999);
    for (let i = 0; i < 20; i++) await tick();
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await wire.answer()).toBe("body_timeout");
    expect(vi.getTimerCount()).toBe(0);
    expect(await wire.answer()).toBe("(closed)");
  });

  it("is given up after 300 seconds, however steadily it comes", async () => {
    const { wire, seen, read } = await start();
    wire.write(head("/", "Content-Length: 50"));
    await until(() => vi.getTimerCount() > 0);
    for (let second = 25; second < 300; second += 25) {
      vi.advanceTimersByTime(25_000);
      const before = read();
      wire.write("a");
      await until(() => read() > before);
      for (let i = 0; i < 20; i++) await tick();
    }
    vi.advanceTimersByTime(24_999);
    for (let i = 0; i < 20; i++) await tick();
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await wire.answer()).toBe("body_timeout");
  });

  it("leaves no timer behind if it arrives after all, is too large or breaks off", async () => {
    const { wire } = await start();
    wire.write(head("/", "Content-Length: 3"));
    await until(() => vi.getTimerCount() > 0);
    wire.write("abc" + chunked("/", "a".repeat(60), "b".repeat(60)) + sized("/", "next"));
    expect([await wire.answer(), await wire.answer(), await wire.answer()]).toEqual([
      "abc",
      "body_too_large",
      "next",
    ]);
    wire.write(head("/", "Content-Length: 50"));
    await until(() => vi.getTimerCount() > 0);
    wire.socket.destroy();
    await until(() => vi.getTimerCount() === 0);
  });

  it("is given up over HTTP/2 without the connection, on which other requests are", async () => {
    holdTimers();
    const server = createHttp2Server((request, response) => {
      void bodyOf(request as unknown as NodeRequest).then((reason) => response.end(reason));
    });
    const client = connectHttp2(`http://127.0.0.1:${await listen(server as unknown as Server)}`);
    onTestFinished(() => client.close());
    const stream = client.request({ ":method": "POST", ":path": "/" });
    stream.write("abc");
    await until(() => vi.getTimerCount() > 0);
    vi.advanceTimersByTime(30_000);
    let text = "";
    stream.on("data", (part: Buffer) => (text += part.toString()));
    await once(stream, "close");
    expect([text, stream.rstCode]).toEqual(["body_timeout", 0]);
    const next = client.request({ ":method": "POST", ":path": "/" }).end("next");
    for await (const part of next) expect((part as Buffer).toString()).toBe("next");
  });
});

describe("an upload that ends too early", () => {
  it.each([
    ["of a known length", head("/", "Content-Length: 50") + "abc"],
    ["in chunks", head("/", "Transfer-Encoding: chunked") + chunk("abc")],
  ])("is refused, %s", async (_what, text) => {
    let report: (reason: string) => void = () => {};
    const reported = new Promise<string>((resolve) => (report = resolve));
    const wire = new Wire(await serve((request) => void bodyOf(request).then(report)));
    wire.write(text);
    await once(wire.socket, "connect");
    for (let i = 0; i < 10; i++) await tick();
    wire.socket.destroy();
    expect(await reported).toBe("body_cut");
  });

  it("is rejected also if it was gone before the body was read", async () => {
    let report: (reason: string) => void = () => {};
    const reported = new Promise<string>((resolve) => (report = resolve));
    const wire = new Wire(
      await serve((request) => {
        request.on("error", () => {});
        request.on("close", () => void tick().then(async () => report(await bodyOf(request))));
      }),
    );
    wire.write(head("/", "Content-Length: 50") + "abc");
    await once(wire.socket, "connect");
    for (let i = 0; i < 10; i++) await tick();
    wire.socket.destroy();
    expect(await reported).toBe("body_cut");
  });

  it("is rejected if the server itself gives up the request", async () => {
    let report: (reason: string) => void = () => {};
    const reported = new Promise<string>((resolve) => (report = resolve));
    const port = await serve((request) => {
      void bodyOf(request).then(report);
      void tick().then(() => request.destroy());
    });
    new Wire(port).write(head("/", "Content-Length: 50") + "abc");
    expect(await reported).toBe("body_cut");
  });
});

describe("body parsers", () => {
  async function answerOf(app: ReturnType<typeof express>, text: string): Promise<string> {
    return new Wire(await serve(app as RequestListener)).write(text).answer();
  }
  const json = (body: string) =>
    head("/", "Content-Type: application/json", `Content-Length: ${body.length}`) + body;
  const jsonChunked = (...chunks: string[]) =>
    head("/", "Content-Type: application/json", "Transfer-Encoding: chunked") +
    [...chunks, ""].map(chunk).join("");

  it.each([
    ["of a known length", json('{"title":"Dune"}'), '["{\\"title\\":\\"Dune\\"}",{"title":"Dune"}]'],
    ["in chunks", jsonChunked('{"title"', ':"Dune"}'), '["{\\"title\\":\\"Dune\\"}",{"title":"Dune"}]'],
    ["of no bytes", json(""), '["",{}]'],
    ["of no chunks", jsonChunked(), '["",{}]'],
  ])("find a body %s that was read before them", async (_what, text, expected) => {
    const app = express();
    const seen = new WeakMap<IncomingMessage, string>();
    app.use((request, _response, next) => {
      void bodyOf(request).then((body) => {
        seen.set(request, body);
        next();
      });
    });
    app.use(express.json());
    app.post(
      "/",
      (request, response) => void response.json([seen.get(request), (request.body as unknown) ?? null]),
    );
    expect(await answerOf(app, text)).toBe(expected);
  });

  it("that ran before have to keep the bytes", async () => {
    const app = express();
    app.use(express.json());
    app.post("/", (request, response) => void bodyOf(request).then((body) => response.json([body])));
    expect(await answerOf(app, json("{}"))).toBe('["body_consumed"]');
    expect(await answerOf(app, head("/", "Content-Type: application/json"))).toBe('[""]');
  });

  it("may keep them, as long as they were not inflated", async () => {
    const app = express();
    app.use(express.json({ verify: (request, _response, bytes) => keepBody(request, bytes) }));
    app.post("/", (request, response) => void bodyOf(request, 20).then((body) => response.json([body])));
    expect(await answerOf(app, json('{"a": 1}'))).toBe('["{\\"a\\": 1}"]');
    expect(await answerOf(app, json(`{"a": ${"1".repeat(20)}}`))).toBe('["body_too_large"]');
  });
});

describe("a request that no server received", () => {
  it("has no body if its headers announce none, although it is not marked as complete", async () => {
    const request = new IncomingMessage(new Socket());
    expect(await bodyOf(request)).toBe("");
    expect(request.complete).toBe(false);
  });

  const [urlA, urlB] = ["https://a.example/v1", "https://b.example"].map(parsePublicUrl);

  /** A request as adapters build it: no parser of Node's saw it. */
  const host = ["Host", "a"];

  function built(fields: object): NodeRequest {
    return Object.assign(new IncomingMessage(new Socket()), { complete: true, url: "/x", ...fields });
  }

  it.each<readonly [string, readonly string[] | undefined]>([
    ["shares its raw headers with another", []],
    ["shares frozen raw headers with another", Object.freeze(["X-A", "b"])],
    ["has no raw headers", undefined],
  ])("has a view of its own for each public URL, also if it %s", (_what, rawHeaders) => {
    const [one, other] = [built({ rawHeaders }), built({ rawHeaders })];
    const first = nodeView(one);
    const views = [first, nodeView(one, urlA), nodeView(other, urlA), nodeView(one, urlB), nodeView(other)];
    expect(new Set(views).size).toBe(5);
    const again = [
      nodeView(one),
      nodeView(one, urlA),
      nodeView(other, urlA),
      nodeView(one, urlB),
      nodeView(other),
    ];
    expect(again.every((view, i) => view === views[i])).toBe(true);
    expect(stateOf(one)).not.toBe(stateOf(other));
    expect(views.map(viewState)).toEqual([one, one, other, one, other].map(stateOf));
  });

  it.each<readonly [string, object]>([
    ["no raw headers", { rawHeaders: undefined }],
    ["empty raw headers", { rawHeaders: [] }],
    ["a number among the raw headers", { rawHeaders: ["X-Tenant", "a", "Content-Length", 5] }],
    ["half a header in the raw headers", { rawHeaders: ["X-Tenant"] }],
  ])("is read by its headers if it has %s", (_what, fields) => {
    const headers = {
      Host: "a.example",
      "X-Tenant": "a",
      "content-length": 5,
      authorization: ["one", "two"],
      cookie: ["a=b", "c=d"],
      "x-none": undefined,
      "x-null": null,
    };
    const view = nodeView(built({ ...fields, headers, method: "POST" }));
    expect(view).toMatchObject({ exact: false, host: "a.example", method: "POST", target: "/x" });
    expect(view.rawHeaders).toEqual(
      [
        ["Host", "a.example"],
        ["X-Tenant", "a"],
        ["content-length", "5"],
        ["authorization", "one", "authorization", "two"],
        ["cookie", "a=b", "cookie", "c=d"],
      ].flat(),
    );
    const names = [
      "x-tenant",
      "content-length",
      "authorization",
      "cookie",
      "x-none",
      "x-null",
      "constructor",
    ];
    expect(names.map((name) => view.header(name))).toEqual([
      "a",
      "5",
      "one, two",
      "a=b; c=d",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is read by its raw headers if it has no others, and is text throughout", () => {
    const url = new URL("http://a.example/b?c=d");
    const view = nodeView({ rawHeaders: ["Host", "a.example", "X-A", "b", "x-a", "c"], url } as never);
    expect(view).toMatchObject({ host: "a.example", method: "GET", target: String(url), exact: false });
    expect(view.header("x-a")).toBe("b, c");
    expect(nodeView(built({ rawHeaders: ["Host", "a"], headers: { host: "a" } })).exact).toBe(true);
  });

  it.each<readonly [string, object]>([
    ["raw headers only, beside an empty object", { headers: {}, rawHeaders: ["X-Api-Key", "k"] }],
    ["a list beside text", { headers: { "x-api-key": ["k"] }, rawHeaders: ["x-api-key", "k"] }],
    ["names as they were sent", { headers: { "X-Api-Key": "k" }, rawHeaders: ["X-Api-Key", "k"] }],
    ["Headers", { headers: new Headers({ "X-Api-Key": "k" }) }],
    ["a Map", { headers: new Map([["X-Api-Key", "k"]]), rawHeaders: [] }],
    ["inherited headers", { headers: Object.create({ "x-api-key": "k" }) as object }],
    [
      "a name in capitals that the list lacks",
      { headers: { host: "a", "X-Api-Key": "k" }, rawHeaders: host },
    ],
    ["a list that the list lacks", { headers: { host: "a", "x-api-key": ["k"] }, rawHeaders: host }],
    ["raw headers of an odd number", { headers: {}, rawHeaders: ["x-api-key", "k", "x"] }],
    ["a value that JSON does not know", { headers: { "x-api-key": "k", "x-count": 5n } }],
  ])("hides no credentials: %s", async (_what, fields) => {
    const view = nodeView({ method: "GET", url: "/", ...fields } as never);
    expect([view.header("x-api-key"), view.exact]).toEqual(["k", false]);
    expect(view.rawHeaders.map((text) => text.toLowerCase())).toEqual(
      expect.arrayContaining(["x-api-key", "k"]),
    );
    const auth = createAuth([apiKey({ keys: () => undefined }), none()]);
    auth.onEvent(() => {});
    await expect(auth.authenticate(view)).rejects.toMatchObject({ reason: "api_key_unknown" });
  });

  it("keeps what it was sent if it has a header that was not", async () => {
    const rawHeaders = [...host, "Authorization", "Bearer a", "Authorization", "Bearer b", "X-User", "root"];
    const headers = { host: "a", authorization: "Bearer a", "X-Tenant": "b", "x-level": 5, cookie: "a=b" };
    const view = nodeView(built({ rawHeaders, headers: { ...headers, Cookie: "a=c", Host: "a" } }));
    expect(view.rawHeaders).toEqual([...rawHeaders, "X-Tenant", "b", "x-level", "5", "Cookie", "a=c"]);
    const names = ["host", "x-tenant", "x-level", "cookie", "x-user"];
    expect(names.map((name) => view.header(name))).toEqual(["a", "b", "5", "a=b; a=c", undefined]);
    const auth = createAuth([none()]);
    auth.onEvent(() => {});
    await expect(auth.authenticate(view)).rejects.toMatchObject({ reason: "authorization_repeated" });
  });

  it("is exact also if middleware wrote objects into its headers, which may not be JSON", () => {
    const note: Record<string, unknown> = {};
    note["self"] = note;
    const view = nodeView(built({ rawHeaders: host, headers: { host: "a", note: {}, Note: note } }));
    expect([view.exact, view.rawHeaders, view.header("note")]).toEqual([true, host, undefined]);
  });

  it("is exact also if middleware changed some of its headers, or a client names one __proto__", () => {
    const rawHeaders = ["Host", "a", "X-User", "root", "__proto__", "x", "Set-Cookie", "y"];
    const headers = { host: "a", user: { id: 5 }, "set-cookie": ["y"] };
    const view = nodeView(built({ rawHeaders, headers }));
    expect([view.exact, view.header("x-user"), view.header("user")]).toEqual([true, undefined, undefined]);
  });

  it("has one view also if its raw headers are another list each time", () => {
    const request = Object.defineProperty({ url: "/", headers: { host: "a" } }, "rawHeaders", {
      get: () => ["Host", "a"],
    }) as never;
    expect(nodeView(request)).toBe(nodeView(request));
  });

  it.each([
    {},
    { headers: null },
    { headers: [["x-api-key", "k"]] },
    { headers: {}, rawHeaders: [["x-api-key", "k"]] },
    { headers: "x", rawHeaders: "y" },
  ])("is refused as a mistake of what built it if it has no headers: %j", async (request) => {
    const auth = createAuth([apiKey({ keys: () => undefined }), none()]);
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    await expect(auth.authenticate(nodeView(request as never))).rejects.toMatchObject({
      code: "misconfigured",
      status: 500,
    });
    expect(events).toMatchObject([{ type: "refused", reason: "no_headers" }]);
    expect(events[0]?.detail).toContain("neither rawHeaders nor headers");
  });

  it("has the body that its adapter gives, and keeps it for parsers", async () => {
    const headers = { "content-length": 10 };
    const request = built({ headers, body: Buffer.from("title=Dune") });
    expect(await bodyOf(request)).toBe("title=Dune");
    expect(request.readableDidRead).toBe(false);
    expect(await bodyOf(built({ headers, body: Buffer.from("title=Dune") }), 9)).toBe("body_too_large");
    expect(await bodyOf(built({ headers: { "content-length": 0 }, body: Buffer.of() }))).toBe("");
  });

  it("has the body of its stream, although it says that it is complete before it was asked", async () => {
    for (const [length, rawHeaders] of [
      ["10", ["Content-Length", "10"]],
      [10, []],
    ] as const) {
      const request = built({ headers: { "content-length": length }, rawHeaders });
      request._read = () => {
        request.push("title=Dune");
        request.push(null);
      };
      expect(await bodyOf(request)).toBe("title=Dune");
      expect(await readers["events"]?.(request)).toBe("title=Dune");
    }
  });
});

describe("HTTP/2", () => {
  async function ask(headers: Record<string, string>, parts: readonly string[]): Promise<unknown> {
    const server = createHttp2Server((request, response) => {
      void (async () => {
        const seen = await bodyOf(request as unknown as NodeRequest);
        const handled = await readers["events"]?.(request as unknown as NodeRequest);
        response.end(JSON.stringify([seen, handled]));
      })();
    });
    const port = await listen(server as unknown as Server);
    const client = connectHttp2(`http://127.0.0.1:${port}`);
    onTestFinished(() => client.close());
    const stream = client.request({ ":method": "POST", ":path": "/", ...headers });
    for (const part of parts) {
      stream.write(part);
      await tick();
    }
    stream.end();
    let text = "";
    for await (const part of stream) text += (part as Buffer).toString();
    return JSON.parse(text);
  }

  it.each([
    ["a length", { "content-length": "10" }, ["title", "=Dune"], "title=Dune"],
    ["no length: there may be a body all the same", {}, ["title", "=Dune"], "title=Dune"],
    ["no length and no body", {}, [], ""],
    ["a length of none", { "content-length": "0" }, [], ""],
  ])("says nothing of a body but %s", async (_what, headers, parts, body) => {
    expect(await ask(headers, parts)).toEqual([body, body]);
  });

  it("has a cap too", async () => {
    expect(await ask({}, ["a".repeat(60), "b".repeat(60)])).toEqual([
      "body_too_large",
      "a".repeat(60) + "b".repeat(60),
    ]);
  });
});
