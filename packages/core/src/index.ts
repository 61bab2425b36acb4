export { createAuth } from "./auth.ts";
export type { Auth, AuthOptions, IdentityOf, RefusedIdentity, TokenFacts } from "./auth.ts";
export { corsHeaders, isPreflight } from "./cors.ts";
export type { CorsHeaders } from "./cors.ts";
export { AuthError } from "./error.ts";
export type { AuthErrorCode, AuthErrorOptions } from "./error.ts";
export type { AuthEvent, AuthListener, TraceEntry } from "./events.ts";
export { logLine } from "./events.ts";
export type {
  ApiKeyIdentity,
  Claims,
  IamIdentity,
  Identity,
  LambdaIdentity,
  NoneIdentity,
  OidcIdentity,
  UserPoolIdentity,
} from "./identity.ts";
export { apiKey, hashApiKey, newApiKey } from "./modes/api-key.ts";
export type { ApiKeyOptions, NewApiKey, NewApiKeyOptions, StoredApiKey } from "./modes/api-key.ts";
export { none } from "./modes/none.ts";
export { keepBody, nodeView } from "./node.ts";
export type { NodeRequest } from "./node.ts";
export type { PublicUrl } from "./public-url.ts";
export type { ErrorFormat, Reply } from "./reply.ts";
export type {
  AuthMode,
  Clock,
  Detection,
  Fit,
  IdentityBase,
  MaybePromise,
  Requirements,
  RequestView,
} from "./types.ts";
