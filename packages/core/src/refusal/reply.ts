import { metadataUrl } from "../lib/urls.ts";
import type { AuthError, AuthErrorCode, AuthErrorOptions, RefusalContext } from "./error.ts";

/**
 * The format of rejections: `problem` is RFC 9457 with RFC 6750 challenges; `apigateway` and `appsync` are what clients
 * of those services expect (statuses, `x-amzn-ErrorType`, bodies), but repeat neither a header nor a canonical string.
 */
export type ErrorFormat = "problem" | "apigateway" | "appsync";

/** The answer to a rejected request. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  408: "Request Timeout",
  413: "Content Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** What an AWS service answers: status, error type, message. */
type AwsAnswer = readonly [status: number, type: string, message: string];

// API Gateway: developer guide, "Gateway response types". `iamAnswers` and below have what depends on the mode. The statuses
// are those of the `problem` format too.
const gatewayAnswers: Record<AuthErrorCode, AwsAnswer> = {
  credentials_missing: [401, "UnauthorizedException", "Unauthorized"],
  credentials_malformed: [400, "BadRequestException", "Bad Request"],
  credentials_ambiguous: [400, "BadRequestException", "Bad Request"],
  credentials_refused: [401, "UnauthorizedException", "Unauthorized"],
  credentials_expired: [401, "UnauthorizedException", "The incoming token has expired"],
  mode_not_accepted: [401, "UnauthorizedException", "Unauthorized"],
  scope_missing: [403, "ForbiddenException", "Forbidden"],
  forbidden: [403, "AccessDeniedException", "User is not authorized to access this resource"],
  not_found: [404, "NotFoundException", "Not Found"],
  invalid_input: [400, "BadRequestException", "Bad Request"],
  body_too_large: [413, "RequestTooLargeException", "Request Too Long"],
  // Neither service has such an answer. AWS's SDKs retry after this type.
  body_timeout: [408, "RequestTimeoutException", "Request Timeout"],
  rate_limited: [429, "TooManyRequestsException", "Too Many Requests"],
  unavailable: [503, "ServiceUnavailableException", "Service Unavailable"],
  misconfigured: [500, "AuthorizerConfigurationException", "Internal server error"],
};

// AppSync: developer guide, "Authorization and authentication"; every rejected credential is a 401.
const appsyncAnswers: Record<AuthErrorCode, AwsAnswer> = {
  ...gatewayAnswers,
  credentials_missing: [401, "UnauthorizedException", "Missing authorization header"],
  credentials_malformed: [401, "UnauthorizedException", "Valid authorization header not provided."],
  credentials_refused: [401, "UnauthorizedException", "You are not authorized to make this call."],
  credentials_expired: [401, "UnauthorizedException", "Token has expired."],
  mode_not_accepted: [401, "UnauthorizedException", "You are not authorized to make this call."],
  scope_missing: [401, "UnauthorizedException", "Permission denied"],
  forbidden: [401, "UnauthorizedException", "Permission denied"],
  body_too_large: [413, "RequestEntityTooLargeException", "Request entity too large"],
  body_timeout: [408, "RequestTimeoutException", "Request timeout"],
  rate_limited: [429, "TooManyRequestsException", "Rate exceeded"],
  misconfigured: [500, "InternalFailureException", "Internal failure"],
};

// SigV4, the same for both services (AWS IAM user guide, "Common errors").
const iamAnswers: Partial<Record<AuthErrorCode, AwsAnswer>> = {
  credentials_missing: [403, "MissingAuthenticationTokenException", "Missing Authentication Token"],
  credentials_malformed: [403, "IncompleteSignatureException", "The signature is not well formed."],
  credentials_refused: [
    403,
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. " +
      "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  ],
  credentials_expired: [
    403,
    "ExpiredTokenException",
    "The security token included in the request is expired",
  ],
};

/** @param options those of the error */
export function renderReply(error: AuthError, options: AuthErrorOptions, context: RefusalContext): Reply {
  const reply = context.format === "problem" ? problem(error, context) : aws(error, options, context);
  return options.headers ? { ...reply, headers: { ...options.headers, ...reply.headers } } : reply;
}

function problem(error: AuthError, context: RefusalContext): Reply {
  const [status] = gatewayAnswers[error.code];
  const headers = commonHeaders(error, status, context, "application/problem+json");
  // By this header AWS's clients correct their clock and renew their session, in any format of the body.
  if (error.reason === "date_skewed") headers["x-amzn-ErrorType"] = "RequestTimeTooSkewed";
  if (error.reason === "session_expired") headers["x-amzn-ErrorType"] = "ExpiredTokenException";
  const body = {
    type: "about:blank",
    title: titles[status],
    status,
    detail: error.message,
    code: error.code,
    scopes: error.scopes.length > 0 ? error.scopes : undefined,
    instance: `urn:uuid:${context.id}`,
  };
  return { status, headers, body: JSON.stringify(body) };
}

function aws(error: AuthError, options: AuthErrorOptions, context: RefusalContext): Reply {
  const [status, ownType, ownMessage] = awsAnswer(error, context);
  const type = options.awsType ?? ownType;
  const message = options.awsMessage ?? ownMessage;
  const headers = commonHeaders(error, status, context, "application/json");
  headers["x-amzn-ErrorType"] = type;
  headers["x-amzn-RequestId"] = context.id;
  const body = context.format === "appsync" ? { errors: [{ errorType: type, message }] } : { message };
  return { status, headers, body: JSON.stringify(body) };
}

function awsAnswer(error: AuthError, context: RefusalContext): AwsAnswer {
  // Without credentials no mode decides: a route that accepts one mode answers as AWS does for that mode.
  const mode = context.mode ?? (context.accepted.length === 1 ? context.accepted[0]?.name : undefined);
  const isUnread = context.mode === undefined && error.code === "mode_not_accepted";
  if (mode === "iam") {
    const answer = iamAnswers[isUnread ? "credentials_malformed" : error.code];
    if (answer !== undefined) return answer;
  }
  if (context.format === "appsync") return appsyncAnswers[error.code];
  const isKeyRejected = error.code === "credentials_missing" || error.code === "credentials_refused";
  if (mode === "apiKey" && (isUnread || isKeyRejected)) return [403, "ForbiddenException", "Forbidden"];
  // The custom authorizer is a part of the API.
  return gatewayAnswers[mode === "lambda" && error.code === "unavailable" ? "misconfigured" : error.code];
}

function commonHeaders(
  error: AuthError,
  status: number,
  context: RefusalContext,
  contentType: string,
): Record<string, string> {
  const headers: Record<string, string> = { "Content-Type": contentType, "Cache-Control": "no-store" };
  // RFC 9110 §15.5.9: otherwise the server would wait for the rest of the body before the next request.
  if (error.code === "body_timeout") headers["Connection"] = "close";
  if (error.retryAfter !== undefined)
    headers["Retry-After"] = String(Math.max(1, Math.ceil(error.retryAfter)));
  // API Gateway's JWT authorizers answer 401 with a challenge, and RFC 9110 §15.5.2 wants one.
  const challenge = challenges(error, status, context);
  if (challenge !== "") headers["WWW-Authenticate"] = challenge;
  return headers;
}

/** The `WWW-Authenticate` of RFC 9110 §11.6.1, with the parameters of RFC 6750 §3 for `Bearer`. */
function challenges(error: AuthError, status: number, context: RefusalContext): string {
  const wanted = status === 401 || error.code === "scope_missing" || error.code === "credentials_malformed";
  if (!wanted) return "";
  const schemes = new Set(context.accepted.map(({ scheme }) => scheme));
  schemes.delete(undefined);
  // First and with a parameter: MCP clients, among others, ignore a Bearer challenge without either.
  const bearer = schemes.delete("Bearer") ? [`Bearer ${bearerParameters(error, context)}`] : [];
  return [...bearer, ...schemes].join(", ");
}

const bearerErrors: Partial<Record<AuthErrorCode, string>> = {
  credentials_malformed: "invalid_request",
  credentials_refused: "invalid_token",
  credentials_expired: "invalid_token",
  mode_not_accepted: "invalid_token",
};

function bearerParameters({ code, message, scopes }: AuthError, context: RefusalContext): string {
  const { resource, isToken } = context;
  const isScopeMissing = code === "scope_missing";
  const error = isToken?.() === false ? undefined : bearerErrors[code];
  const scope = quotable((isScopeMissing ? scopes : neededScopes(context)).join(" ")).trim();
  const parameters =
    parameter("error", isScopeMissing ? "insufficient_scope" : error) +
    // Never empty: MCP clients would send the two quotes on as a scope.
    parameter("scope", scope === "" ? undefined : scope) +
    parameter("resource_metadata", resource === undefined ? undefined : metadataUrl(resource)) +
    // Last, since clients search the whole challenge for the names of the others.
    parameter("error_description", isScopeMissing || error === undefined ? undefined : quotable(message));
  return parameters === "" ? 'realm="api"' : parameters.slice(", ".length);
}

function parameter(name: string, value: string | undefined): string {
  return value === undefined ? "" : `, ${name}="${value}"`;
}

/** The scopes for which a client without a valid token asks the issuer. */
function neededScopes({ resource, needs }: RefusalContext): readonly string[] {
  const scopes = resource === undefined ? undefined : needs?.scopes;
  return scopes === undefined ? [] : "any" in scopes ? scopes.any : scopes;
}

/** RFC 6750 §3 allows neither quotes nor backslashes, which would end the quoted string. */
function quotable(text: string): string {
  return text.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "");
}

/**
 * Whether a header of an answer stays if a rejection replaces the answer: a page of another origin needs these to read it.
 * @param name in lower case
 * @example
 * import { isForBrowsers } from "@authmodes/core/adapter";
 *
 * console.log(isForBrowsers("access-control-allow-origin"), isForBrowsers("etag")); // true false
 */
export function isForBrowsers(name: string): boolean {
  return name.startsWith("access-control-") || name === "vary";
}

const describing =
  /^(?:content-(?:disposition|encoding|language|length|location|range|type)|etag|last-modified|expires|location)$/;

/**
 * Removes the headers that an earlier middleware set for another answer, before a rejection replaces it. Headers of CORS and of
 * security middlewares stay.
 * @param response of Node, Express or Fastify
 * @example
 * import { clearAnswer } from "@authmodes/core/adapter";
 * import type { ServerResponse } from "node:http";
 *
 * export function startRejection(response: ServerResponse): void {
 *   clearAnswer(response);
 * }
 */
export function clearAnswer(response: Headed & { readonly raw?: Headed & { headersSent: boolean } }): void {
  const { raw } = response;
  // Fastify before 5.12 leaves those that middleware for node:http set.
  for (const part of raw?.headersSent === false ? [response, raw] : [response]) {
    for (const name of Object.keys(part.getHeaders())) if (describing.test(name)) part.removeHeader(name);
  }
}

interface Headed {
  getHeaders(): object;
  removeHeader(name: string): unknown;
}
