import { randomBytes } from "node:crypto";
import {
  type Auth,
  type AuthOptions,
  createAuth,
  iam,
  type IamIdentity,
  oidc,
  userPool,
} from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { createTestKit, type TestKit, type UserPoolTokenOptions } from "@authmodes/testing";
import { createIdentityPool, type IdentityPool } from "../create.ts";
import type { IdentityPoolOptions } from "../options.ts";

export const poolId = "us-east-1:5a3c1f0e-8d1b-4c5e-9f00-0123456789ab";
export const accountId = "123456789012";
/** As clients name the user pool of the kit. */
export const userPoolName = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Bookstore";
export const oidcName = "issuer.example";
export const clientId = "bookstore-service";

export interface Credentials {
  readonly AccessKeyId: string;
  readonly SecretKey: string;
  readonly SessionToken: string;
  readonly Expiration: number;
}

/** An answer of the pool. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly __type?: string;
  readonly message?: string;
  readonly IdentityId: string;
  readonly Credentials: Credentials;
}

export function newKey(): string {
  return randomBytes(32).toString("base64");
}

/** Keys that all pools of a test process share, as instances of one server do. */
export const keys: string = newKey();
export const identityKey: string = newKey();

export type RoleName = "guest" | "reader" | "editor" | "admin";
export const roles: Readonly<Record<RoleName, readonly string[]>> = {
  guest: ["GET /books*"],
  reader: ["GET /books*", "POST /orders"],
  editor: ["* /books*"],
  admin: ["* *"],
};

export interface World {
  readonly kit: TestKit;
  readonly options: IdentityPoolOptions<RoleName>;
}

/** A user pool, an OIDC issuer, and the options of a pool that accepts their logins and guests. */
export async function createWorld(): Promise<World> {
  const kit = await createTestKit({ now: Date.UTC(2026, 10, 29), oidc: { clientId } });
  const providers = createAuth(
    [
      userPool({ ...kit.userPool.options, tokenUse: "id" }),
      oidc({
        issuer: kit.oidc.issuer,
        audience: clientId,
        tokenUse: "both",
        keySet: { fetch: kit.oidc.fetch },
      }),
    ],
    { clock: kit.clock.now },
  );
  providers.onEvent(() => undefined);
  return {
    kit,
    options: {
      id: poolId,
      accountId,
      keys,
      identityKey,
      roles,
      guests: "guest",
      authenticated: "reader",
      providers,
      clock: kit.clock.now,
    },
  };
}

/** A pool, and a server behind `iam` that accepts its credentials. */
export class Scene {
  readonly kit: TestKit;
  readonly pool: IdentityPool;
  readonly auth: Auth<IamIdentity>;

  constructor(
    { kit, options }: World,
    changes: Partial<IdentityPoolOptions<RoleName>> = {},
    more: Pick<AuthOptions, "revoked"> = {},
  ) {
    this.kit = kit;
    this.pool = createIdentityPool({ ...options, ...changes });
    const modes = [iam({ region: "us-east-1", credentials: this.pool })];
    this.auth = createAuth(modes, { clock: kit.clock.now, ...more });
    this.auth.onEvent(() => undefined);
  }

  async call(operation: string, input: unknown): Promise<Answered> {
    return this.send({ "x-amz-target": `AWSCognitoIdentityService.${operation}` }, JSON.stringify(input));
  }

  async send(headers: Record<string, string>, body: string): Promise<Answered> {
    const request = new Request("http://pool.test/any/path", {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.1", ...headers },
      body,
    });
    const response = await this.pool.handler(request);
    const answer = (await response.json()) as Answered;
    return { ...answer, status: response.status, headers: response.headers };
  }

  getId(Logins?: Readonly<Record<string, unknown>>): Promise<Answered> {
    return this.call("GetId", { IdentityPoolId: poolId, Logins });
  }

  getCredentials(IdentityId: string, more: object = {}): Promise<Answered> {
    return this.call("GetCredentialsForIdentity", { IdentityId, ...more });
  }

  async guest(): Promise<Answered> {
    return this.getCredentials((await this.getId()).IdentityId);
  }

  async logins(token: UserPoolTokenOptions = {}): Promise<Record<string, string>> {
    return { [userPoolName]: await this.kit.userPool.token({ use: "id", ...token }) };
  }

  async user(token: UserPoolTokenOptions = {}, more: object = {}): Promise<Answered> {
    const Logins = await this.logins(token);
    const { IdentityId } = await this.getId(Logins);
    return this.getCredentials(IdentityId, { Logins, ...more });
  }

  /** The caller of a signed request, or the reason of the rejection. */
  async caller(credentials: Credentials, method = "GET", path = "/books/7"): Promise<IamIdentity | string> {
    const url = `http://api.test${path}`;
    const headers = await this.kit.headersFor("iam", {
      method,
      url,
      credentials: {
        accessKeyId: credentials.AccessKeyId,
        secretAccessKey: credentials.SecretKey,
        sessionToken: credentials.SessionToken,
      },
    });
    try {
      return await this.auth.authenticate(fetchView(new Request(url, { method, headers })));
    } catch (error) {
      return String(Reflect.get(Object(error), "reason"));
    }
  }
}
