import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Certificate, type ServerProcess, startServer } from "./realtime/processes.ts";
import { isMissing } from "./support/programs.ts";

// What Amplify's clients for Flutter, Swift and Android send, written by hand after their sources. All three leave the port out of
// the host, so that the server is one behind a proxy.

type Headers = Readonly<Record<string, string>>;
type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

const host = "api.example.com";
const common = { accept: "application/json, text/javascript", "content-encoding": "amz-1.0" };
const query = "subscription OnCreateOrder {\n  onCreateOrder {\n    book\n    note\n  }\n}";

interface Platform {
  readonly name: string;
  readonly contentType: string;
  /** The text of an operation. */
  readonly data: string;
  /** What is added to the headers of a token or a key. */
  readonly more: Headers;
  /** The names of the headers of a signed object that are spelt otherwise. */
  readonly spelling: Headers;
  /** The path and the query that open the WebSocket. */
  target(headers: Headers): string;
}

const encoded = (headers: Headers) => Buffer.from(JSON.stringify(headers)).toString("base64");

const platforms: readonly Platform[] = [
  {
    name: "Flutter",
    contentType: "application/json; charset=utf-8",
    data: JSON.stringify({ variables: {}, query }),
    more: { ...common, "content-type": "application/json; charset=utf-8" },
    spelling: { authorization: "Authorization", "x-amz-date": "X-Amz-Date" },
    target: (headers) =>
      `/graphql/realtime?header=${encodeURIComponent(encoded(headers))}&payload=${encodeURIComponent("e30=")}`,
  },
  {
    name: "Swift",
    contentType: "application/json; charset=UTF-8",
    data: JSON.stringify({ query, variables: {} }),
    more: {},
    spelling: { authorization: "Authorization", "x-amz-security-token": "X-Amz-Security-Token" },
    // Its URLComponents escape neither the plus sign nor the equals sign.
    target: (headers) => `/graphql/realtime?header=${encoded(headers)}&payload=e30=`,
  },
  {
    name: "Android",
    contentType: "application/json; charset=UTF-8",
    data: JSON.stringify({ query, variables: null }),
    more: {},
    spelling: { authorization: "Authorization", "x-amz-date": "X-Amz-Date", host: "Host" },
    target(headers) {
      const lines = encoded(headers).replaceAll(/.{1,76}/g, "$&\n");
      return `/%2Fgraphql?header=${encodeURIComponent(lines)}&payload=e30%3D`;
    },
  },
];

describe.skipIf(isMissing("openssl"))("the messages of Amplify's clients for phones", () => {
  let certificate: Certificate;
  let server: ServerProcess;
  let address: string;
  let credentials: Awaited<ReturnType<typeof credentialsOf>>;
  const credentialsOf = (of: ServerProcess) => of.call("credentials");

  beforeAll(async () => {
    certificate = new Certificate();
    server = await startServer("express", certificate, `https://${host}`);
    address = new URL(await server.call("start")).host;
    credentials = await credentialsOf(server);
  });
  afterAll(async () => {
    await server?.stop();
    certificate?.remove();
  });

  async function signed(
    { contentType, spelling }: Platform,
    path: string,
    body: string,
    keys: typeof credentials.user,
  ): Promise<Headers> {
    const signer = new SignatureV4({
      service: "appsync",
      region: "us-east-1",
      credentials: keys,
      sha256: Sha256,
      applyChecksum: false,
    });
    const headers = { ...common, "content-type": contentType, host };
    const request = { method: "POST", protocol: "https:", hostname: host, path, headers, body, query: {} };
    const all = (await signer.sign(request)).headers;
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [spelling[name] ?? name, value]));
  }

  /** The object of headers of a mode. */
  function headersOf(platform: Platform, mode: string, path: string, body: string): Promise<Headers> {
    const { more } = platform;
    const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const made: Record<string, () => Promise<Headers>> = {
      apiKey: async () => ({ ...more, host, "x-amz-date": date, "x-api-key": credentials.apiKey }),
      userPool: async () => ({ ...more, host, Authorization: credentials.alice }),
      iam: () => signed(platform, path, body, credentials.user),
      guest: () => signed(platform, path, body, credentials.guest),
    };
    return made[mode]?.() ?? Promise.reject(new TypeError(`no mode ${mode}`));
  }

  /** Connects, and reads one message after the other. */
  async function connect(target: string) {
    const ca = readFileSync(certificate.path);
    const socket = new WebSocket(`wss://${address}${target}`, "graphql-ws", { ca });
    onTestFinished(() => socket.terminate());
    const frames: Frame[] = [];
    let wake = (): void => undefined;
    socket.on("message", (text: Buffer) => {
      frames.push(JSON.parse(text.toString()) as Frame);
      wake();
    });
    await once(socket, "open");
    return {
      send: (frame: Frame) => socket.send(JSON.stringify(frame)),
      async next(): Promise<Frame> {
        for (;;) {
          const frame = frames.shift();
          if (frame !== undefined) return frame;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    };
  }

  describe.each(platforms)("$name", (platform) => {
    it.each([
      ["apiKey", null],
      ["userPool", "for alice"],
      ["iam", null],
      ["guest", null],
    ])("%s: connects, subscribes, receives, stops", async (mode, note) => {
      const { target, data } = platform;
      const client = await connect(target(await headersOf(platform, mode, "/graphql/connect", "{}")));
      client.send({ type: "connection_init" });
      expect(await client.next()).toEqual({
        type: "connection_ack",
        payload: { connectionTimeoutMs: 300_000 },
      });
      expect(await client.next()).toEqual({ type: "ka" });

      const id = randomUUID();
      const authorization = await headersOf(platform, mode, "/graphql", data);
      client.send({ id, type: "start", payload: { data, extensions: { authorization } } });
      expect(await client.next()).toEqual({ id, type: "start_ack" });
      await server.call("order", credentials.alice, { book: "Emma", note: "for alice" });
      // As AppSync answers a field that the caller may not read.
      const errors = [{ errorType: "Unauthorized", message: "Not Authorized to access note on type Order" }];
      const payload = { data: { onCreateOrder: { book: "Emma", note } }, ...(note === null && { errors }) };
      expect(await client.next()).toMatchObject({ id, type: "data", payload });
      client.send({ type: "stop", id });
      expect(await client.next()).toEqual({ id, type: "complete" });
    });

    it("is told that the connection is rejected", async () => {
      const client = await connect(platform.target({ ...platform.more, host, Authorization: "" }));
      client.send({ type: "connection_init" });
      expect(await client.next()).toMatchObject({
        type: "connection_error",
        payload: { errors: [{ errorType: "UnauthorizedException", errorCode: 401 }] },
      });
    });
  });
});
