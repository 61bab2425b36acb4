import { randomUUID } from "node:crypto";
import type { IdentityPool } from "@authmodes/identity-pool";
import { createTestKit, type TestAccessKey, type TestKit } from "@authmodes/testing";
import { bind, urlOf } from "../http/listen.ts";
import type { ClientSettings, Settings } from "../shop.ts";
import { type AwsSession, createShopPool, sessionOf } from "./identity-pool.ts";
import { type KeyStore, openKeyStore } from "./key-store.ts";

/** The credentials of the shop's users and machines, made at start and valid while the process runs, for half a day at most. */
export interface DemoCredentials extends Readonly<Record<"bob" | "libby" | "penny", UserTokens>> {
  readonly apiKey: string;
  readonly machine: TestAccessKey;
  readonly guest: AwsSession;
  readonly alice: UserTokens & { readonly aws: AwsSession };
  readonly otto: { readonly accessToken: string };
  readonly lambda: { readonly token: string; readonly deniedToken: string };
}

interface UserTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

/** A user pool, an OIDC issuer, an identity pool, access keys and an authorizer, embedded in this process. */
export interface IdentityProvider {
  readonly kit: TestKit;
  readonly keys: KeyStore;
  readonly pool: IdentityPool;
  readonly client: ClientSettings;
  /** For the modes of an app. */
  readonly settings: Settings;
  readonly credentials: DemoCredentials;
  /** Names of the callers, by the ids of their identities. */
  readonly names: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

const region = "us-east-1";
const userPoolId = `${region}_Bookstore`;
/** Seconds: half a day, so that the page may stay open. */
const lifetime = 12 * 60 * 60;

/**
 * @param store where keys and revocations are. Default: the memory of this process
 * @throws StoreError; TypeError if the text names no store
 */
export async function startIdentityProvider(store?: string): Promise<IdentityProvider> {
  // Of this process, as the ids that the pool gives: clients keep ids by pool, and would send those of an earlier one.
  const identityPoolId = `${region}:${randomUUID()}`;
  const server = await bind(); // the URL of the issuer is in its tokens
  const [kit, keys] = await Promise.all([
    createTestKit({ region, userPoolId, identityPoolId, oidc: { issuer: urlOf(server) } }),
    openKeyStore(store),
  ]);
  const served = await kit.listen(server);
  const pool = createShopPool(kit, identityPoolId, lifetime, keys.isRevoked);
  const { stored: old } = kit.apiKeys.expired;
  const client = {
    region,
    userPoolId,
    userPoolClientId: kit.userPool.clientId,
    identityPoolId,
    oidcIssuer: kit.oidc.issuer,
  };
  const settings: Settings = {
    ...client,
    oidcAudience: kit.oidc.audience,
    jwksUri: `${served.url}/${userPoolId}/.well-known/jwks.json`,
    // The table shows what an old key gets. A store makes none that has expired.
    findApiKey: (hash) => (hash === old.hash ? old : keys.findApiKey(hash)),
    // Temporary keys come with a session token. The store would be asked for each of them: it may have it since a moment.
    findAccessKey: (id, context) =>
      context.sessionToken === undefined ? keys.findAccessKey(id) : pool(id, context),
    revoked: keys.isRevoked,
    usage: keys.usage,
    authorizer: kit.authorizer.handler,
  };

  const tokens = async (username: string, ...groups: readonly string[]): Promise<UserTokens> => {
    const token = { username, groups, expiresInSeconds: lifetime };
    return {
      idToken: await kit.userPool.token({ ...token, use: "id" }),
      accessToken: await kit.userPool.token({ ...token, use: "access" }),
    };
  };
  const alice = await tokens("alice");
  const logins = { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: alice.idToken };
  const { accessKeyId, secretAccessKey, userArn } = keys.machine;
  const { authorized, denied } = kit.authorizer.tokens;
  const credentials: DemoCredentials = {
    apiKey: keys.apiKey.key,
    machine: { accessKeyId, secretAccessKey },
    guest: await sessionOf(pool, identityPoolId),
    alice: { ...alice, aws: await sessionOf(pool, identityPoolId, logins) },
    bob: await tokens("bob"),
    libby: await tokens("libby", "Librarians"),
    penny: await tokens("penny", "Poets"),
    otto: { accessToken: await kit.oidc.token({ sub: "otto", expiresInSeconds: lifetime }) },
    lambda: { token: authorized, deniedToken: denied },
  };
  const users = ["alice", "bob", "libby", "penny", "shop"];
  return {
    kit,
    keys,
    pool,
    client,
    settings,
    credentials,
    names: new Map([
      [keys.apiKey.id, "demo-key"],
      [userArn, "machine"],
      [credentials.guest.identityId, "guest"],
      [credentials.alice.aws.identityId, "alice"],
      ...users.map((name) => [kit.userPool.sub(name), name] as const),
    ]),
    async close() {
      await keys.close();
      await served.close();
    },
  };
}
