import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { iam as iamMode } from "../modes/iam.ts";
import { type AuthError, type ErrorFormat } from "../index.ts";
import { nodeView } from "../request/node.ts";
import { startOrigin } from "../test/origin.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import type { AwsCredentials } from "./header-source.ts";
import { iam, type AwsCredentialsSource } from "./iam.ts";
import { streamOf } from "./test/calls.ts";

// What servers answer to a signature of another time, and to an expired session: one more try, and the next call is right.

const region = "us-east-1";
const key: AwsCredentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s3cret" };
const session = (name: string): AwsCredentials => ({
  ...key,
  accessKeyId: `ASIA${name}`,
  sessionToken: name,
});

afterEach(() => {
  vi.useRealTimers();
});

function sourceWith(credentials: AwsCredentialsSource = key) {
  return iam({ region, credentials });
}

interface SignedServer {
  readonly url: string;
  /** The reason of each answer, or the access key. */
  readonly outcomes: readonly string[];
}

/** Verifies signatures by a clock that is off. Sessions named `old` have expired. */
async function startServer(errorFormat: ErrorFormat, minutesAhead = 0): Promise<SignedServer> {
  const clock = () => Date.now() + minutesAhead * 60_000;
  const mode = iamMode({
    region,
    credentials: (id) => ({
      secretAccessKey: key.secretAccessKey,
      accountId: "1",
      userArn: "arn:aws:iam::1:user/a",
      ...(id.startsWith("ASIA") && {
        sessionToken: id.slice(4),
        expiresAt: id === "ASIAold" ? 1 : null,
      }),
    }),
  });
  const auth = createAuth([mode], { errorFormat, clock });
  auth.onEvent(() => {});
  const outcomes: string[] = [];
  const server = createServer(async (request, response) => {
    response.setHeader("date", new Date(clock()).toUTCString());
    try {
      const identity = await auth.authenticate(nodeView(request));
      outcomes.push(identity.accessKeyId);
      response.end("welcome");
    } catch (error) {
      const { reason, status, headers, reply } = error as AuthError;
      outcomes.push(reason);
      response.writeHead(status, headers).end(reply.body);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, outcomes };
}

const formats: readonly ErrorFormat[] = ["problem", "apigateway", "appsync"];

describe.each(formats)("a server that answers as %s", (format) => {
  it.each([10, -10])(
    "corrects a clock that is off by %i minutes, and the correction is remembered",
    async (ahead) => {
      const server = await startServer(format, ahead);
      const send = createAuthFetch(sourceWith(), { origins: [server.url] });
      const first = await send(`${server.url}/a`, { method: "POST", body: "once more" });
      expect([first.status, await first.text()]).toEqual([200, "welcome"]);
      expect((await send(`${server.url}/b`)).status).toBe(200);
      expect(server.outcomes).toEqual(["date_skewed", "AKIDEXAMPLE", "AKIDEXAMPLE"]);
    },
  );

  it("corrects the clock of all calls that wait at the same time", async () => {
    const server = await startServer(format, 10);
    const send = createAuthFetch(sourceWith(), { origins: [server.url] });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(server.url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it("has an expired session renewed once, and the new one is remembered", async () => {
    const server = await startServer(format);
    const asked: unknown[] = [];
    let current = session("old");
    const credentials = async (options?: { readonly forceRefresh?: boolean }) => {
      asked.push(options?.forceRefresh);
      if (options?.forceRefresh === true) current = session("new");
      return current;
    };
    const send = createAuthFetch(sourceWith(credentials), { origins: [server.url] });
    expect((await send(server.url)).status).toBe(200);
    expect((await send(server.url)).status).toBe(200);
    expect(server.outcomes).toEqual(["session_expired", "ASIAnew", "ASIAnew"]);
    expect(asked).toEqual([undefined, undefined, true, undefined]);
  });

  it("does not get a request twice that would be the same", async () => {
    const server = await startServer(format);
    const wrong = { ...key, secretAccessKey: "wrong" };
    const send = createAuthFetch(sourceWith(wrong), { origins: [server.url] });
    const answer = await send(server.url);
    expect([answer.ok, (await answer.text()) !== ""]).toEqual([false, true]);
    expect(server.outcomes).toEqual(["signature_mismatch"]);
    const expired = createAuthFetch(sourceWith(session("old")), { origins: [server.url] });
    expect((await expired(server.url)).ok).toBe(false);
    expect(server.outcomes).toEqual(["signature_mismatch", "session_expired"]);
  });
});

it("a request that would differ by its date alone is not sent again", async () => {
  const server = await startServer("apigateway");
  let ticks = 0;
  const clock = () => Date.now() + 2000 * ticks++;
  const wrong = iam({ region, credentials: { ...key, secretAccessKey: "wrong" }, clock });
  expect((await createAuthFetch(wrong, { origins: [server.url] })(server.url)).status).toBe(403);
  expect([ticks, server.outcomes]).toEqual([2, ["signature_mismatch"]]);
});

describe("the correction of a clock", () => {
  it("is of one origin: another server's clock does not move it", async () => {
    const [ahead, right] = [await startServer("apigateway", 10), await startServer("apigateway")];
    const send = createAuthFetch(sourceWith(), { origins: [ahead.url, right.url] });
    for (const url of [ahead.url, right.url, ahead.url, right.url])
      expect((await send(url)).status).toBe(200);
    expect(ahead.outcomes).toHaveLength(3);
    expect(right.outcomes).toHaveLength(2);
  });

  it("ends when this machine's clock is right again", async () => {
    const server = await startServer("apigateway", 0);
    let off = -600_000;
    const source = iam({ region, credentials: key, clock: () => Date.now() + off });
    const send = createAuthFetch(source, { origins: [server.url] });
    expect((await send(server.url)).status).toBe(200);
    off = 0;
    expect((await send(server.url)).status).toBe(200);
    expect((await send(server.url)).status).toBe(200);
    expect(server.outcomes.filter((outcome) => outcome === "date_skewed")).toHaveLength(2);
  });

  it.each<[string, number, Record<string, string>, number]>([
    ["403, as API Gateway names it", 403, { "x-amzn-errortype": "InvalidSignatureException" }, 2],
    [
      "403 with more after a colon",
      403,
      { "x-amzn-errortype": "InvalidSignatureException:http://internal" },
      2,
    ],
    ["403, as AppSync names it", 403, { "x-amzn-errortype": "com.amazonaws.auth#BadRequestException" }, 2],
    ["400, as some services answer", 400, { "x-amzn-errortype": "RequestExpired" }, 2],
    ["401 without a name", 401, {}, 2],
    ["403 of the handler", 403, {}, 1],
    ["403 of a policy", 403, { "x-amzn-errortype": "AccessDeniedException" }, 1],
    ["500", 500, { "x-amzn-errortype": "InvalidSignatureException" }, 1],
    ["200", 200, { "x-amzn-errortype": "InvalidSignatureException" }, 1],
  ])("is tried after a %s (%i)", async (_what, status, headers, times) => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const server = await startOrigin(() => ({ status, headers: { ...headers, date } }));
    const send = createAuthFetch(sourceWith(), { origins: [server.url] });
    expect((await send(server.url)).status).toBe(status);
    expect(server.received).toHaveLength(times);
  });
});

describe("the renewal of a session", () => {
  const expired = { status: 403, headers: { "x-amzn-errortype": "ExpiredTokenException" }, body: "{}" };

  it("happens once for all calls that wait, whatever order the provider answers in", async () => {
    const server = await startOrigin(({ headers }) =>
      headers["x-amz-security-token"] === "new" ? {} : expired,
    );
    let renewals = 0;
    let current = session("old");
    const credentials = async ({ forceRefresh = false } = {}) => {
      const seen = current;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      if (!forceRefresh) return seen;
      renewals++;
      return (current = session("new"));
    };
    const send = createAuthFetch(sourceWith(credentials), { origins: [server.url] });
    const answers = await Promise.all(Array.from({ length: 25 }, () => send(server.url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(renewals).toBe(1);
  });

  it("is tried once a minute, so that a service that rejects everything is no load for the provider", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const server = await startOrigin(() => expired);
    let renewals = 0;
    const credentials = async ({ forceRefresh = false } = {}) => {
      if (forceRefresh) renewals++;
      return session(`s${renewals}`);
    };
    const send = createAuthFetch(sourceWith(credentials), { origins: [server.url] });
    for (let i = 0; i < 5; i++) expect((await send(server.url)).status).toBe(403);
    expect(renewals).toBe(1);
    vi.setSystemTime(Date.now() + 61_000);
    await send(server.url);
    expect(renewals).toBe(2);
    vi.setSystemTime(Date.now() - 86_400_000); // the clock was set back
    await send(server.url);
    expect(renewals).toBe(3);
  });

  it("never sends a stream twice, but the next call has the new session", async () => {
    const server = await startOrigin(({ headers }) =>
      headers["x-amz-security-token"] === "new" ? {} : expired,
    );
    let current = session("old");
    const credentials = async ({ forceRefresh = false } = {}) =>
      forceRefresh ? (current = session("new")) : current;
    const unsigned = Object.assign(sourceWith(credentials), { needsBody: false });
    const send = createAuthFetch(unsigned, { origins: [server.url] });
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    const streamed = { method: "POST", headers, duplex: "half" as const };
    expect((await send(server.url, { ...streamed, body: streamOf("a") })).status).toBe(403);
    expect(server.received).toHaveLength(1);
    expect((await send(server.url, { ...streamed, body: streamOf("b") })).status).toBe(200);
    expect(server.received.map(({ body }) => body)).toEqual(["a", "b"]);
  });

  it("that fails is the error of the call", async () => {
    const server = await startOrigin(() => expired);
    const credentials = async ({ forceRefresh = false } = {}) => {
      if (forceRefresh) throw new Error("STS is down");
      return session("old");
    };
    const send = createAuthFetch(sourceWith(credentials), { origins: [server.url] });
    await expect(send(server.url)).rejects.toThrow("STS is down");
  });
});
