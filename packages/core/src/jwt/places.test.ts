import { once } from "node:events";
import { createServer, request } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createAuth, corsHeaders } from "../auth/auth.ts";
import { logLine } from "../auth/events.ts";
import { apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { oidc, type OidcOptions } from "../modes/oidc.ts";
import type { AuthError } from "../refusal/error.ts";
import { nodeView } from "../request/node.ts";
import { type Answer, serve } from "../test/auth-server.ts";
import { newSigner } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { TokenSource } from "./source.ts";

// Tokens in other places than Authorization, over real HTTP.

const now = 1_800_000_000;
const signer = newSigner("ES256");
const stranger = newSigner("ES256");
const issuer = "https://id.example.com";
const claims = { iss: issuer, sub: "otto", aud: "api", exp: now + 60 };
const token = await signer.sign(claims);
const other = await signer.sign({ ...claims, sub: "eve" });
const forged = await stranger.sign(claims);

const options: OidcOptions = { issuer, audience: "api", keys: { keys: [signer.jwk] } };

/** How a place is sent on the wire. */
interface Sent {
  readonly headers?: readonly (readonly [string, string])[];
  readonly target?: string;
}
interface Case {
  readonly from: TokenSource;
  readonly place: string;
  readonly send: (...tokens: readonly string[]) => Sent;
}

const cases: readonly (readonly [string, Case])[] = [
  [
    "another header",
    {
      from: { header: "X-Forwarded-Access-Token" },
      place: "x-forwarded-access-token",
      send: (...tokens) => ({ headers: tokens.map((one) => ["X-Forwarded-Access-Token", one]) }),
    },
  ],
  [
    "another header, after Bearer",
    {
      from: { header: "x-token" },
      place: "x-token",
      send: (...tokens) => ({ headers: tokens.map((one) => ["x-token", `Bearer ${one}`]) }),
    },
  ],
  [
    "a cookie",
    {
      from: { cookie: "session" },
      place: "cookie:session",
      send: (...tokens) => ({ headers: [["cookie", tokens.map((one) => `session=${one}`).join("; ")]] }),
    },
  ],
  [
    "a subprotocol",
    {
      from: { subprotocol: "bearer" },
      place: "sec-websocket-protocol",
      send: (...tokens) => ({
        headers: [
          ["Sec-WebSocket-Protocol", ["graphql-ws", ...tokens.flatMap((one) => ["bearer", one])].join(", ")],
        ],
      }),
    },
  ],
  [
    "a subprotocol, in headers of their own",
    {
      from: { subprotocol: "bearer" },
      place: "sec-websocket-protocol",
      send: (...tokens) => ({ headers: tokens.map((one) => ["sec-websocket-protocol", `bearer,${one}`]) }),
    },
  ],
  [
    "a query parameter",
    {
      from: { query: "access_token" },
      place: "query:access_token",
      send: (...tokens) => ({ target: `/books?a=1&${tokens.map((one) => `access_token=${one}`).join("&")}` }),
    },
  ],
];

describe.each(cases)("a token in %s", (_name, { from, place, send }) => {
  const start = () => serve([oidc({ ...options, from }), none()], { clock: () => now * 1000 });
  const ask = async (sent: Sent, more: Sent["headers"] = [], method = "GET"): Promise<Answer> =>
    (await start()).ask([...(sent.headers ?? []), ...more], method, sent.target);

  it("is accepted, new and cached", async () => {
    const server = await start();
    for (const _time of ["new", "cached"]) {
      const { headers = [], target } = send(token);
      expect((await server.ask(headers, "GET", target)).body).toMatchObject({ mode: "oidc", sub: "otto" });
    }
  });

  it("is rejected if it is wrong, empty or no token, and is never none", async () => {
    expect((await ask(send(forged))).summary).toBe("401 credentials_refused signature_mismatch");
    expect((await ask(send("opaque"))).summary).toBe("401 credentials_refused token_malformed");
    expect((await ask({})).summary).toBe("200 none");
  });

  it("is rejected if it is there twice, with any second one", async () => {
    for (const second of [token, other, "opaque", forged]) {
      for (const pair of [send(token, second), send(second, token)]) {
        const { status, event } = await ask(pair);
        expect([status, event?.code]).toEqual([400, "credentials_malformed"]);
        expect(event?.reason).toMatch(/^(?:token|cookie)_repeated$/);
      }
    }
  });

  it("is ambiguous beside an Authorization header", async () => {
    for (const value of [`Bearer ${token}`, `Bearer ${other}`, "Bearer opaque", "Basic YTpi", ""]) {
      const { summary } = await ask(send(token), [["Authorization", value]]);
      expect(summary).toBe("400 credentials_ambiguous several_credentials");
    }
  });

  it("is in no event, log or answer", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const warnings = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => {
      log.mockRestore();
      warnings.mockRestore();
    });
    const seen: string[] = [];
    // Without a listener that logs, rejections go to stderr.
    const auth = createAuth([oidc({ ...options, from })], { clock: () => now * 1000 });
    auth.onEvent((event) => seen.push(JSON.stringify(event), logLine(event)), { logs: false });
    for (const tokens of [[token], [forged], [token, other], ["opaque-secret"]]) {
      for (const more of [[], [["authorization", "Bearer opaque-secret"] as const]]) {
        const { headers = [], target } = send(...tokens);
        const view = viewOf({ method: "POST", headers: [...headers, ...more], ...(target && { target }) });
        await auth
          .authenticate(view)
          .catch((error: { reply: unknown; detail: unknown; message: unknown }) => {
            seen.push(JSON.stringify(error.reply), String(error.detail), String(error.message));
          });
      }
    }
    seen.push(JSON.stringify([log.mock.calls, warnings.mock.calls, auth.describe()]));
    expect(log.mock.calls.length).toBeGreaterThan(3);
    const all = seen.join("\n");
    for (const secret of [token, forged, other, "opaque-secret", "eyJ"]) expect(all).not.toContain(secret);
  });

  it("is named by its place in the trace, and forwarded after Bearer", async () => {
    const auth = createAuth([oidc({ ...options, from })], { clock: () => now * 1000 });
    const places: unknown[] = [];
    auth.onEvent((event) => places.push(event.trace[0]?.place));
    const { headers = [], target } = send(token);
    const view = viewOf({ headers, ...(target && { target }) });
    await auth.authenticate(view);
    expect(places).toEqual([place]);
    expect(oidc({ ...options, from }).detect(view)?.forward).toEqual({
      name: "authorization",
      value: `Bearer ${token}`,
    });
  });
});

it("is read from the subprotocols of a WebSocket handshake", async () => {
  const from = { subprotocol: "bearer" };
  const auth = createAuth([oidc({ ...options, from })], { clock: () => now * 1000 });
  auth.onEvent(() => {});
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  server.on("upgrade", (received, socket) => {
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket";
    auth.authenticate(nodeView(received)).then(
      ({ id }) => socket.end(`HTTP/1.1 101 x\r\n${upgrade}\r\nX-Caller: ${id}\r\n\r\n`),
      (error: AuthError) => socket.end(`HTTP/1.1 ${error.status} x\r\nX-Reason: ${error.reason}\r\n\r\n`),
    );
  });
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const open = (offered: string) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { connection: "upgrade", upgrade: "websocket", "sec-websocket-protocol": offered };
      const sent = request({ port, host: "127.0.0.1", headers, agent: false });
      sent.on("upgrade", ({ headers: answered }, socket) => {
        socket.destroy();
        resolve(answered["x-caller"]);
      });
      sent.on("response", ({ headers: answered }) => resolve(answered["x-reason"]));
      sent.on("error", reject).end();
    });
  expect(await open(`bearer, ${token}`)).toBe("otto");
  expect(await open(`bearer, ${forged}`)).toBe("signature_mismatch");
  expect(await open("chat")).toBe("no_credentials");
});

describe("a page of another site", () => {
  const from = { header: "x-forwarded-access-token" };
  const start = () => serve([oidc({ ...options, from })], { clock: () => now * 1000 });
  const sent = ["x-forwarded-access-token", token] as const;

  const others: readonly (readonly [string, Sent["headers"]])[] = [
    ["POST", [["Sec-Fetch-Site", "cross-site"]]],
    ["DELETE", [["Sec-Fetch-Site", "same-site"]]],
    ["POST", [["Origin", "https://evil.example"]]],
    ["POST", [["Origin", "null"]]],
    [
      "GET",
      [
        ["Upgrade", "websocket"],
        ["Origin", "https://evil.example"],
      ],
    ],
  ];
  it.each(others)("cannot use the token that a proxy adds: %s with %j", async (method, headers = []) => {
    const answer = await (await start()).ask([sent, ...headers], method);
    expect(answer.summary).toBe("401 credentials_refused token_cross_site");
  });

  const own: readonly (readonly [string, Sent["headers"]])[] = [
    ["POST", [["Sec-Fetch-Site", "same-origin"]]],
    ["GET", [["Sec-Fetch-Site", "cross-site"]]],
    ["POST", []],
  ];
  it.each(own)("did not cause %s with %j", async (method, headers = []) => {
    expect((await (await start()).ask([sent, ...headers], method)).summary).toBe("200 oidc");
  });
});

describe("places", () => {
  it("are tried in their order, and the first decides", async () => {
    const from = ["header", { header: "x-token" }, { query: "t" }] as const;
    const server = await serve([oidc({ ...options, from })], { clock: () => now * 1000 });
    const forgedFirst = [["x-token", forged]] as const;
    expect((await server.ask(forgedFirst, "GET", `/?t=${token}`)).summary).toBe(
      "401 credentials_refused signature_mismatch",
    );
    expect((await server.ask([["x-token", token]], "GET", `/?t=${forged}`)).summary).toBe("200 oidc");
    expect((await server.ask([], "GET", `/?t=${token}`)).summary).toBe("200 oidc");
  });

  it("are not read unless they are named", async () => {
    const server = await serve([oidc(options)], { clock: () => now * 1000 });
    for (const [, { send }] of cases) {
      const { headers = [], target } = send(token);
      expect((await server.ask(headers, "GET", target)).summary).toBe(
        "401 credentials_missing no_credentials",
      );
    }
  });

  it("name the parameter and the subprotocol to the letter", async () => {
    const from = [{ query: "access_token" }, { subprotocol: "bearer" }] as const;
    const server = await serve([oidc({ ...options, from })], { clock: () => now * 1000 });
    const missing = "401 credentials_missing no_credentials";
    expect((await server.ask([], "GET", `/?Access_Token=${token}`)).summary).toBe(missing);
    expect((await server.ask([["sec-websocket-protocol", `Bearer, ${token}`]])).summary).toBe(missing);
    expect((await server.ask([["sec-websocket-protocol", "bearer"]])).summary).toBe(
      "401 credentials_refused token_malformed",
    );
    expect((await server.ask([], "GET", `/?access%5Ftoken=${token}`)).summary).toBe("200 oidc");
    expect((await server.ask([], "GET", `/?access%5Ftoken=${token}&access_token=${token}`)).summary).toBe(
      "400 credentials_malformed token_repeated",
    );
  });

  it("are headers that browsers of other origins may send", () => {
    const auth = createAuth([oidc({ ...options, from: [{ header: "X-Token" }, { query: "t" }] })]);
    expect(corsHeaders(auth).allow).toEqual(["content-type", "x-amz-user-agent", "x-token"]);
  });

  it.each([
    [{ header: "Authorization" }, "for the header authorization write 'header'"],
    [{ header: "cookie" }, "write { cookie: name }"],
    [{ header: "Sec-WebSocket-Protocol" }, "write { subprotocol: name }"],
    [{ header: "x-amzn-oidc-data" }, "write { loadBalancer: arn }"],
    [{ header: "x token" }, "not a header's name"],
    [{ header: undefined }, "header is undefined"],
    [{ header: "x", query: "y" }, "write a list: [{ header: … }, { query: … }]"],
    [{ header: "x", name: "y" }, "no option 'name'"],
    [{ Header: "x" }, "no option 'Header'. Write 'header'."],
    [{ headerName: "x" }, "no option 'headerName'. Write 'header'."],
    [{ cookies: "x" }, "no option 'cookies'. Write 'cookie'."],
    [{ albArn: "x" }, "no option 'albArn'. Write 'loadBalancer'."],
    [{ place: "x" }, "It takes header, cookie, amplifyCookies, loadBalancer, subprotocol, query."],
    [{}, "not {}"],
    [{ query: "" }, "query is the name of a parameter"],
    [{ query: "X-Amz-Security-Token" }, "query is the name of a parameter"],
    [{ query: true }, "query is the name of a parameter"],
    [{ subprotocol: true }, "not the name of a subprotocol"],
    [{ subprotocol: "a b" }, "not the name of a subprotocol"],
    ["query", "{ subprotocol: name }, { query: name } or a list of these"],
    [[{ header: "x" }, { header: "X" }], "names a place twice"],
  ])("throw for %j", (from, sentence) => {
    const build = () => oidc({ ...options, from: from as TokenSource });
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });

  it("are not shared with a mode that takes whatever is there", () => {
    const tokens = oidc({ ...options, from: { header: "x-api-key" } });
    for (const modes of [
      [tokens, apiKey({ keys: () => undefined })],
      [apiKey({ keys: () => undefined }), tokens],
    ]) {
      expect(() => createAuth(modes)).toThrow(
        /both take whatever is in x-api-key; let one of them read another/,
      );
    }
  });
});
