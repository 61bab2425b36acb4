import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createPolicy, type Policy, type RuleSchema } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import type { ClientSettings } from "../shop.ts";

/** Path of the shop's own rules. */
export const ownSchemaFile: string = fileURLToPath(new URL("../../schema.graphql", import.meta.url));

/**
 * Compiles the rules of a file for the issuers and the identity pool of the shop.
 * @throws PolicyError
 */
export function createShopPolicy(schemaFile: string, client: ClientSettings): Policy {
  const { region, userPoolId, identityPoolId, oidcIssuer } = client;
  return createPolicy(readSchema(schemaFile), {
    issuers: { userPools: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`, oidc: oidcIssuer },
    identityPool: { id: identityPoolId },
    adminRoles: ["Admin"],
  });
}

/** @throws PolicyError */
export function readSchema(file: string): RuleSchema {
  return parseSchema(readFileSync(file, "utf8"));
}
