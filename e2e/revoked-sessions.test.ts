import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-provider-cognito-identity";
import { type AwsCredentials, createAuthFetch, outbound } from "@authmodes/core/outbound";
import { authenticate, authErrorHandler, createAuth, iam, userPool } from "@authmodes/express";
import { createIdentityPool } from "@authmodes/identity-pool";
import { openRevocations, openStore } from "@authmodes/keys";
import { createTestKit, type TestKit } from "@authmodes/testing";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authmodes } from "./support/authmodes.ts";
import { type DatabaseServer, postgresServer, redisServer } from "./support/database-servers.ts";
import { isMissing } from "./support/programs.ts";
import { TestServer } from "./support/server.ts";

// Two instances of a server with an identity pool: they have the same keys, and revocations in one store.

const userPoolName = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Bookstore";
const folder = await mkdtemp(join(tmpdir(), "authmodes-sessions-"));
afterAll(() => rm(folder, { recursive: true }));

interface Instance {
  readonly url: string;
  stop(): Promise<void>;
}

/** What all instances have in common. */
interface Shared {
  /** Clients keep the id of a guest by pool, so each test has its own. */
  readonly id: string;
  readonly keys: string;
  readonly identityKey: string;
}

async function startInstance(kit: TestKit, where: string, shared: Shared): Promise<Instance> {
  const store = await openStore(where);
  const revocations = await openRevocations(store);
  const { isRevoked: revoked } = revocations;
  const providers = createAuth([userPool({ ...kit.userPool.options, tokenUse: "id" })], { revoked });
  providers.onEvent(() => undefined);
  const pool = createIdentityPool({
    ...shared,
    accountId: "123456789012",
    roles: { reader: ["* *"] },
    guests: "reader",
    authenticated: "reader",
    providers,
  });
  const auth = createAuth([iam({ region: "us-east-1", credentials: pool })], { revoked });
  auth.onEvent(() => undefined);
  const app = express();
  app.use("/identity", pool.node);
  app.use(authenticate(auth));
  app.get("/books", (_request, response) => void response.json([]));
  app.use(authErrorHandler());
  const server = await TestServer.start(app);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await revocations.close();
      await store.close();
    },
  };
}

const kinds = [
  { name: "a file", program: "node", make: undefined },
  { name: "Redis", program: "redis-server", make: redisServer },
  { name: "PostgreSQL", program: "initdb", make: postgresServer },
] as const;

describe.each(kinds)("sessions of an identity pool, with revocations in $name", ({ program, make }) => {
  const isSkipped = make !== undefined && isMissing(program);
  const id = `us-east-1:${randomUUID()}`;
  let kit: TestKit;
  let server: DatabaseServer | undefined;
  let where: string;
  let instances: readonly Instance[] = [];
  beforeAll(async () => {
    if (isSkipped) return;
    server = await make?.();
    await server?.start();
    where = server?.url ?? join(folder, "keys.jsonl");
    kit = await createTestKit();
    const [keys = "", identityKey = ""] = [1, 2].map(() => randomBytes(32).toString("base64"));
    const shared = { id, keys, identityKey };
    instances = await Promise.all([1, 2].map(() => startInstance(kit, where, shared)));
  });
  afterAll(async () => {
    for (const instance of instances) await instance.stop();
    await server?.stop();
  });

  const idToken = (username: string) => kit.userPool.token({ use: "id", username });
  /** Credentials of the first instance, as the AWS SDK gets them. */
  const session = async (token?: string) =>
    fromCognitoIdentityPool({
      identityPoolId: id,
      clientConfig: { region: "us-east-1", endpoint: `${instances[0]?.url}/identity`, maxAttempts: 1 },
      ...(token !== undefined && { logins: { [userPoolName]: token } }),
    })();
  /** The answers of both instances. */
  const statuses = (credentials: AwsCredentials) =>
    Promise.all(
      instances.map(async ({ url }) => {
        const source = outbound.iam({ region: "us-east-1", credentials });
        return (await createAuthFetch(source, { origins: [url] })(`${url}/books`)).status;
      }),
    );
  const isRejected = async (credentials: AwsCredentials) => {
    await expect.poll(() => statuses(credentials), { timeout: 5000, interval: 100 }).toEqual([401, 401]);
  };

  it.skipIf(isSkipped)("one is revoked by its access key id, on every instance", async () => {
    const [one, other] = [await session(), await session()];
    expect(await statuses(one)).toEqual([200, 200]);
    await authmodes(where, "revoke", "--jti", one.accessKeyId, "--issuer", id);
    await isRejected(one);
    expect(await statuses(other)).toEqual([200, 200]);
  });

  it.skipIf(isSkipped)("all of an identity so far are, and later ones are accepted", async () => {
    const token = await idToken("carol");
    const [one, other] = [await session(token), await session(await idToken("dave"))];
    expect(await statuses(one)).toEqual([200, 200]);
    await authmodes(where, "revoke", "--sub", one.identityId, "--issuer", id);
    await isRejected(one);
    expect(await statuses(other)).toEqual([200, 200]);
    // Times are in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await statuses(await session(token))).toEqual([200, 200]);
  });

  it.skipIf(isSkipped)("those of a user end with the user's tokens, which get no new ones", async () => {
    const token = await idToken("erin");
    const [one, other] = [await session(token), await session(await idToken("frank"))];
    expect(await statuses(one)).toEqual([200, 200]);
    const issuer = `https://${userPoolName}`;
    await authmodes(where, "revoke", "--sub", kit.userPool.sub("erin"), "--issuer", issuer);
    await isRejected(one);
    expect(await statuses(other)).toEqual([200, 200]);
    await expect(session(token)).rejects.toMatchObject({ name: "NotAuthorizedException" });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await statuses(await session(await idToken("erin")))).toEqual([200, 200]);
  });

  it.skipIf(isSkipped)("all before a time are, at once", async () => {
    const one = await session(await idToken("grace"));
    expect(await statuses(one)).toEqual([200, 200]);
    const now = Math.floor(Date.now() / 1000);
    await authmodes(where, "revoke", "--issuer", id, "--issued-before", String(now));
    await isRejected(one);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await statuses(await session())).toEqual([200, 200]);
  });
});
