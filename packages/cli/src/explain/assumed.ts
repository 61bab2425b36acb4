import type { IdentityBase } from "@authmodes/core";
import { textsIn } from "../values.ts";
import type { WrittenRequest } from "./request.ts";
import { tokenIn, tokenParts } from "./token.ts";

/** The identity of the token in a request if it were good, for asking rules when there is no auth to verify it. */
export function assumedIdentity({ headers }: WrittenRequest): IdentityBase | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === "authorization")?.[1];
  const [, claims] = tokenParts(tokenIn(value ?? "") ?? "");
  const { iss, sub, exp } = claims ?? {};
  if (claims === undefined || typeof iss !== "string" || typeof sub !== "string") return undefined;
  const isPool = /^https:\/\/(?:issuer-)?cognito-idp\./.test(iss);
  const names = textsIn([claims["cognito:username"], claims["username"], sub]);
  const common = {
    id: sub,
    sub,
    issuer: iss,
    claims,
    scopes: [],
    expiresAt: typeof exp === "number" ? exp : null,
  };
  const groups = textsIn(claims["cognito:groups"]);
  const tokenUse = claims["token_use"];
  const named = { username: names[0] ?? sub, tokenUse };
  return isPool ? { mode: "userPool", ...common, groups, ...named } : { mode: "oidc", ...common, groups: [] };
}
