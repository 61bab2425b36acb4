import type { AuthError } from "./refusal/error.ts";
import type { IdentityBase, TokenFacts } from "./types.ts";

// The fields are those of AppSync's `$context.identity` for each mode (AppSync developer guide, "Resolver mapping template
// context reference"), without `sourceIp`.

/** The claims of a token, as parsed JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** A caller with an API key. */
export interface ApiKeyIdentity extends IdentityBase {
  readonly mode: "apiKey";
  readonly id: string;
  readonly keyId: string;
}

/** A caller that signed the request with an access key. */
export interface IamIdentity extends IdentityBase {
  readonly mode: "iam";
  /** The identity id of an identity pool, else the ARN. */
  readonly id: string;
  readonly accessKeyId: string;
  readonly accountId: string;
  readonly userArn: string;
  readonly username: string;
  /** This and the next three are null for principals that do not come from an identity pool. */
  readonly cognitoIdentityId: string | null;
  readonly cognitoIdentityPoolId: string | null;
  readonly cognitoIdentityAuthType: "authenticated" | "unauthenticated" | null;
  readonly cognitoIdentityAuthProvider: string | null;
  /** When temporary credentials were issued, in seconds since 1970. */
  readonly issuedAt?: number | undefined;
  /** The token with which the user of an identity pool signed in; undefined for guests. */
  readonly login?: TokenFacts | undefined;
}

/** A caller with a token of a user pool (Amazon Cognito's user directory). */
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

/** A caller with a token of an OpenID Connect provider. */
export interface OidcIdentity extends IdentityBase {
  readonly mode: "oidc";
  readonly id: string;
  readonly sub: string;
  readonly issuer: string;
  readonly claims: Claims;
}

/** A caller that a custom authorizer accepted. */
export interface LambdaIdentity extends IdentityBase {
  readonly mode: "lambda";
  /** The `principalId`, if the authorizer returns one. */
  readonly id: string | null;
  readonly principalId: string | null;
  readonly resolverContext: Claims;
  /** As `Type.field`, also if the authorizer returned ARNs. */
  readonly deniedFields: readonly string[];
}

/** A caller without credentials. */
export interface NoneIdentity extends IdentityBase {
  readonly mode: "none";
  readonly id: null;
}

/** The caller, by `mode`. */
export type Identity =
  | ApiKeyIdentity
  | IamIdentity
  | UserPoolIdentity
  | OidcIdentity
  | LambdaIdentity
  | NoneIdentity;

/** The caller of a request that was rejected, but let pass by `reportOnly`. */
export interface RefusedIdentity extends IdentityBase {
  readonly mode: "refused";
  readonly id: null;
  /** The rejection. */
  readonly error: AuthError;
}
