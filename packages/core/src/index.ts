export { type Auth, corsHeaders, type CorsHeaders, createAuth, type IdentityOf } from "./auth/auth.ts";
export { maxConnectionSeconds, recheckSeconds, watchConnection } from "./auth/connection.ts";
export type { ConnectionWatch } from "./auth/connection.ts";
export {
  type AuthEvent,
  type AuthListener,
  type ListenOptions,
  logLine,
  type TraceEntry,
} from "./auth/events.ts";
export { protectedResource, toMcpAuthInfo } from "./auth/mcp.ts";
export type { McpAuthInfo, ProtectedResource, ProtectedResourceOptions } from "./auth/mcp.ts";
export type { AuthOptions } from "./auth/options.ts";
// Every type of these three is public.
export type * from "./identity.ts";
export type * from "./policy/policy.ts";
export type * from "./types.ts";
export type { Confirmation, ConfirmKey, Expected } from "./jwt/claims.ts";
export type { GivenKeys } from "./jwt/issuer-options.ts";
export type { KeySetOptions } from "./jwt/key-source.ts";
export type { ClaimPath, FindRights, Rights } from "./jwt/rights.ts";
export type { TokenSource } from "./jwt/source.ts";
export type {
  AppSyncAuthorizerEvent,
  AuthorizerEvent,
  LambdaEventKind,
  RequestAuthorizerEvent,
  TokenAuthorizerEvent,
} from "./lambda/authorizer-events.ts";
export type {
  InvokedAuthorizer,
  LambdaCallback,
  LambdaContext,
  LambdaFunction,
  HttpAuthorizer,
} from "./lambda/authorizers.ts";
export type { PublicUrl } from "./lib/urls.ts";
export { apiKey, hashApiKey, newApiKey } from "./modes/api-key.ts";
export type { ApiKeyOptions, NewApiKey, NewApiKeyOptions, StoredApiKey } from "./modes/api-key.ts";
export { iam } from "./modes/iam.ts";
export type { AccessKey, AccessKeyContext, FindAccessKey, IamOptions, ReplayStore } from "./modes/iam.ts";
export { lambda, type LambdaOptions } from "./modes/lambda.ts";
export { none } from "./modes/none.ts";
export { oidc, type OidcIssuer, type OidcOptions, type OidcTenants } from "./modes/oidc.ts";
export { userPool, type UserPoolOptions } from "./modes/user-pool.ts";
export type { Access } from "./policy/access.ts";
export type { ListOperation, RouteOperation } from "./policy/guarded-route.ts";
export { AuthError, type AuthErrorCode, type AuthErrorOptions } from "./refusal/error.ts";
export type { ErrorFormat, Reply } from "./refusal/reply.ts";
export { keepBody, nodeView, type NodeRequest } from "./request/node.ts";
