// What an authorizer is told about a request, by the names of the services that call it.

/** AppSync developer guide, "AWS_LAMBDA authorization". */
export interface AppSyncAuthorizerEvent {
  /** The header's value as received, with whatever prefix it has. */
  authorizationToken: string;
  requestContext: {
    apiId: string;
    accountId: string;
    requestId: string;
    /** The GraphQL document; empty where the request is not a POST of JSON with a `query`. */
    queryString: string;
    operationName?: string;
    variables: Record<string, unknown>;
  };
  /** By lower-case name; repeats joined by commas. */
  requestHeaders: Record<string, string>;
}

/** API Gateway developer guide, "Input to an API Gateway Lambda authorizer". */
export interface TokenAuthorizerEvent {
  type: "TOKEN";
  /** The header's value as received, with whatever prefix it has. */
  authorizationToken: string;
  /** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>` */
  methodArn: string;
}

/** The same guide: REST APIs, and payload 1.0 of HTTP APIs. */
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

export type AuthorizerEvent = AppSyncAuthorizerEvent | TokenAuthorizerEvent | RequestAuthorizerEvent;

/** What the option `event` calls them. */
export type LambdaEventKind = "appsync" | "token" | "request";
