import { crypto } from "#crypto";
import type { RequestView } from "../types.ts";
import type {
  AppSyncAuthorizerEvent,
  RequestAuthorizerEvent,
  TokenAuthorizerEvent,
} from "./authorizer-events.ts";
import { graphqlRequest } from "./graphql-body.ts";
import { methodArn, pathOf, type StageName } from "./method-arn.ts";
import { queryOf } from "./sources.ts";

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
      queryString: query,
      ...(operationName !== undefined && { operationName }),
      variables,
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
  const query = parametersOf(request);
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
    if (name.startsWith(":")) continue; // HTTP/2's own
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

function parametersOf(request: RequestView): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of queryOf(request)) append(parameters, name, value);
  return parameters;
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
 * Begun without a prototype, an object is a hash table from the start, and `__proto__` is a name like any other. To add
 * a thousand names to a plain one takes four times as long.
 */
function objectOf<V, T>(all: ReadonlyMap<string, V>, valueOf: (value: V) => T): Record<string, T> {
  const object = Object.create(null) as Record<string, T>;
  for (const [name, value] of all) object[name] = valueOf(value);
  Object.setPrototypeOf(object, Object.prototype);
  return object;
}
