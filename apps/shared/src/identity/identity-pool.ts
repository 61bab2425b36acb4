import { randomBytes } from "node:crypto";
import { type AuthOptions, createAuth, oidc, userPool } from "@authmodes/core";
import { identityPoolCredentials, type Logins } from "@authmodes/core/outbound";
import { createIdentityPool, type IdentityPool } from "@authmodes/identity-pool";
import type { TemporaryCredentials, TestKit } from "@authmodes/testing";
import type { Middleware } from "../http/middleware.ts";

/** The path of the shop's identity pool. */
export const identityPoolPath = "/identity-pool";

export type AwsSession = Omit<TemporaryCredentials, "expiration">;

/**
 * Creates the shop's identity pool, whose roles may call everything: the rules of the models decide.
 * @param lifetimeSeconds of the credentials
 * @param revoked whether a login was revoked
 */
export function createShopPool(
  kit: TestKit,
  id: string,
  lifetimeSeconds: number,
  revoked: NonNullable<AuthOptions["revoked"]>,
): IdentityPool {
  const { clientId, issuer } = kit.oidc;
  return createIdentityPool({
    id,
    accountId: "123456789012",
    // Of this process only, as everything that the shop issues.
    keys: randomBytes(32).toString("base64"),
    identityKey: randomBytes(32).toString("base64"),
    roles: { UnauthenticatedRole: ["* *"], AuthenticatedRole: ["* *"] },
    guests: "UnauthenticatedRole",
    authenticated: "AuthenticatedRole",
    providers: createAuth(
      [
        userPool({ ...kit.userPool.options, tokenUse: "id" }),
        oidc({ issuer, audience: clientId, tokenUse: "both", keySet: { fetch: kit.oidc.fetch } }),
      ],
      { revoked },
    ),
    lifetimeSeconds,
  });
}

/** Gets credentials of the pool in this process, as clients get them over the network. */
export async function sessionOf(pool: IdentityPool, id: string, logins?: Logins): Promise<AwsSession> {
  const credentials = identityPoolCredentials({
    identityPoolId: id,
    ...(logins !== undefined && { logins: () => logins }),
    fetch: (input, init) => pool.handler(new Request(input, init)),
  });
  const { accessKeyId, secretAccessKey, sessionToken = "", identityId } = await credentials();
  return { accessKeyId, secretAccessKey, sessionToken, identityId };
}

/** Serves the pool, and passes on requests of other paths. */
export function servePool(pool: IdentityPool): Middleware {
  return (request, response, next) => {
    // The AWS SDKs append a slash to the path of an endpoint.
    if (request.url?.replace(/\/$/, "") === identityPoolPath) pool.node(request, response, next);
    else next();
  };
}
