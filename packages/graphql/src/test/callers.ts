import type { ApiKeyIdentity, LambdaIdentity, NoneIdentity, UserPoolIdentity } from "@authmodes/core";

const base = { groups: [], scopes: [], expiresAt: null } as const;

export function user(
  name: string,
  groups: readonly string[] = [],
  expiresAt: number | null = null,
): UserPoolIdentity {
  return {
    ...base,
    mode: "userPool",
    id: `s-${name}`,
    sub: `s-${name}`,
    username: name,
    issuer: "https://issuer.example",
    tokenUse: "access",
    groups,
    expiresAt,
    claims: { sub: `s-${name}`, username: name, "cognito:groups": groups },
  };
}

export const alice: UserPoolIdentity = user("alice");
export const bob: UserPoolIdentity = user("bob");
export const libby: UserPoolIdentity = user("libby", ["Librarians"]);
export const apiKey: ApiKeyIdentity = { ...base, mode: "apiKey", id: "k1", keyId: "k1" };
export const nobody: NoneIdentity = { ...base, mode: "none", id: null };

export function lambda(...deniedFields: readonly string[]): LambdaIdentity {
  return { ...base, mode: "lambda", id: null, principalId: null, resolverContext: {}, deniedFields };
}
