import type { AuthError } from "./refusal/error.ts";
import type { IdentityBase } from "./types.ts";

// What each mode proves. The fields are those of AppSync's `$context.identity` for that mode
// (AppSync developer guide, "Resolver mapping template context reference"), without `sourceIp`.

/** JSON as it stands in a token. */
export type Claims = Readonly<Record<string, unknown>>;

export interface ApiKeyIdentity extends IdentityBase {
  readonly mode: "apiKey";
  readonly id: string;
  readonly keyId: string;
}

export interface IamIdentity extends IdentityBase {
  readonly mode: "iam";
  /** The identity id of an identity pool, else the ARN. */
  readonly id: string;
  readonly accessKeyId: string;
  readonly accountId: string;
  readonly userArn: string;
  readonly username: string;
  /** These four are null for principals that do not come from an identity pool. */
  readonly cognitoIdentityId: string | null;
  readonly cognitoIdentityPoolId: string | null;
  readonly cognitoIdentityAuthType: "authenticated" | "unauthenticated" | null;
  readonly cognitoIdentityAuthProvider: string | null;
}

export interface UserPoolIdentity extends IdentityBase {
  readonly mode: "userPool";
  readonly id: string;
  readonly sub: string;
  /** `cognito:username` of an id token, `username` of an access token. */
  readonly username: string;
  readonly issuer: string;
  readonly tokenUse: "access" | "id";
  readonly claims: Claims;
}

export interface OidcIdentity extends IdentityBase {
  readonly mode: "oidc";
  readonly id: string;
  readonly sub: string;
  readonly issuer: string;
  readonly claims: Claims;
}

export interface LambdaIdentity extends IdentityBase {
  readonly mode: "lambda";
  /** `principalId` where the authorizer names one. */
  readonly id: string | null;
  readonly principalId: string | null;
  readonly resolverContext: Claims;
  /** `Type.field`, whichever way the authorizer spelt it. */
  readonly deniedFields: readonly string[];
}

export interface NoneIdentity extends IdentityBase {
  readonly mode: "none";
  readonly id: null;
}

/** Who calls: told apart by `mode`. */
export type Identity =
  | ApiKeyIdentity
  | IamIdentity
  | UserPoolIdentity
  | OidcIdentity
  | LambdaIdentity
  | NoneIdentity;

/** The caller of a request that `reportOnly` let pass although it was rejected. */
export interface RefusedIdentity extends IdentityBase {
  readonly mode: "refused";
  readonly id: null;
  readonly error: AuthError;
}
