import type { IdentityBase } from "@authmodes/core";

/** Whom a token would name if it were good, for asking rules where there is no auth to verify it. */
export function assumedIdentity(token: string): IdentityBase | undefined {
  const claims = claimsOf(token);
  const { iss, sub, exp } = claims ?? {};
  if (claims === undefined || typeof iss !== "string" || typeof sub !== "string") return undefined;
  const isPool = /^https:\/\/(?:issuer-)?cognito-idp\./.test(iss);
  const names = textsOf([claims["cognito:username"], claims["username"], sub]);
  const common = {
    id: sub,
    sub,
    issuer: iss,
    claims,
    scopes: [],
    expiresAt: typeof exp === "number" ? exp : null,
  };
  const groups = textsOf(claims["cognito:groups"]);
  const tokenUse = claims["token_use"];
  const named = { username: names[0] ?? sub, tokenUse };
  return isPool ? { mode: "userPool", ...common, groups, ...named } : { mode: "oidc", ...common, groups: [] };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
