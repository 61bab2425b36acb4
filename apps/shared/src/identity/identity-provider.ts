import { randomUUID } from "node:crypto";
import type { IdentityPool } from "@authmodes/identity-pool";
import {
  createTestKit,
  type TemporaryCredentials,
  type TestAccessKey,
  type TestKit,
} from "@authmodes/testing";
import { createShopPool, sessionOf } from "./identity-pool.ts";
import { type KeyStore, openKeyStore } from "./key-store.ts";
import { freePort } from "../http/listen.ts";

/** The credentials of the shop's users and machines, made at start and valid while the process runs, for half a day at most. */
export interface DemoCredentials {
  readonly apiKey: string;
  readonly machine: TestAccessKey;
  readonly guest: AwsSession;
  readonly alice: UserTokens & { readonly aws: AwsSession };
  readonly bob: UserTokens;
  readonly libby: UserTokens;
  readonly penny: UserTokens;
  readonly otto: { readonly accessToken: string };
  readonly lambda: { readonly token: string; readonly deniedToken: string };
}

export interface UserTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

export type AwsSession = Omit<TemporaryCredentials, "expiration">;

/** A user pool, an OIDC issuer, an identity pool, access keys and an authorizer, embedded in this process. */
export interface IdentityProvider {
  readonly kit: TestKit;
  readonly keys: KeyStore;
  readonly pool: IdentityPool;
  readonly region: string;
  readonly identityPoolId: string;
  /** URL of the user pool's key set. */
  readonly jwksUri: string;
  readonly credentials: DemoCredentials;
  /** Names of the callers, by the ids of their identities. */
  readonly names: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

const region = "us-east-1";
const userPoolId = `${region}_Bookstore`;
/** Of this process, as the ids that the pool gives: clients keep ids by pool, and would send those of an earlier one. */
const identityPoolId = `${region}:${randomUUID()}`;
/** Seconds: half a day, so that the page may stay open. */
const lifetime = 12 * 60 * 60;

/**
 * @param store where keys and revocations are. Default: the memory of this process
 * @throws StoreUnusable
 */
export async function startIdentityProvider(store?: string): Promise<IdentityProvider> {
  const port = await freePort(); // the URL of the issuer is in its tokens
  const issuer = `http://127.0.0.1:${port}`;
  const [kit, keys] = await Promise.all([
    createTestKit({ region, userPoolId, identityPoolId, oidc: { issuer } }),
    openKeyStore(store),
  ]);
  const served = await kit.listen(port);
  const pool = createShopPool(kit, identityPoolId, lifetime, keys.isRevoked);
  const guest = await sessionOf(pool, identityPoolId);
  const alice = await tokens(kit, "alice");
  const logins = { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: alice.idToken };
  const aws = await sessionOf(pool, identityPoolId, logins);
  const { authorized, denied } = kit.authorizer.tokens;
  const { accessKeyId, secretAccessKey, userArn } = keys.machine;
  const credentials: DemoCredentials = {
    apiKey: keys.apiKey.key,
    machine: { accessKeyId, secretAccessKey },
    guest,
    alice: { ...alice, aws },
    bob: await tokens(kit, "bob"),
    libby: await tokens(kit, "libby", ["Librarians"]),
    penny: await tokens(kit, "penny", ["Poets"]),
    otto: { accessToken: await kit.oidc.token({ sub: "otto", expiresInSeconds: lifetime }) },
    lambda: { token: authorized, deniedToken: denied },
  };
  const names = new Map([
    [keys.apiKey.id, "demo-key"],
    [userArn, "machine"],
    [guest.identityId, "guest"],
    [aws.identityId, "alice"],
    ...["alice", "bob", "libby", "penny", "shop"].map((name) => [kit.userPool.sub(name), name] as const),
  ]);
  return {
    kit,
    keys,
    pool,
    region,
    identityPoolId,
    jwksUri: `${served.url}/${userPoolId}/.well-known/jwks.json`,
    credentials,
    names,
    async close() {
      await keys.close();
      await served.close();
    },
  };
}

async function tokens(kit: TestKit, username: string, groups: readonly string[] = []): Promise<UserTokens> {
  const token = (use: "id" | "access") =>
    kit.userPool.token({ use, username, groups, expiresInSeconds: lifetime });
  return { idToken: await token("id"), accessToken: await token("access") };
}
