import type { IdentityBase } from "@authmodes/core";
import { textsIn } from "../values.ts";
import { tokenParts } from "./token.ts";

/** Whom a token would name if it were good, for asking rules where there is no auth to verify it. */
export function assumedIdentity(token: string): IdentityBase | undefined {
  const [, claims] = tokenParts(token);
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
