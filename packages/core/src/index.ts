export type { Access } from "./policy/access.ts";
export type { ListOperation, RouteOperation } from "./policy/guarded-route.ts";
export { maxConnectionSeconds, recheckSeconds, watchConnection } from "./auth/connection.ts";
export type { ConnectionWatch } from "./auth/connection.ts";
export { createAuth, type Auth, type IdentityOf } from "./auth/auth.ts";
export type { AuthOptions } from "./auth/options.ts";
export { corsHeaders, type CorsHeaders } from "./auth/cors.ts";
export { AuthError, type AuthErrorCode, type AuthErrorOptions } from "./refusal/error.ts";
export type { IssuerDescription, KeySetDescription, ModeDescription, Settings } from "./auth/description.ts";
export type { AuthEvent, AuthListener, ListenOptions, TraceEntry } from "./auth/events.ts";
export { logLine } from "./auth/events.ts";
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
export { protectedResource, toMcpAuthInfo } from "./mcp.ts";
export type { McpAuthInfo, ProtectedResource, ProtectedResourceOptions } from "./mcp.ts";
export { apiKey, hashApiKey, newApiKey } from "./modes/api-key.ts";
export type { ApiKeyOptions, NewApiKey, NewApiKeyOptions, StoredApiKey } from "./modes/api-key.ts";
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
export { iam } from "./modes/iam.ts";
export type { AccessKey, AccessKeyContext, FindAccessKey, IamOptions, ReplayStore } from "./modes/iam.ts";
export { lambda, type LambdaOptions } from "./modes/lambda.ts";
export { none } from "./modes/none.ts";
export type { Confirmation, ConfirmKey } from "./jwt/confirmation.ts";
export type { KeySetOptions } from "./jwt/key-source.ts";
export type { GivenKeys } from "./jwt/given-keys.ts";
export type { Expected } from "./jwt/match.ts";
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
export type { PublicUrl } from "./request/public-url.ts";
export type { ErrorFormat, Reply } from "./refusal/reply.ts";
export type {
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
