export * as outbound from "./sources.ts";
export type {
  ApiKeySourceOptions,
  CustomSource,
  LambdaSourceOptions,
  TokenSourceOptions,
} from "./sources.ts";
export { createAuthFetch, type AuthFetchOptions } from "./auth-fetch.ts";
export type { ClientCredentialsOptions, PrivateKey } from "./client-credentials.ts";
export type { IamSourceOptions, AwsCredentialsSource } from "./iam.ts";
export { identityPoolCredentials } from "./identity-pool.ts";
export type { IdentityPoolCredentials, IdentityPoolCredentialsOptions, Logins } from "./identity-pool.ts";
export { presign, type PresignOptions } from "./presign.ts";
export type { AwsCredentials, HeaderSource, OutboundRequest } from "./header-source.ts";
