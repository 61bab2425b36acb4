import type {
  ApiKeyIdentity,
  IamIdentity,
  LambdaIdentity,
  NoneIdentity,
  OidcIdentity,
  UserPoolIdentity,
} from "@authmodes/core";
import type { PolicyOptions } from "../compile/options.ts";

// Callers of every mode, as the modes of core prove them.

const base = { groups: [], scopes: [], expiresAt: null };

export const poolIssuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Test";
export const oidcIssuer = "https://login.example.com";

export const identityPool: NonNullable<PolicyOptions["identityPool"]> = {
  id: "us-east-1:11111111-0000-4000-8000-000000000001",
  authRoleArn: "arn:aws:iam::123456789012:role/auth-role",
  unauthRoleArn: "arn:aws:iam::123456789012:role/unauth-role",
};

/** A user of the pool, by an access token: `sub-alice::alice`. */
export function user(name: string, claims: Readonly<Record<string, unknown>> = {}): UserPoolIdentity {
  const sub = typeof claims["sub"] === "string" ? claims["sub"] : `sub-${name}`;
  return Object.freeze({
    ...base,
    mode: "userPool",
    id: sub,
    sub,
    username: name,
    issuer: poolIssuer,
    tokenUse: "access",
    claims: Object.freeze({ sub, username: name, iss: poolIssuer, ...claims }),
  });
}

export function member(name: string, ...groups: string[]): UserPoolIdentity {
  return Object.freeze({ ...user(name, { "cognito:groups": groups }), groups });
}

export function oidcUser(sub: string, claims: Readonly<Record<string, unknown>> = {}): OidcIdentity {
  const issuer = typeof claims["iss"] === "string" ? claims["iss"] : oidcIssuer;
  return Object.freeze({
    ...base,
    mode: "oidc",
    id: sub,
    sub,
    issuer,
    claims: Object.freeze({ sub, iss: issuer, ...claims }),
  });
}

export const key: ApiKeyIdentity = Object.freeze({ ...base, mode: "apiKey", id: "key-1", keyId: "key-1" });
export const nobody: NoneIdentity = Object.freeze({ ...base, mode: "none", id: null });

export function authorized(...deniedFields: string[]): LambdaIdentity {
  return Object.freeze({
    ...base,
    mode: "lambda",
    id: "device-7",
    principalId: "device-7",
    resolverContext: {},
    deniedFields,
  });
}

/** An IAM principal that comes from no identity pool. */
export function principal(userArn: string): IamIdentity {
  return Object.freeze({
    ...base,
    mode: "iam",
    id: userArn,
    accessKeyId: "AKIAEXAMPLE",
    accountId: "123456789012",
    userArn,
    username: userArn.split("/").at(-1) ?? userArn,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    cognitoIdentityAuthType: null,
    cognitoIdentityAuthProvider: null,
  });
}

export function poolIdentity(
  kind: "authenticated" | "unauthenticated",
  role: string = kind === "authenticated" ? "auth-role" : "unauth-role",
  poolId: string | null = identityPool.id ?? null,
): IamIdentity {
  return Object.freeze({
    ...principal(`arn:aws:sts::123456789012:assumed-role/${role}/CognitoIdentityCredentials`),
    id: "us-east-1:identity",
    cognitoIdentityId: "us-east-1:identity",
    cognitoIdentityPoolId: poolId,
    cognitoIdentityAuthType: kind,
  });
}

export const guest: IamIdentity = poolIdentity("unauthenticated");
export const signedIn: IamIdentity = poolIdentity("authenticated");
export const machine: IamIdentity = principal("arn:aws:iam::123456789012:user/machine");
