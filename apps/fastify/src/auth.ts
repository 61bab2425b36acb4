import {
  apiKey,
  type Auth,
  createAuth,
  iam,
  type Identity,
  lambda,
  none,
  oidc,
  userPool,
} from "@authmodes/fastify";
import { maxBodyBytes, type Shop } from "@authmodes/app-shared";

/** The modes that identify the caller. `auth.only(...identifying)` rejects requests without credentials. */
export const identifying = ["apiKey", "iam", "userPool", "oidc", "lambda"] as const;

/** The modes of the shop, and their options. */
export function createShopAuth(shop: Shop): Auth<Identity> {
  return createAuth(
    [
      apiKey({ keys: shop.findApiKey }),
      iam({
        region: shop.region,
        service: ["execute-api", "appsync"],
        credentials: shop.findAccessKey,
        maxBodyBytes,
      }),
      oidc({ issuer: shop.oidcIssuer, audience: [shop.oidcAudience, shop.mcpUrl] }),
      userPool({
        userPoolId: shop.userPoolId,
        clientId: shop.userPoolClientId,
        audience: null, // access tokens of the embedded pool have none
        tokenUse: "both",
        // Of the embedded pool. The key set of a pool at Amazon needs no option.
        jwksUri: shop.jwksUri,
      }),
      lambda({ authorizer: shop.authorizer, maxBodyBytes }),
      none(),
    ],
    {
      errorFormat: shop.errorFormat,
      policy: shop.policy,
      revoked: shop.revoked,
      usage: shop.usage,
      // The URL of /mcp, for clients that sign in by themselves. They do not understand the format of AppSync.
      ...(shop.errorFormat !== "appsync" && { resource: shop.mcpUrl }),
    },
  );
}
