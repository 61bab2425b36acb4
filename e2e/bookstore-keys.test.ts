import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsCredentials, createAuthFetch, type HeaderSource, outbound } from "@authmodes/core/outbound";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Redis } from "../packages/keys/src/test/stores.ts";
import { root } from "../scripts/files.js";
import { type RunningBookstore, startBookstore } from "./support/app.ts";
import { authmodes } from "./support/authmodes.ts";
import { type DatabaseServer, redisServer } from "./support/database-servers.ts";
import { run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";

// Two bookstores, each a process, with their keys and revocations in one store.

interface Kind {
  readonly name: string;
  readonly make: () => Promise<{ readonly where: string; readonly server?: DatabaseServer }>;
  readonly isFile: boolean;
  readonly isSkipped: boolean;
}

interface Listed {
  readonly keys: readonly { readonly id: string; readonly name: string; readonly state: string }[];
}

const folder = await mkdtemp(join(tmpdir(), "bookstore-keys-"));
afterAll(() => rm(folder, { recursive: true }));

const kinds: readonly Kind[] = [
  {
    name: "a file",
    make: async () => ({ where: join(folder, "keys.jsonl") }),
    isFile: true,
    isSkipped: false,
  },
  {
    name: "Redis",
    async make() {
      const server = await redisServer();
      await server.start();
      return { where: server.url, server };
    },
    isFile: false,
    isSkipped: isMissing("redis-server"),
  },
];

/** Calls /whoami. @returns the status */
async function call({ bookstore: { url } }: RunningBookstore, source: HeaderSource): Promise<number> {
  return (await createAuthFetch(source, { origins: [url] })(`${url}/whoami`)).status;
}

const apiKeyOf = ({ bookstore }: RunningBookstore) => outbound.apiKey({ key: bookstore.credentials.apiKey });
const bearer = ({ accessToken }: { readonly accessToken: string }) =>
  outbound.userPool({ token: () => accessToken });
const signed = (credentials: AwsCredentials) => outbound.iam({ region: "us-east-1", credentials });

/** Resolves when all answers are as expected, within five seconds. */
async function soon(calls: () => readonly Promise<number>[], statuses: readonly number[]): Promise<void> {
  await expect.poll(() => Promise.all(calls()), { timeout: 5000, interval: 100 }).toEqual(statuses);
}

describe.each(kinds)("two bookstores on $name", ({ make, isFile, isSkipped }) => {
  let where: string;
  let server: DatabaseServer | undefined;
  let one: RunningBookstore;
  let two: RunningBookstore;
  beforeAll(async () => {
    if (isSkipped) return;
    ({ where, server } = await make());
    one = await startBookstore("--store", where);
    two = await startBookstore("--store", where);
  }, 120_000);
  afterAll(async () => {
    if (isSkipped) return;
    await Promise.all([one.stop(), two.stop()]);
    await server?.stop();
  });

  it.skipIf(isSkipped)(
    "accept each other's API key and access key, which the command line lists",
    async () => {
      const { machine } = one.bookstore.credentials;
      await soon(() => [call(two, apiKeyOf(one)), call(two, signed(machine))], [200, 200]);
      expect([await call(one, apiKeyOf(one)), await call(one, apiKeyOf(two))]).toEqual([200, 200]);
      const { keys } = await authmodes<Listed>(where, "keys", "list");
      expect(keys.map(({ name, state }) => `${name} ${state}`)).toEqual(["demo active", "demo active"]);
    },
  );

  it.skipIf(isSkipped)(
    "end a user's tokens and temporary credentials within 5 s of one command",
    async () => {
      // Each bookstore has its own user pool, with the same issuer and users.
      const both = [one, two];
      const ofAlice = () =>
        both.flatMap((each) => {
          const { alice } = each.bookstore.credentials;
          return [call(each, bearer(alice)), call(each, signed(alice.aws))];
        });
      expect(await Promise.all(ofAlice())).toEqual([200, 200, 200, 200]);
      const { alice } = one.bookstore.credentials;
      const { sub = "", iss = "" } = decodeJwt(alice.accessToken);
      await authmodes(where, "revoke", "--sub", sub, "--issuer", iss);
      await soon(ofAlice, [401, 401, 401, 401]);
      for (const each of both) expect(await call(each, bearer(each.bookstore.credentials.bob))).toBe(200);
      // And her login gets no new ones.
      const { identityPoolEndpoint, identityPoolId, userPoolId } = one.bookstore;
      const answer = await fetch(identityPoolEndpoint, {
        method: "POST",
        headers: { "x-amz-target": "AWSCognitoIdentityService.GetId" },
        body: JSON.stringify({
          IdentityPoolId: identityPoolId,
          Logins: { [`cognito-idp.us-east-1.amazonaws.com/${userPoolId}`]: alice.idToken },
        }),
      });
      expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([
        400,
        "NotAuthorizedException:",
      ]);
    },
  );

  it.skipIf(isSkipped)("end one session of the identity pool, and no other", async () => {
    const { guest } = one.bookstore.credentials;
    const other = two.bookstore.credentials.guest;
    const guests = () => [call(one, signed(guest)), call(two, signed(other))];
    expect(await Promise.all(guests())).toEqual([200, 200]);
    const issuer = one.bookstore.identityPoolId;
    await authmodes(where, "revoke", "--jti", guest.accessKeyId, "--issuer", issuer, "--reason", "leaked");
    await soon(guests, [401, 200]);
  });

  it.skipIf(isSkipped || isFile)("answer 503, and no 401, while the store is down", async () => {
    await server?.kill();
    const { bob } = two.bookstore.credentials;
    expect([await call(two, apiKeyOf(one)), await call(two, bearer(bob))]).toEqual([503, 200]);
    await server?.start();
    await soon(() => [call(two, apiKeyOf(one))], [200]);
  });

  it.skipIf(isSkipped)("end a revoked key everywhere, and the keys of a bookstore that stopped", async () => {
    const { machine } = one.bookstore.credentials;
    const { keys } = await authmodes<Listed>(where, "keys", "list");
    // The newest first.
    await authmodes(where, "keys", "revoke", keys[0]?.id ?? "");
    await soon(
      () => [call(one, apiKeyOf(two)), call(two, apiKeyOf(two)), call(two, apiKeyOf(one))],
      [401, 401, 200],
    );
    await one.stop();
    await soon(() => [call(two, apiKeyOf(one)), call(two, signed(machine))], [401, 401]);
    expect(await call(two, bearer(two.bookstore.credentials.bob))).toBe(200);
  });
});

it("leaves nothing in its file that does not expire", async () => {
  const where = join(folder, "expiring.jsonl");
  const running = await startBookstore("--store", where);
  expect(await call(running, apiKeyOf(running))).toBe(200);
  await running.stop();
  const [, ...rows] = (await readFile(where, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly expiresAt: number | null });
  const now = Date.now() / 1000;
  expect(rows.filter(({ expiresAt }) => expiresAt === null || expiresAt > now + 86_400)).toEqual([]);
  const ofKeys = rows.filter(({ kind }) => kind.endsWith("key"));
  expect(ofKeys.map(({ expiresAt }) => Number(expiresAt) <= now)).toEqual([true, true]);
});

describe("a store that cannot be used", () => {
  const start = (where: string, port = "0") =>
    run("npm", ["start", "--silent", "--", "--json", "--port", port, "--store", where], {
      cwd: root,
      timeout: 30_000,
    });

  it.each([
    ["redis://:s3cret@127.0.0.1:1", "The Redis at 127.0.0.1:1 cannot be used: connect ECONNREFUSED"],
    [
      "postgres://me:s3cret@127.0.0.1:1/x",
      "The PostgreSQL at 127.0.0.1:1 cannot be used: connect ECONNREFUSED",
    ],
    ["mysql://me:s3cret@127.0.0.1/x", "mysql:// is no store; write the path of a file"],
    [
      "/no/such/folder/keys.jsonl",
      "The file /no/such/folder/keys.jsonl cannot be used: the folder /no/such/folder is missing",
    ],
  ])("ends the start with one line: %s", async (where, sentence) => {
    const { code, stdout, stderr } = await start(where);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: --store: .+\n$/);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain("s3cret");
  });

  it.each(["redis", "postgres"])(
    "also if a %s server accepts connections and never answers",
    async (scheme) => {
      const silent = createServer((socket) => void socket.on("error", () => undefined)).listen(
        0,
        "127.0.0.1",
      );
      await new Promise((resolve) => silent.once("listening", resolve));
      onTestFinished(() => void silent.close());
      const { port } = silent.address() as AddressInfo;
      const { code, stderr } = await start(`${scheme}://127.0.0.1:${port}/0`);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: --store: The .+ cannot be used: .+\n$/);
    },
  );

  it.skipIf(isMissing("redis-server"))("shows no password, whatever is wrong", async () => {
    const server = await redisServer();
    onTestFinished(() => server.stop());
    await server.start();
    const client = new Redis(server.url);
    await client.config("SET", "requirepass", "s3cret");
    client.disconnect();
    const wrong = await start(server.url.replace("//", "//:wr0ng@"));
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("WRONGPASS") as string });
    expect(wrong.stderr).not.toContain("wr0ng");
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await start(server.url.replace("//", "//:s3cret@"), String(port));
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} is in use.`);
    expect(stderr).not.toContain("s3cret");
  });
});
