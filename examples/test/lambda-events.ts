// The events that AWS makes of a client's request. What each decodes and drops: the developer guides of API Gateway
// ("payload format"), Lambda ("function URLs") and Elastic Load Balancing ("Lambda functions as targets"); that HTTP APIs
// alone decode the path is not documented, but seen in live events.

/** A request as the client sends it. */
export interface ClientRequest {
  readonly method: string;
  /** As on the wire, with the query. */
  readonly target: string;
  /** A header that is sent repeatedly has several values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body?: Buffer | undefined;
}

export interface EventSource {
  readonly name: string;
  /** The URL that clients use, without the path of the request. */
  readonly url: string;
  readonly eventOf: (request: ClientRequest) => Record<string, unknown>;
}

const gateway = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";
const sourceIp = "203.0.113.7";

function partsOf(target: string): { path: string; query: string; parameters: [string, string][] } {
  const [path = "", query = ""] = target.split(/\?(.*)/s, 2);
  const parameters = query
    .split("&")
    .filter((piece) => piece !== "")
    .map((piece): [string, string] => [piece.replace(/=.*/s, ""), piece.replace(/^[^=]*=?/, "")]);
  return { path, query, parameters };
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

function lists(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const [name, value] of pairs) (all[name] ??= []).push(value);
  return all;
}

function lasts(all: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

/** Text stays text; what API Gateway and load balancers take for binary is base64. */
function bodyOf({ body, headers }: ClientRequest, none: null | undefined | "") {
  if (body === undefined) return { body: none, isBase64Encoded: false };
  const isText = /json|text/.test(headers["Content-Type"]?.[0] ?? "");
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

/**
 * A REST API, which decodes the query and drops the length. `path` has no stage, but the base path of a domain name of
 * one's own.
 */
function restApi(name: string, url: string, { stripped = "", mapped = "" } = {}): EventSource {
  const eventOf = (request: ClientRequest) => {
    const { path, parameters } = partsOf(request.target);
    const { "Content-Length": _length, ...headers } = request.headers;
    const query = lists(parameters.map(([name, value]) => [decoded(name), decoded(value)]));
    const hasQuery = parameters.length > 0;
    return {
      resource: "/{proxy+}",
      path: mapped + path,
      httpMethod: request.method,
      headers: lasts(headers),
      multiValueHeaders: headers,
      queryStringParameters: hasQuery ? lasts(query) : null,
      multiValueQueryStringParameters: hasQuery ? query : null,
      pathParameters: { proxy: path.slice(1) },
      stageVariables: null,
      requestContext: {
        resourcePath: "/{proxy+}",
        path: stripped + mapped + path,
        httpMethod: request.method,
        stage: "prod",
        domainName: new URL(url).host,
        protocol: "HTTP/1.1",
        requestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        identity: { sourceIp },
      },
      ...bodyOf(request, null),
    };
  };
  return { name, url, eventOf };
}

/** Payload format 2.0: header names in lower case, repeats joined, cookies apart, the query as sent. */
function format2(name: string, url: string, { decodesPath = false, stage = "$default" } = {}): EventSource {
  const eventOf = (request: ClientRequest) => {
    const { path, query, parameters } = partsOf(request.target);
    const { Cookie, ...headers } = request.headers;
    const rawPath =
      (stage === "$default" ? "" : `/${stage}`) + (decodesPath ? decodeURIComponent(path) : path);
    const values = lists(parameters.map(([name, value]) => [decoded(name), decoded(value)]));
    const joined = Object.entries(values).map(([name, all]) => [name, all.join(",")]);
    return {
      version: "2.0",
      routeKey: "$default",
      rawPath,
      rawQueryString: query,
      ...(Cookie !== undefined && { cookies: Cookie.flatMap((all) => all.split("; ")) }),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, all]) => [name.toLowerCase(), all.join(",")]),
      ),
      ...(joined.length > 0 && { queryStringParameters: Object.fromEntries(joined) as unknown }),
      requestContext: {
        stage,
        domainName: new URL(url).host,
        requestId: "JKJaXmPLvHcESHA=",
        http: { method: request.method, path: rawPath, protocol: "HTTP/1.1", sourceIp, userAgent: "agent" },
      },
      ...bodyOf(request, undefined),
    };
  };
  return { name, url, eventOf };
}

/** A load balancer: nothing is decoded; without multi-value headers, the last of repeated headers and parameters. */
function loadBalancer(name: string, isMultiValue: boolean): EventSource {
  const eventOf = (request: ClientRequest) => {
    const { path, parameters } = partsOf(request.target);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, all]) => [name.toLowerCase(), all]),
    );
    return {
      requestContext: {
        elb: { targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/6d0e" },
      },
      httpMethod: request.method,
      path,
      ...(isMultiValue
        ? { multiValueHeaders: headers, multiValueQueryStringParameters: lists(parameters) }
        : { headers: lasts(headers), queryStringParameters: lasts(lists(parameters)) }),
      ...bodyOf(request, ""),
    };
  };
  return { name, url: "https://api.example.com", eventOf };
}

export const eventSources: readonly EventSource[] = [
  restApi("REST API, URL with a stage", `${gateway}/prod`, { stripped: "/prod" }),
  restApi("REST API, own domain", "https://api.example.com"),
  restApi("REST API, own domain with a base path", "https://api.example.com/shop", { mapped: "/shop" }),
  format2("HTTP API", gateway, { decodesPath: true }),
  format2("HTTP API, URL with a stage", `${gateway}/prod`, { decodesPath: true, stage: "prod" }),
  format2("Function URL", "https://abcdefghij.lambda-url.us-east-1.on.aws"),
  loadBalancer("Load balancer", false),
  loadBalancer("Load balancer, multi-value headers", true),
];
