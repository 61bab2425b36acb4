import { queryOf } from "../auth/credentials.ts";
import { AuthError, refused } from "../refusal/error.ts";
import { crypto } from "#crypto";
import type { RequestView } from "../types.ts";
import { methodArn, pathOf, type StageName } from "./policy.ts";
import { boundedJson, isObject, type JsonObject, JsonTooDeep, jsonType } from "../lib/json.ts";

// The events that authorizers get, in the shapes of AppSync and API Gateway.

/** The event of an AppSync authorizer (AppSync developer guide, "AWS_LAMBDA authorization"). */
export interface AppSyncAuthorizerEvent {
  /** The header's value as received, with whatever prefix it has. */
  authorizationToken: string;
  requestContext: {
    apiId: string;
    accountId: string;
    requestId: string;
    /** The GraphQL document; empty if the request is not a POST of JSON with a `query`. */
    queryString: string;
    operationName?: string;
    variables: Record<string, unknown>;
  };
  /** By lower-case name; repeats joined by commas. */
  requestHeaders: Record<string, string>;
}

/** The event of an API Gateway `TOKEN` authorizer (developer guide, "Input to an API Gateway Lambda authorizer"). */
export interface TokenAuthorizerEvent {
  type: "TOKEN";
  /** The header's value as received, with whatever prefix it has. */
  authorizationToken: string;
  /** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>` */
  methodArn: string;
}

/** The event of an API Gateway `REQUEST` authorizer, of a REST API or with payload 1.0 of an HTTP API. */
export interface RequestAuthorizerEvent {
  type: "REQUEST";
  methodArn: string;
  /** The path: a server without API Gateway has no resource template. */
  resource: string;
  path: string;
  httpMethod: string;
  /** Names as received; of repeats the last. */
  headers: Record<string, string>;
  multiValueHeaders: Record<string, string[]>;
  /** Decoded; of repeats the last; null without a query. */
  queryStringParameters: Record<string, string> | null;
  multiValueQueryStringParameters: Record<string, string[]> | null;
  pathParameters: null;
  stageVariables: null;
  requestContext: {
    accountId: string;
    apiId: string;
    stage: string;
    requestId: string;
    /** Milliseconds since 1970. */
    requestTimeEpoch: number;
    httpMethod: string;
    path: string;
    resourcePath: string;
    domainName: string | null;
    /** The view of a request does not tell the caller's address. */
    identity: { sourceIp: null; userAgent: string | null };
  };
}

/** Any event that an authorizer can get. */
export type AuthorizerEvent = AppSyncAuthorizerEvent | TokenAuthorizerEvent | RequestAuthorizerEvent;

/** The kinds of events, as the option `event` names them. */
export type LambdaEventKind = "appsync" | "token" | "request";

export async function appsyncEvent(
  token: string,
  request: RequestView,
  { apiId, accountId }: StageName,
  maxBodyBytes: number,
): Promise<AppSyncAuthorizerEvent> {
  const { query, operationName, variables } = await graphqlRequest(request, maxBodyBytes);
  return {
    authorizationToken: token,
    requestContext: {
      apiId,
      accountId,
      requestId: crypto.randomUUID(),
      queryString: typeof query === "string" ? query : "",
      ...(typeof operationName === "string" && { operationName }),
      variables: isObject(variables) ? variables : {},
    },
    requestHeaders: lowerCaseHeaders(request),
  };
}

export function tokenEvent(token: string, request: RequestView, name: StageName): TokenAuthorizerEvent {
  return {
    type: "TOKEN",
    authorizationToken: token,
    methodArn: methodArn(request.method, pathOf(request), name),
  };
}

/** @param now milliseconds since 1970 */
export function requestEvent(request: RequestView, name: StageName, now: number): RequestAuthorizerEvent {
  const { method: httpMethod } = request;
  const { accountId, apiId, stage } = name;
  const path = pathOf(request);
  const headers = headersOf(request);
  const query = new Map<string, string[]>();
  for (const [name, value] of queryOf(request)) append(query, name, value);
  return {
    type: "REQUEST",
    methodArn: methodArn(httpMethod, path, name),
    resource: path,
    path,
    httpMethod,
    headers: lastValues(headers),
    multiValueHeaders: objectOf(headers, (values) => values),
    queryStringParameters: query.size === 0 ? null : lastValues(query),
    multiValueQueryStringParameters: query.size === 0 ? null : objectOf(query, (values) => values),
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId,
      apiId,
      stage,
      requestId: crypto.randomUUID(),
      requestTimeEpoch: now,
      httpMethod,
      path,
      resourcePath: path,
      domainName: request.host ?? null,
      identity: { sourceIp: null, userAgent: request.header("user-agent") ?? null },
    },
  };
}

/** All values of every header, by the spelling of its name that came first. */
function headersOf({ rawHeaders }: RequestView): Map<string, string[]> {
  const spellings = new Map<string, string>();
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (name.startsWith(":")) continue; // a pseudo-header of HTTP/2
    const lower = name.toLowerCase();
    const spelling = spellings.get(lower) ?? name;
    spellings.set(lower, spelling);
    append(headers, spelling, rawHeaders[i + 1] ?? "");
  }
  return headers;
}

function lowerCaseHeaders(request: RequestView): Record<string, string> {
  const headers = [...headersOf(request)].map(([name, values]) => [name.toLowerCase(), values] as const);
  return objectOf(new Map(headers), (values) => values.join(", "));
}

function append(all: Map<string, string[]>, name: string, value: string): void {
  const values = all.get(name);
  if (values === undefined) all.set(name, [value]);
  else values.push(value);
}

function lastValues(all: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  return objectOf(all, (values) => values.at(-1) ?? "");
}

/**
 * Created without a prototype, an object is a hash table from the start, and `__proto__` is a name like any other. Adding
 * a thousand names to a plain object takes four times as long.
 */
function objectOf<V, T>(all: ReadonlyMap<string, V>, valueOf: (value: V) => T): Record<string, T> {
  const object = Object.create(null) as Record<string, T>;
  for (const [name, value] of all) object[name] = valueOf(value);
  Object.setPrototypeOf(object, Object.prototype);
  return object;
}

const charsets = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;
const decoder = new TextDecoder();

/**
 * Reads a GraphQL request as AppSync accepts it: a POST of JSON. The query of any other request is empty.
 * @param maxBytes a longer body is a 413
 */
async function graphqlRequest(request: RequestView, maxBytes: number): Promise<JsonObject> {
  const contentType = request.header("content-type") ?? "";
  if (request.method !== "POST" || !jsonType.test(contentType)) return {};
  refuseEncoded(request.header("content-encoding") ?? "identity", contentType);
  const text = decoder.decode(await request.body(maxBytes));
  try {
    const body = boundedJson(text);
    return isObject(body) ? body : {};
  } catch (error) {
    if (!(error instanceof JsonTooDeep)) return {}; // no GraphQL request: the handler rejects it
    throw new AuthError("credentials_malformed", "body_too_deep", { detail: error.message });
  }
}

/** A handler could decode a body that we cannot read, and run a query that the authorizer has not seen. */
function refuseEncoded(encoding: string, contentType: string): void {
  const foreign = [...contentType.matchAll(charsets)].some(([, charset = ""]) => !/^utf-?8$/i.test(charset));
  if (encoding.trim().toLowerCase() === "identity" && !foreign) return;
  throw refused(
    "body_encoded",
    "the JSON body is compressed or not UTF-8, so the query could not be passed to the authorizer",
  );
}
