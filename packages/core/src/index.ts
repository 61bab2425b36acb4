export { guardedRoute, InputError, isList, isWrite, RouteAccess } from "./access.ts";
export type { Access, GuardedRoute, ListOperation, RouteOperation, RouteOptions } from "./access.ts";
export { maxConnectionSeconds, recheckSeconds, watchConnection } from "./connection.ts";
export type { ConnectionWatch } from "./connection.ts";
export { createAuth } from "./auth.ts";
export type { Auth, IdentityOf } from "./auth.ts";
export type { AuthOptions } from "./auth-options.ts";
export { corsHeaders, isPreflight } from "./cors.ts";
export type { CorsHeaders } from "./cors.ts";
export { AuthError } from "./error.ts";
export type { AuthErrorCode, AuthErrorOptions } from "./error.ts";
export type { IssuerDescription, KeySetDescription, ModeDescription, Settings } from "./description.ts";
export type { AuthEvent, AuthListener, ListenOptions, TraceEntry } from "./events.ts";
export { logLine } from "./events.ts";
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
} from "./lambda/authorizers.ts";
export type { HttpAuthorizer } from "./lambda/http-authorizer.ts";
export { iam } from "./modes/iam.ts";
export type { AccessKey, FindAccessKey, IamOptions, ReplayStore } from "./modes/iam.ts";
export { lambda } from "./modes/lambda.ts";
export type { LambdaOptions } from "./modes/lambda.ts";
export { none } from "./modes/none.ts";
export type { Confirmation, ConfirmKey } from "./jwt/confirmation.ts";
export type { KeySetOptions } from "./jwt/key-set.ts";
export type { Expected } from "./jwt/match.ts";
export type { TokenSource } from "./jwt/source.ts";
export { oidc } from "./modes/oidc.ts";
export type { OidcIssuer, OidcOptions, OidcTenants } from "./modes/oidc.ts";
export { userPool } from "./modes/user-pool.ts";
export type { UserPoolOptions } from "./modes/user-pool.ts";
export { isPromise } from "./is-promise.ts";
export { unseenRequest } from "./mistake.ts";
export { maxNesting, nestsTooDeeply } from "./nesting.ts";
export { firstNodeView, keepBody, nodeView } from "./node.ts";
export type { NodeRequest } from "./node.ts";
export { partView } from "./part-view.ts";
export type {
  AllowedByRule,
  Condition,
  DeniedByRule,
  Operation,
  Policy,
  Question,
  RuleDecision,
  Values,
} from "./policy.ts";
export { checkOptionNames } from "./options.ts";
export { PreflightAnswer } from "./preflight.ts";
export type { PreflightAction } from "./preflight.ts";
export type { PublicUrl } from "./public-url.ts";
export type { ErrorFormat, Reply } from "./reply.ts";
export { checkAuth, checkRequirements } from "./requirements.ts";
export type { TokenFacts } from "./token-facts.ts";
export type {
  AuthMode,
  CallContext,
  Clock,
  Detection,
  Fit,
  IdentityBase,
  MaybePromise,
  Requirements,
  RequestView,
} from "./types.ts";
export { within } from "./within.ts";
export type { Wait } from "./within.ts";
