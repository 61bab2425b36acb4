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

/** Who may call the shop: one list, all modes. Each route then says which of them it accepts. */
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
      userPool({
        userPoolId: shop.userPoolId,
        clientId: shop.userPoolClientId,
        tokenUse: "both",
        // The embedded pool's; the key set of one of Amazon's is found by itself.
        jwksUri: shop.jwksUri,
      }),
      oidc({ issuer: shop.oidcIssuer, audience: shop.oidcAudience }),
      lambda({ authorizer: shop.authorizer, maxBodyBytes }),
      none(),
    ],
    { errorFormat: shop.errorFormat, policy: shop.policy },
  );
}
