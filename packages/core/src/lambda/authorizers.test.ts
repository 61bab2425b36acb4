import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { lambda } from "../modes/lambda.ts";
import { AuthError } from "../refusal/error.ts";
import { startEcho } from "../test/echo.ts";
import { listen, serveLambda } from "../test/lambda-server.ts";
import type { AppSyncAuthorizerEvent } from "./authorizer-events.ts";
import type { LambdaCallback, LambdaContext } from "./authorizers.ts";

const token = { authorization: "custom-secret" };
const yes = { isAuthorized: true, resolverContext: { from: "here" } };
const accepted = { status: 200, body: { resolverContext: { from: "here" } } };
const failed = { status: 503, reason: "authorizer_failed", retryAfter: "5" };

describe("an authorizer that is a function", () => {
  it.each([
    ["is async", async () => yes],
    ["returns", () => yes],
    ["calls back", (_event: object, _context: object, callback: LambdaCallback) => callback(null, yes)],
    [
      "calls back later",
      (_event: object, _context: object, callback: LambdaCallback) => {
        setTimeout(() => callback(undefined, yes), 1);
      },
    ],
    // eslint-disable-next-line typescript/no-unused-vars -- three parameters, and a promise all the same
    [
      "takes a callback and is async",
      async (_event: object, _context: object, _callback: LambdaCallback) => yes,
    ],
  ])("may be one that %s", async (_, authorizer) => {
    const ask = await serveLambda({ authorizer });
    expect(await ask({ headers: token })).toMatchObject(accepted);
  });

  it("is told how long it has", async () => {
    const contexts: LambdaContext[] = [];
    const authorizer = (_: AppSyncAuthorizerEvent, context: LambdaContext) => {
      contexts.push(context);
      return { ...yes, resolverContext: { left: context.getRemainingTimeInMillis() } };
    };
    const ask = await serveLambda({ authorizer, timeoutSeconds: 7 });
    const { body } = await ask({ headers: token });
    const left = (body as { resolverContext: { left: number } }).resolverContext.left;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(7000);
    expect(contexts[0]).toMatchObject({ functionName: "authorizer", awsRequestId: expect.any(String) });
  });

  it("gets an event of its own each time", async () => {
    const tokens: string[] = [];
    const authorizer = (event: AppSyncAuthorizerEvent) => {
      tokens.push(event.authorizationToken);
      event.authorizationToken = "changed";
      return yes;
    };
    const ask = await serveLambda({ authorizer });
    await ask({ headers: token });
    await ask({ headers: token });
    expect(tokens).toEqual(["custom-secret", "custom-secret"]);
  });

  it.each([
    ["rejects", () => Promise.reject(new TypeError("cannot read custom-secret"))],
    [
      "throws",
      () => {
        throw new TypeError("cannot read custom-secret");
      },
    ],
    [
      "calls back with an error",
      (_event: object, _context: object, callback: LambdaCallback) =>
        callback(new TypeError("cannot read custom-secret")),
    ],
  ])("rejects the request if it %s, and its message stays out of the log", async (_, authorizer) => {
    const ask = await serveLambda({ authorizer });
    const told = await ask({ headers: token });
    expect(told).toMatchObject(failed);
    expect(told.event).toMatchObject({
      detail: "the authorizer threw TypeError",
      cause: expect.any(TypeError),
    });
    expect(JSON.stringify([told.body, told.event?.detail])).not.toContain("secret");
  });

  it.each([
    ["text", "nonsense"],
    ["nothing", undefined],
  ])("rejects the request if it throws %s", async (_, thrown) => {
    // eslint-disable-next-line typescript/prefer-promise-reject-errors -- what a handler may do
    const ask = await serveLambda({ authorizer: () => Promise.reject(thrown) });
    expect(await ask({ headers: token })).toMatchObject(failed);
  });

  it("rejects the request if its answer is not JSON", async () => {
    const circular: Record<string, unknown> = { isAuthorized: true };
    circular["resolverContext"] = circular;
    const ask = await serveLambda({ authorizer: () => circular });
    expect(await ask({ headers: token })).toMatchObject(failed);
  });

  it("may say in its own words why it refuses", async () => {
    const authorizer = () => Promise.reject(new AuthError("credentials_expired", "session_over"));
    const ask = await serveLambda({ authorizer });
    expect(await ask({ headers: token })).toMatchObject({ status: 401, reason: "session_over" });
  });
});

describe("an authorizer that takes too long", () => {
  it("is given up, whatever it does afterwards", async () => {
    let reject: ((error: Error) => void) | undefined;
    const authorizer = () => new Promise((_, fail) => (reject = fail));
    const ask = await serveLambda({ authorizer, timeoutSeconds: 0.05 });
    expect(await ask({ headers: token })).toMatchObject({
      status: 503,
      reason: "authorizer_timeout",
      retryAfter: "5",
    });
    reject?.(new Error("too late"));
    expect((await ask({ headers: token })).reason).toBe("authorizer_timeout");
  });

  it("gives its place back", async () => {
    const ask = await serveLambda({
      authorizer: () => new Promise(() => {}),
      timeoutSeconds: 0.05,
      maxConcurrent: 1,
    });
    for (let i = 0; i < 2; i++) expect((await ask({ headers: token })).reason).toBe("authorizer_timeout");
  });

  it("has its connection closed", async () => {
    let signal: AbortSignal | null | undefined;
    const fetch: typeof globalThis.fetch = (_, init) => {
      signal = init?.signal;
      return new Promise(() => {});
    };
    const ask = await serveLambda({
      authorizer: { url: "https://authorizer.example/", fetch },
      timeoutSeconds: 0.05,
    });
    expect((await ask({ headers: token })).reason).toBe("authorizer_timeout");
    expect(signal?.aborted).toBe(true);
  });
});

describe("calls of an authorizer", () => {
  it("are capped, and come back when one is over", async () => {
    const open: (() => void)[] = [];
    const running = (count: number) => vi.waitUntil(() => open.length === count, { timeout: 10_000 });
    const authorizer = () => new Promise((resolve) => open.push(() => resolve(yes)));
    const ask = await serveLambda({ authorizer, maxConcurrent: 2 });
    const first = [0, 1].map(async (i) => ask({ headers: { authorization: `t${i}` } }));
    await running(2);
    expect(await ask({ headers: token })).toMatchObject({
      status: 503,
      reason: "authorizer_busy",
      retryAfter: "1",
    });
    expect(open).toHaveLength(2);
    for (const finish of open) finish();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    const last = ask({ headers: token });
    await running(3);
    open[2]?.();
    expect((await last).status).toBe(200);
  });
});

describe("an authorizer at an HTTP endpoint", () => {
  it("is sent the event as JSON, with the headers it was given", async () => {
    const received: unknown[] = [];
    const url = await listen((incoming, outgoing) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        const { method, headers } = incoming;
        received.push(method, headers["content-type"], headers["x-secret"]);
        received.push(JSON.parse(Buffer.concat(chunks).toString()));
        outgoing.end(JSON.stringify(yes));
      })();
    });
    const headers = { "X-Secret": "s", "Content-Type": "text/plain" };
    const ask = await serveLambda({ authorizer: { url, headers } });
    expect(await ask({ headers: token })).toMatchObject(accepted);
    expect(received).toMatchObject([
      "POST",
      "application/json",
      "s",
      { authorizationToken: "custom-secret" },
    ]);
  });

  it.each([
    ["an error status", 500, {}, JSON.stringify(yes), "authorizer_failed"],
    ["a refusal", 401, {}, JSON.stringify(yes), "authorizer_failed"],
    ["too much", 200, {}, `{"isAuthorized":true,"x":"${"a".repeat(1024 * 1024)}"}`, "authorizer_failed"],
    [
      "what Lambda says of a failed function",
      200,
      {},
      '{"errorMessage":"x","isAuthorized":true}',
      "authorizer_failed",
    ],
    ["a page", 200, {}, "<html>", "authorizer_answer_malformed"],
    ["nothing", 200, {}, "", "authorizer_answer_malformed"],
  ])("rejects the request if it answers with %s", async (_, status, headers, body, reason) => {
    const url = await listen((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(status, headers).end(body);
    });
    const ask = await serveLambda({ authorizer: { url } });
    expect(await ask({ headers: token })).toMatchObject({ status: 503, reason });
  });

  it("shows nothing of an answer that is not JSON", async () => {
    const ask = await serveLambda({ authorizer: { invoke: async () => "s3cret" } });
    const { event } = await ask({ headers: token });
    expect(event).toMatchObject({ detail: "the authorizer's answer is unusable: it is not JSON" });
    expect(inspect(event, { depth: null, showHidden: true })).not.toContain("s3cret");
  });

  it("is not followed elsewhere", async () => {
    let asked = 0;
    const elsewhere = await listen((incoming, outgoing) => {
      asked++;
      incoming.resume();
      outgoing.end(JSON.stringify(yes));
    });
    for (const status of [302, 307]) {
      const url = await listen((incoming, outgoing) => {
        incoming.resume();
        outgoing.writeHead(status, { location: elsewhere }).end(JSON.stringify(yes));
      });
      const ask = await serveLambda({ authorizer: { url } });
      expect(await ask({ headers: token })).toMatchObject(failed);
    }
    expect(asked).toBe(0);
  });

  it("rejects the request if it is down", async () => {
    const ask = await serveLambda({ authorizer: { url: "http://127.0.0.1:1/" } });
    expect(await ask({ headers: token })).toMatchObject({
      ...failed,
      event: { detail: "the authorizer's endpoint did not answer", cause: { message: "fetch failed" } },
    });
  });

  it("shows nothing of what was sent, also if a server that is not HTTP sends it back", async () => {
    const url = `${await startEcho()}/check?code=s3cret`;
    const ask = await serveLambda({ authorizer: { url, headers: { "x-secret": "s3cret" } } });
    const { event } = await ask({ headers: { authorization: "s3cret" } });
    expect(event).toMatchObject({ reason: "authorizer_failed", cause: { message: "fetch failed" } });
    expect(inspect(event, { depth: null, showHidden: true })).not.toContain("s3cret");
  });

  it("does not show the value of a header that HTTP cannot carry", () => {
    const headers = { "x-secret": "s3\ncret" };
    const make = () => lambda({ authorizer: { url: "https://authorizer.example", headers } });
    expect(make).toThrow(
      new TypeError("lambda(): the authorizer's headers have a name or a value that HTTP cannot carry"),
    );
  });

  it("gets the headers of a Headers object too", async () => {
    const sent: unknown[] = [];
    const fetch: typeof globalThis.fetch = (_input, init) => {
      sent.push(new Headers(init?.headers).get("x-secret"));
      return Promise.resolve(Response.json(yes));
    };
    const headers = new Headers({ "x-secret": "s3cret" }) as unknown as Record<string, string>;
    const ask = await serveLambda({ authorizer: { url: "https://authorizer.example", headers, fetch } });
    expect(await ask({ headers: token })).toMatchObject(accepted);
    expect(sent).toEqual(["s3cret"]);
  });

  it("rejects with 503 whatever the fetch throws", async () => {
    const thrown = Object.assign(new AuthError("credentials_refused", "other"), { stack: [1] });
    const ask = await serveLambda({
      authorizer: { url: "https://authorizer.example", fetch: () => Promise.reject(thrown) },
    });
    expect(await ask({ headers: token })).toMatchObject(failed);
  });

  it("is asked through the fetch that it was given", async () => {
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      urls.push(String(input instanceof Request ? input.url : input));
      return Promise.resolve(Response.json(yes));
    };
    const ask = await serveLambda({ authorizer: { url: "https://authorizer.example/check", fetch } });
    expect(await ask({ headers: token })).toMatchObject(accepted);
    expect(urls).toEqual(["https://authorizer.example/check"]);
  });
});

describe("an authorizer on Lambda", () => {
  it("is invoked with the event as JSON and may answer with text or bytes", async () => {
    const payloads: string[] = [];
    for (const answer of [JSON.stringify(yes), new TextEncoder().encode(JSON.stringify(yes))]) {
      const invoke = (payload: string) => (payloads.push(payload), Promise.resolve(answer));
      const ask = await serveLambda({ authorizer: { invoke } });
      expect(await ask({ headers: token })).toMatchObject(accepted);
    }
    expect(JSON.parse(payloads[0] ?? "")).toMatchObject({ authorizationToken: "custom-secret" });
  });

  it("keeps the client's `this`", async () => {
    class Client {
      readonly #answer = JSON.stringify(yes);
      invoke(): Promise<string> {
        return Promise.resolve(this.#answer);
      }
    }
    const ask = await serveLambda({ authorizer: new Client() });
    expect(await ask({ headers: token })).toMatchObject(accepted);
  });

  it("rejects the request if it rejects, or if its error was ignored", async () => {
    for (const invoke of [
      () => Promise.reject(new Error("AccessDenied")),
      () => Promise.resolve('{"errorMessage":"boom","errorType":"Error"}'),
    ]) {
      const ask = await serveLambda({ authorizer: { invoke } });
      expect(await ask({ headers: token })).toMatchObject(failed);
    }
  });
});
