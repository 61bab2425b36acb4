import type { Server } from "node:http";
import {
  apiKey,
  type ApiKeyIdentity,
  type Auth,
  type AuthMode,
  type AuthOptions,
  type Clock,
  createAuth,
  iam,
  type IamIdentity,
  type Identity,
  lambda,
  type LambdaIdentity,
  none,
  type NoneIdentity,
  oidc,
  type OidcIdentity,
  userPool,
  type UserPoolIdentity,
} from "@authmodes/core";
import { TestAccessKeys } from "./access-keys.ts";
import { TestApiKeys } from "./api-keys.ts";
import { TestAuthorizer } from "./authorizer.ts";
import { type TestClock, testClock } from "./clock.ts";
import { type HeadersFor, headersFor } from "./headers.ts";
import { listen, type Listening } from "./listen.ts";
import { TestOidcIssuer, type TestOidcSettings } from "./oidc.ts";
import { TestUserPool } from "./user-pool.ts";

/** Settings of a test kit; all have defaults. */
export interface TestKitOptions {
  /** Milliseconds since 1970 at which the clock stops, or a clock to follow. Default `Date.now`. */
  readonly now?: number | Clock;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `us-east-1_Bookstore`. */
  readonly userPoolId?: string;
  readonly userPoolClientId?: string;
  readonly identityPoolId?: string;
  readonly accountId?: string;
  /**
   * An app that discovers the issuer over the network needs one that is served, such as `http://127.0.0.1:4001` with
   * `kit.listen(4001)`. For a free port, let a server listen first, and pass it to `kit.listen(server)`.
   */
  readonly oidc?: Partial<TestOidcSettings>;
}

/** One mode of each kind, connected to the kit: nothing goes over the network. */
export interface TestModes {
  readonly apiKey: AuthMode<ApiKeyIdentity>;
  readonly iam: AuthMode<IamIdentity>;
  readonly userPool: AuthMode<UserPoolIdentity>;
  readonly oidc: AuthMode<OidcIdentity>;
  readonly lambda: AuthMode<LambdaIdentity>;
  readonly none: AuthMode<NoneIdentity>;
}

/** The parts of a test kit. */
export interface TestKit {
  readonly clock: TestClock;
  readonly modes: TestModes;
  /** Makes an auth of all six modes with the kit's clock. For `requires` and `reportOnly`, pass `kit.modes` to `createAuth`. */
  auth(options?: Omit<AuthOptions, "requires" | "reportOnly">): Auth<Identity>;
  readonly userPool: TestUserPool;
  readonly oidc: TestOidcIssuer;
  readonly apiKeys: TestApiKeys;
  readonly accessKeys: TestAccessKeys;
  readonly authorizer: TestAuthorizer;
  readonly headersFor: HeadersFor;
  /**
   * Serves both issuers on 127.0.0.1, for apps that need URLs: the user pool below `/<userPoolId>`, the OIDC issuer
   * below the path of its `issuer`.
   * @param at a port, default 0, a free one; or a server that listens on 127.0.0.1 already and answers nothing yet
   */
  listen(at?: number | Server): Promise<Listening>;
}

/**
 * Makes issuers, keys, an authorizer and a clock: everything that a test needs to call an app in every mode, without ports.
 * @example
 * import { getIdentity, authenticate } from "@authmodes/express";
 * import { createTestKit } from "@authmodes/testing";
 * import express from "express";
 *
 * const kit = await createTestKit();
 * const auth = kit.auth();
 * const app = express().use(authenticate(auth));
 * app.get("/me", (request, response) => response.json(getIdentity(request, auth).id));
 * const headers = await kit.headersFor("userPool", { username: "ann", groups: ["Staff"] });
 */
export async function createTestKit(options: TestKitOptions = {}): Promise<TestKit> {
  const clock = testClock(options.now ?? Date.now);
  const region = options.region ?? "us-east-1";
  const userPoolId = options.userPoolId ?? `${region}_Bookstore`;
  const [pool, issuer, apiKeys] = await Promise.all([
    TestUserPool.create(userPoolId, options.userPoolClientId ?? "bookstore-web", clock.now),
    TestOidcIssuer.create(
      {
        issuer: "https://issuer.example",
        audience: "bookstore",
        clientId: "bookstore-service",
        ...options.oidc,
      },
      clock.now,
    ),
    TestApiKeys.create(clock.now),
  ]);
  const account = {
    region,
    userPoolId,
    accountId: options.accountId ?? "123456789012",
    identityPoolId: options.identityPoolId ?? `${region}:00000000-0000-4000-8000-000000000000`,
  };
  const accessKeys = new TestAccessKeys(account, clock.now);
  const authorizer = new TestAuthorizer();
  const modes = {
    apiKey: apiKey(apiKeys.options),
    iam: iam(accessKeys.options),
    userPool: userPool(pool.options),
    oidc: oidc(issuer.options),
    lambda: lambda(authorizer.options),
    none: none(),
  };
  const parts = { clock, userPool: pool, oidc: issuer, apiKeys, accessKeys, authorizer };
  return {
    ...parts,
    modes,
    auth: (authOptions) => createAuth(Object.values(modes), { clock: clock.now, ...authOptions }),
    headersFor: headersFor(parts),
    listen: (at = 0) =>
      listen(at, (request) => {
        const forPool = new URL(request.url).pathname.startsWith(`/${userPoolId}/`);
        return (forPool ? pool : issuer).handle(request);
      }),
  };
}
