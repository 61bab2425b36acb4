import { readFileSync } from "node:fs";
import { createPolicy, type Policy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import type { Settings } from "./shop.ts";

const schema = new URL("../schema.graphql", import.meta.url);

/** The rules of `schema.graphql`, for the issuers and the identity pool of the shop. */
export function createShopPolicy({ region, userPoolId, identityPoolId, oidcIssuer }: Settings): Policy {
  return createPolicy(parseSchema(readFileSync(schema, "utf8")), {
    issuers: { userPools: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`, oidc: oidcIssuer },
    identityPool: { id: identityPoolId },
    adminRoles: ["Admin"],
  });
}
