import { AuthError, createAuth, userPool } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { base64url, Client, onReview, unauthorized } from "../test/realtime-client.ts";
import { serve } from "../test/realtime-server.ts";

const ack = { type: "connection_ack", payload: { connectionTimeoutMs: 300_000 } };

describe("connect", () => {
  it.each(["apiKey", "userPool", "oidc", "lambda"] as const)("accepts %s, and says so once", async (mode) => {
    const { connect, headers, auth } = await serve();
    const accepted: unknown[] = [];
    auth.onEvent(({ type, mode, method, path }) => accepted.push([type, mode, method, path]));
    const client = connect(await headers(mode));
    expect(await client.init()).toEqual(ack);
    expect(accepted).toEqual([["accepted", mode, "POST", "/graphql/connect"]]);
    expect(client.socket.protocol).toBe("graphql-ws");
  });

  it("accepts a signature of an identity pool's key, and of a machine's", async () => {
    const { connect, signed, kit } = await serve();
    expect(await connect(await signed("/graphql/connect", "{}")).init()).toEqual(ack);
    const machine = { ...kit.accessKeys.machine } as typeof kit.accessKeys.user;
    expect(await connect(await signed("/graphql/connect", "{}", machine)).init()).toEqual(ack);
  });

  it("accepts a caller without credentials, if a mode does", async () => {
    const { connect, headers, kit } = await serve();
    expect(await connect(await headers("none")).init()).toEqual(ack);
    const closed = await serve({ kit, auth: kit.auth().only("apiKey") });
    const client = closed.connect(await closed.headers("none"));
    expect(await client.init()).toEqual(unauthorized);
    expect(await client.closed).toEqual({ code: 1008, reason: "You are not authorized to make this call." });
  });

  it("sends a sign of life after the acknowledgement, and again and again", async () => {
    const { connect, headers } = await serve({ keepAliveSeconds: 1 });
    const client = connect(await headers("apiKey"));
    await client.opened();
    client.send({ type: "connection_init" });
    expect([await client.next(), await client.next(), await client.next()]).toEqual([
      ack,
      { type: "ka" },
      { type: "ka" },
    ]);
  });
});

describe("the forms of clients", () => {
  it("Flutter: the query, in padded base64", async () => {
    const { open, kit, host } = await serve();
    // As long as needed for padding and for the characters in which the alphabets differ.
    const headers = {
      host,
      "x-api-key": kit.apiKeys.valid.key,
      "x-amz-date": "20261128T184645Z",
      note: "~~~???>>>",
    };
    const base64 = Buffer.from(JSON.stringify(headers)).toString("base64");
    expect(base64).toMatch(/[+/].*=$|\+|\//);
    const target = `/graphql/realtime?header=${encodeURIComponent(base64)}&payload=${encodeURIComponent("e30=")}`;
    expect(await open(target).init()).toEqual(ack);
  });

  it.each(["/graphql", "/%2Fgraphql", "/%2fgraphql"])(
    "Android: %s, with line breaks in base64",
    async (path) => {
      const { open, kit, host } = await serve();
      const headers = { host, "x-api-key": kit.apiKeys.valid.key, "x-amz-date": "20261128T184645Z" };
      const base64 = Buffer.from(JSON.stringify(headers)).toString("base64").replaceAll(/.{76}/g, "$&\n");
      expect(base64).toContain("\n");
      const target = `${path}?header=${encodeURIComponent(`${base64}\n`)}&payload=${encodeURIComponent("e30=\n")}`;
      expect(await open(target).init()).toEqual(ack);
    },
  );

  it("Swift and raw clients: plus signs and padding that are not escaped", async () => {
    const { open, kit, host } = await serve();
    const headers = { host, "x-api-key": kit.apiKeys.valid.key, note: "~~~>>>" };
    const base64 = Buffer.from(JSON.stringify(headers)).toString("base64");
    expect(base64).toMatch(/\+/);
    expect(await open(`/graphql/realtime?payload=e30=&header=${base64}`).init()).toEqual(ack);
  });

  it("padded base64 in a subprotocol, which is no token", async () => {
    const { headers, host } = await serve();
    const text = JSON.stringify(await headers("apiKey"));
    const padded = Buffer.from(text.padEnd(text.length + 1 + (text.length % 3 === 2 ? 1 : 0))).toString(
      "base64",
    );
    expect(padded).toMatch(/=$/);
    const socket = new WebSocket(`ws://${host}/graphql/realtime`, ["graphql-ws"], {
      // The library would reject it in the list of subprotocols.
      finishRequest(request) {
        request.setHeader("Sec-WebSocket-Protocol", `graphql-ws, header-${padded}`);
        request.end();
      },
    });
    expect(await new Client(socket).init()).toEqual(ack);
    socket.terminate();
  });
});

/** The same object in base64, with so many characters that need padding: none, or two for which it is `==`. */
function whole(base64: string, over: 0 | 1 = 0): string {
  const text = Buffer.from(base64, "base64url").toString();
  return Buffer.from(text.padEnd(Math.ceil(text.length / 3) * 3 + over)).toString("base64url");
}

describe("credentials that are refused", () => {
  const bad: readonly (readonly [string, (good: string) => readonly [target: string, ...string[]]])[] = [
    ["none at all", () => ["/graphql/realtime"]],
    ["both forms", (good) => [`/graphql/realtime?header=${good}`, `header-${good}`]],
    ["the same form twice", (good) => ["/graphql/realtime", `header-${good}`, `header-${good}x`]],
    ["the query twice", (good) => [`/graphql/realtime?header=${good}&header=${good}`]],
    ["no base64", () => ["/graphql/realtime", "header-a.b"]],
    ["a character too many", (good) => ["/graphql/realtime", `header-${whole(good)}x`]],
    ["padding that is cut", (good) => [`/graphql/realtime?header=${whole(good, 1)}=`]],
    ["wrong padding", (good) => [`/graphql/realtime?header=${good.replaceAll("=", "")}====`]],
    ["no UTF-8", () => ["/graphql/realtime", `header-${Buffer.from([0xff, 0xfe]).toString("base64url")}`]],
    [
      "no UTF-8 within a text",
      (good) => {
        const text = Buffer.from(good, "base64url").toString("latin1").replace("{", '{"note":"\xff",');
        return ["/graphql/realtime", `header-${Buffer.from(text, "latin1").toString("base64url")}`];
      },
    ],
    ["no JSON", () => ["/graphql/realtime", `header-${Buffer.from("nope").toString("base64url")}`]],
    ["a list", () => ["/graphql/realtime", `header-${base64url([])}`]],
  ];

  it.each(bad)("%s", async (_case, make) => {
    const { open, headers } = await serve();
    const [target, ...credentials] = make(base64url(await headers("apiKey")));
    const client = open(target, ["graphql-ws", ...credentials]);
    expect(await client.init()).toEqual(unauthorized);
    expect((await client.closed).code).toBe(1008);
  });

  it("over 8 KiB, before they are decoded", async () => {
    const { connect, headers } = await serve();
    const good = await headers("apiKey");
    const padding = 8192 - base64url({ ...good, note: "" }).length;
    const longest = { ...good, note: "x".repeat(Math.floor((padding * 3) / 4)) };
    expect(base64url(longest).length).toBeLessThanOrEqual(8192);
    expect(await connect(longest).init()).toEqual(ack);
    expect(await connect({ ...longest, note: `${longest.note}xxx` }).init()).toEqual(unauthorized);
  });

  it("a signature of a start, and the signature of another path", async () => {
    const { connect, signed } = await serve();
    const data = JSON.stringify({ query: onReview, variables: {} });
    for (const [path, body] of [
      ["/graphql", data],
      ["/graphql", "{}"],
      ["/graphql/connect", data],
      ["/graphql/realtime", "{}"],
    ] as const) {
      expect(await connect(await signed(path, body)).init()).toEqual(unauthorized);
    }
  });

  it("headers for another host, or for none", async () => {
    const { connect, headers, signed, host } = await serve();
    const { host: _own, ...hostless } = await headers("userPool");
    expect(await connect(hostless).init()).toEqual(unauthorized);
    expect(await connect({ ...hostless, host: "other.example" }).init()).toEqual(unauthorized);
    expect(
      await connect({ ...(await signed("/graphql/connect", "{}")), host: "other.example" }).init(),
    ).toEqual(unauthorized);
    expect(await connect({ ...hostless, Host: host.toUpperCase() }).init()).toEqual(ack);
  });

  it("two spellings of one header", async () => {
    const { connect, headers } = await serve();
    const token = await headers("userPool");
    expect(await connect({ ...token, authorization: token["Authorization"] }).init()).toEqual(unauthorized);
    expect(await connect({ ...token, HOST: token["host"] }).init()).toEqual(unauthorized);
  });

  it("cookies, and what the upgrade carries besides", async () => {
    const kit = (await serve()).kit;
    const from = [
      "header",
      { cookie: "session" },
      { query: "access_token" },
      { subprotocol: "bearer" },
    ] as const;
    const auth = createAuth([userPool({ ...kit.userPool.options, from: [...from] })], {
      clock: kit.clock.now,
    });
    const { open, connect, host } = await serve({ kit, auth });
    const token = await kit.userPool.token();
    const empty = base64url({ host });
    const others = { cookie: `session=${token}`, authorization: token, origin: `http://${host}` };
    const target = `/graphql/realtime?access_token=${token}`;
    expect(await open(target, ["graphql-ws", `header-${empty}`, "bearer", token], others).init()).toEqual(
      unauthorized,
    );
    expect(await connect({ host, cookie: `session=${token}`, origin: `http://${host}` }).init()).toEqual(
      unauthorized,
    );
    expect(await connect({ host, authorization: token }).init()).toEqual(ack);
  });

  it("a rejection is an event of the auth, without a secret", async () => {
    const { connect, auth, host } = await serve();
    const events: string[] = [];
    auth.onEvent((event) => events.push(JSON.stringify(event)));
    await connect({ host, "x-api-key": "amk_secret" }).init();
    await connect({ host: "other.example", "x-api-key": "amk_secret" }).init();
    expect(events.map((event) => (JSON.parse(event) as { reason: string }).reason)).toEqual([
      expect.stringMatching(/^api_key_/),
      "message_host_differs",
    ]);
    expect(events.join()).not.toContain("amk_secret");
  });
});

it("a store that is down is no 401: Amplify's clients try again", async () => {
  const { connect, headers } = await serve({
    authOptions: { revoked: () => Promise.reject(new Error("down")) },
  });
  const client = connect(await headers("userPool"));
  expect(await client.init()).toEqual({
    type: "connection_error",
    payload: {
      errors: [{ errorType: "ServiceUnavailableException", message: "Service Unavailable", errorCode: 503 }],
    },
  });
  expect((await client.closed).code).toBe(1013);
});

it("usage plans see each connection and each start", async () => {
  const counted: string[] = [];
  const { connect, headers, start } = await serve({
    authOptions: {
      usage: ({ mode }) => {
        if (counted.length === 2) throw new AuthError("rate_limited", "quota_exceeded");
        counted.push(mode);
      },
    },
  });
  const client = connect(await headers("apiKey"));
  expect(await client.init()).toEqual(ack);
  await start(client, "1", onReview);
  expect((await client.next()).type).toBe("start_ack");
  await start(client, "2", onReview);
  expect(await client.next()).toMatchObject({
    payload: { errors: [{ errorType: "TooManyRequestsException" }] },
  });
  expect(await connect(await headers("apiKey")).init()).toMatchObject({
    payload: { errors: [{ errorCode: 429 }] },
  });
  expect(counted).toEqual(["apiKey", "apiKey"]);
});

describe("upgrades", () => {
  it.each([[[]], [["graphql-transport-ws"]], [["foo", "bar"]]])(
    "subprotocols %j are not served",
    async (offered) => {
      const { open } = await serve();
      const client = open("/graphql/realtime", offered);
      expect(await client.next()).toEqual({
        type: "connection_error",
        payload: { errors: [{ message: "SubProtocolNotSupportedError", errorCode: 400 }] },
      });
      expect((await client.closed).code).toBe(1002);
    },
  );

  it("never echo the credentials", async () => {
    const { open, headers } = await serve();
    const secret = `header-${base64url(await headers("apiKey"))}`;
    const client = open("/graphql/realtime", [secret, "graphql-ws"]);
    expect(await client.init()).toEqual(ack);
    expect(client.socket.protocol).toBe("graphql-ws");
    // The client's library rejects an answer without any of its subprotocols.
    const alone = open("/graphql/realtime", [secret]);
    await expect(alone.closed).rejects.toThrow("Server sent no subprotocol");
    expect((await open("/graphql/realtime", [secret, "foo"]).opened()).socket.protocol).toBe("foo");
  });

  it("of other paths are left to other listeners, or answered with 404", async () => {
    const { open, server } = await serve();
    await expect(open("/chat").closed).rejects.toThrow("Unexpected server response: 404");
    await expect(open("/graphql/realtime/x").closed).rejects.toThrow("404");
    server.on("upgrade", (request, socket) => {
      if (request.url === "/chat") socket.end("HTTP/1.1 418 Teapot\r\n\r\n");
    });
    await expect(open("/chat").closed).rejects.toThrow("418");
  });

  it("sign with the prefix of publicUrl, and are for its host", async () => {
    const { kit } = await serve();
    const auth = kit.auth({ publicUrl: "https://api.example.com/v1" });
    const { connect, signed, headers } = await serve({ kit, auth });
    const forPublic = async (path: string) => {
      const request = {
        method: "POST",
        url: `https://api.example.com${path}`,
        body: "{}",
        service: "appsync",
      };
      return { ...(await kit.headersFor("iam", request)), host: "api.example.com" };
    };
    expect(await connect(await forPublic("/v1/graphql/connect")).init()).toEqual(ack);
    expect(await connect(await forPublic("/graphql/connect")).init()).toEqual(unauthorized);
    expect(await connect(await signed("/graphql/connect", "{}")).init()).toEqual(unauthorized);
    expect(await connect(await headers("apiKey")).init()).toEqual(unauthorized);
  });
});
