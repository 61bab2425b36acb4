export type { Access } from "./policy/access.ts";
export type { ListOperation, RouteOperation } from "./policy/guarded-route.ts";
export {
  maxConnectionSeconds,
  recheckSeconds,
  watchConnection,
  type ConnectionWatch,
} from "./auth/connection.ts";
export { createAuth, type Auth, type IdentityOf, corsHeaders, type CorsHeaders } from "./auth/auth.ts";
export type { AuthOptions } from "./auth/options.ts";
export { AuthError, type AuthErrorCode, type AuthErrorOptions } from "./refusal/error.ts";
export type {
  IssuerDescription,
  KeySetDescription,
  ModeDescription,
  Settings,
  AuthMode,
  CallContext,
  Clock,
  Detection,
  Fit,
  IdentityBase,
  LookUp,
  MaybePromise,
  OnChange,
  Requirements,
  RequestView,
  TokenFacts,
} from "./types.ts";
export {
  type AuthEvent,
  type AuthListener,
  type ListenOptions,
  type TraceEntry,
  logLine,
} from "./auth/events.ts";
export type {
  ApiKeyIdentity,
  Claims,
  IamIdentity,
  Identity,
  LambdaIdentity,
  NoneIdentity,
  OidcIdentity,
  RefusedIdentity,
  UserPoolIdentity,
} from "./identity.ts";
export {
  protectedResource,
  toMcpAuthInfo,
  type McpAuthInfo,
  type ProtectedResource,
  type ProtectedResourceOptions,
} from "./auth/mcp.ts";
export {
  apiKey,
  hashApiKey,
  newApiKey,
  type ApiKeyOptions,
  type NewApiKey,
  type NewApiKeyOptions,
  type StoredApiKey,
} from "./modes/api-key.ts";
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
export {
  iam,
  type AccessKey,
  type AccessKeyContext,
  type FindAccessKey,
  type IamOptions,
  type ReplayStore,
} from "./modes/iam.ts";
export { lambda, type LambdaOptions } from "./modes/lambda.ts";
export { none } from "./modes/none.ts";
export type { Confirmation, ConfirmKey } from "./jwt/token-verifier.ts";
export type { KeySetOptions } from "./jwt/key-source.ts";
export type { GivenKeys } from "./jwt/issuer-options.ts";
export type { Expected } from "./jwt/claims.ts";
export type { ClaimPath, FindRights, Rights } from "./jwt/rights.ts";
export type { TokenSource } from "./jwt/source.ts";
export { oidc, type OidcIssuer, type OidcOptions, type OidcTenants } from "./modes/oidc.ts";
export { userPool, type UserPoolOptions } from "./modes/user-pool.ts";
export { keepBody, nodeView, type NodeRequest } from "./request/node.ts";
export type {
  AllowedByRule,
  AllowedList,
  Condition,
  DeniedByRule,
  Masked,
  Operation,
  Policy,
  Question,
  RuleDecision,
  Values,
} from "./policy/policy.ts";
export type { PublicUrl } from "./lib/urls.ts";
export type { ErrorFormat, Reply } from "./refusal/reply.ts";
