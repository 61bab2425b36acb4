import { describe, expect, it } from "vitest";
import { apiKey, newApiKey } from "../modes/api-key.ts";
import { lambda } from "../modes/lambda.ts";
import { none } from "../modes/none.ts";
import { serveLambda } from "../test/lambda-server.ts";
import { viewOf } from "../test/view.ts";
import type { RequestAuthorizerEvent, TokenAuthorizerEvent } from "./authorizer-events.ts";

const name = { region: "eu-west-1", accountId: "111122223333", apiId: "shop", stage: "prod" };
const api = "arn:aws:execute-api:eu-west-1:111122223333:shop/prod";
const token = { authorization: "allow" };
const gateway = { errorFormat: "apigateway" } as const;

function policy(...statements: (readonly [effect: string, resource: string])[]) {
  return {
    principalId: "user|7",
    policyDocument: {
      Version: "2012-10-17",
      Statement: statements.map(([Effect, Resource]) => ({ Effect, Action: "execute-api:Invoke", Resource })),
    },
  };
}

describe("event 'token'", () => {
  it("tells the authorizer the token as received and the method's ARN", async () => {
    const events: TokenAuthorizerEvent[] = [];
    const ask = await serveLambda({
      event: "token",
      ...name,
      authorizer: (event) => (events.push(event), policy(["Allow", event.methodArn])),
    });
    await ask({ target: "/books/a%20b?limit=1", headers: { authorization: "Bearer allow" } });
    await ask({ method: "DELETE", target: "/?x", headers: token });
    expect(events).toEqual([
      { type: "TOKEN", authorizationToken: "Bearer allow", methodArn: `${api}/GET/books/a%20b` },
      { type: "TOKEN", authorizationToken: "allow", methodArn: `${api}/DELETE/` },
    ]);
  });

  it("uses a partition that fits the region, and default names if none are set", async () => {
    const arns: string[] = [];
    const authorizer = (event: TokenAuthorizerEvent) => (arns.push(event.methodArn), policy(["Allow", "*"]));
    for (const options of [{ region: "cn-north-1" }, { region: "us-gov-west-1" }, {}]) {
      const ask = await serveLambda({ event: "token", authorizer, ...options });
      expect((await ask({ target: "/books", headers: token })).status).toBe(200);
    }
    expect(arns).toEqual([
      "arn:aws-cn:execute-api:cn-north-1:000000000000:local/$default/GET/books",
      "arn:aws-us-gov:execute-api:us-gov-west-1:000000000000:local/$default/GET/books",
      "arn:aws:execute-api:local:000000000000:local/$default/GET/books",
    ]);
  });

  it("gives the principal and the context as strings", async () => {
    const answer = { ...policy(["Allow", "*"]), context: { text: "a", number: 1, yes: true } };
    const ask = await serveLambda({ event: "token", authorizer: () => answer });
    expect((await ask({ headers: token })).body).toEqual({
      mode: "lambda",
      id: "user|7",
      principalId: "user|7",
      resolverContext: { text: "a", number: "1", yes: "true" },
      deniedFields: [],
      groups: [],
      scopes: [],
      expiresAt: null,
    });
  });

  it("answers a denial as API Gateway does, explicit or not", async () => {
    const authorizer = () => policy(["Allow", `${api}/GET/books`], ["Deny", `${api}/GET/closed`]);
    const ask = await serveLambda({ event: "token", ...name, authorizer }, [], gateway);
    expect((await ask({ target: "/books", headers: token })).status).toBe(200);
    for (const [target, end] of [
      ["/other", ""],
      ["/closed", " with an explicit deny"],
    ]) {
      const told = await ask({ target: target ?? "", headers: token });
      expect(told).toMatchObject({
        status: 403,
        errorType: "AccessDeniedException",
        reason: "policy_denied",
        body: { message: `User is not authorized to access this resource${end}` },
      });
    }
  });

  it("evaluates a remembered policy for each method and path", async () => {
    let calls = 0;
    const authorizer = () => (calls++, policy(["Allow", `${api}/GET/books/*`]));
    const ask = await serveLambda({ event: "token", ...name, authorizer, ttlSeconds: 300 });
    const statuses = [];
    for (const asking of [
      { target: "/books/1" },
      { target: "/books/2" },
      { target: "/orders/1" },
      { target: "/books/1", method: "DELETE" },
    ]) {
      statuses.push((await ask({ ...asking, headers: token })).status);
    }
    expect({ calls, statuses }).toEqual({ calls: 1, statuses: [200, 200, 403, 403] });
  });

  it.each([
    ["dot segments", "/books/../closed"],
    ["escaped dot segments", "/books/%2e%2E/closed"],
    ["dot segments between escaped slashes", "/books%2f..%2Fclosed"],
    ["a dot segment at the end", "/closed/."],
    ["an empty segment", "//closed"],
    ["a backslash", "/books\\..\\closed"],
    ["an escaped backslash", "/books/..%5cclosed"],
    ["a fragment", "/closed#x"],
    ["a broken escape", "/closed%"],
    ["an escaped control character", "/closed%0a"],
    ["a host", "http://localhost/closed"],
    ["no slash at the start", "*"],
  ])("refuses a path with %s, without a call", async (_, target) => {
    let calls = 0;
    const authorizer = () => (calls++, policy(["Allow", "*"], ["Deny", `${api}/GET/closed`]));
    const ask = await serveLambda({ event: "token", ...name, authorizer });
    expect(await ask({ target, headers: token })).toMatchObject({
      status: 403,
      reason: "path_not_canonical",
    });
    expect(calls).toBe(0);
  });

  it.each([
    ["AppSync's answer", { isAuthorized: true }],
    ["no principal", { ...policy(["Allow", "*"]), principalId: undefined }],
    ["an empty principal", { ...policy(["Allow", "*"]), principalId: "" }],
    ["no policy", { principalId: "u" }],
    ["a nested context", { ...policy(["Allow", "*"]), context: { user: { id: 1 } } }],
    ["null in the context", { ...policy(["Allow", "*"]), context: { user: null } }],
    ["a context of text", { ...policy(["Allow", "*"]), context: "a" }],
  ])("rejects the request for %s", async (_, answer) => {
    const ask = await serveLambda({ event: "token", authorizer: () => answer }, [], gateway);
    expect(await ask({ headers: token })).toMatchObject({
      status: 500,
      errorType: "AuthorizerConfigurationException",
      reason: "authorizer_answer_malformed",
    });
  });

  it("reads another header if one is set", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: 60 });
    const mode = lambda({ event: "token", header: "X-Token", authorizer: () => policy(["Allow", "*"]) });
    expect(mode.requestHeaders).toEqual(["x-token"]);
    expect(mode.detect(viewOf({ headers: [["authorization", "allow"]] }))).toBeUndefined();
    expect(mode.detect(viewOf({ headers: [["x-token", "t"]] }))).toMatchObject({
      place: "x-token",
      fit: "own",
      forward: { name: "x-token", value: "t" },
    });
    const ask = await serveLambda(
      { event: "token", header: "X-Token", authorizer: () => policy(["Allow", "*"]) },
      [apiKey({ keys: [stored] })],
    );
    expect((await ask({ headers: { "x-token": "t" } })).body).toMatchObject({ mode: "lambda" });
    expect((await ask({ headers: { "x-token": "t", "x-api-key": key } })).status).toBe(400);
    expect((await ask({ headers: { "x-token": "t", authorization: "allow" } })).status).toBe(400);
  });

  it("takes longer tokens than AppSync, up to 8 KiB", async () => {
    const ask = await serveLambda({ event: "token", authorizer: () => policy(["Allow", "*"]) });
    expect((await ask({ headers: { authorization: "a".repeat(8192) } })).status).toBe(200);
    expect((await ask({ headers: { authorization: "a".repeat(8193) } })).reason).toBe("token_too_long");
  });
});

describe('a thrown "Unauthorized"', () => {
  const kinds: [string, (error: unknown) => unknown][] = [
    ["as an error", (error) => Promise.reject(error instanceof Error ? error : new Error(String(error)))],
    [
      "as what Lambda reports of it",
      (error) => ({ errorMessage: error instanceof Error ? error.message : error, errorType: "Error" }),
    ],
  ];
  it.each(kinds)("is a 401 for API Gateway's events, %s", async (_, fail) => {
    for (const event of ["token", "request"] as const) {
      const ask = await serveLambda({ event, authorizer: () => fail("Unauthorized") }, [], gateway);
      expect(await ask({ headers: token })).toMatchObject({
        status: 401,
        errorType: "UnauthorizedException",
        body: { message: "Unauthorized" },
        reason: "authorizer_denied",
      });
    }
  });

  it("is that word alone", async () => {
    const ask = await serveLambda({
      event: "token",
      authorizer: () => Promise.reject(new Error("unauthorized")),
    });
    expect(await ask({ headers: token })).toMatchObject({ status: 503, reason: "authorizer_failed" });
  });

  it("is a failure like any other for AppSync's", async () => {
    const ask = await serveLambda({ authorizer: () => Promise.reject(new Error("Unauthorized")) });
    expect(await ask({ headers: token })).toMatchObject({ status: 503, reason: "authorizer_failed" });
  });
});

describe("event 'request'", () => {
  it("tells the authorizer the request", async () => {
    const events: RequestAuthorizerEvent[] = [];
    const now = 1_800_000_000_123;
    const ask = await serveLambda(
      { event: "request", ...name, authorizer: (event) => (events.push(event), { isAuthorized: true }) },
      [],
      { clock: () => now },
    );
    await ask({
      method: "POST",
      target: "/books/7?tag=a&tag=b%20c&__proto__=x",
      headers: { ...token, "X-Tenant": ["a", "b"], "User-Agent": "test", Host: "shop.example" },
    });
    const [event] = events;
    expect(event).toMatchObject({
      type: "REQUEST",
      methodArn: `${api}/POST/books/7`,
      resource: "/books/7",
      path: "/books/7",
      httpMethod: "POST",
      headers: { authorization: "allow", "X-Tenant": "b" },
      multiValueHeaders: { authorization: ["allow"], "X-Tenant": ["a", "b"] },
      pathParameters: null,
      stageVariables: null,
      requestContext: {
        accountId: "111122223333",
        apiId: "shop",
        stage: "prod",
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        requestTimeEpoch: now,
        httpMethod: "POST",
        path: "/books/7",
        resourcePath: "/books/7",
        domainName: "shop.example",
        identity: { sourceIp: null, userAgent: "test" },
      },
    });
    expect(Object.entries(event?.queryStringParameters ?? {})).toEqual([
      ["tag", "b c"],
      ["__proto__", "x"],
    ]);
    expect(event?.multiValueQueryStringParameters).toMatchObject({ tag: ["a", "b c"] });
    await ask({ headers: token });
    expect(events[1]).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      path: "/",
    });
  });

  it("brings the spellings of a header together and leaves out what is HTTP/2's own", async () => {
    const events: RequestAuthorizerEvent[] = [];
    const mode = lambda({
      event: "request",
      authorizer: (event) => (events.push(event), { isAuthorized: true }),
    });
    const headers = [
      [":method", "GET"],
      ["authorization", "t"],
      ["X-Tenant", "a"],
      ["x-tenant", "b"],
    ] as const;
    await mode.detect(viewOf({ headers }))?.verify(0);
    expect(events[0]?.multiValueHeaders).toEqual({ authorization: ["t"], "X-Tenant": ["a", "b"] });
  });

  it("is not made for a query of more than a thousand parameters", async () => {
    const counts: number[] = [];
    const authorizer = ({ queryStringParameters }: RequestAuthorizerEvent) => {
      counts.push(Object.keys(queryStringParameters ?? {}).length);
      return { isAuthorized: true };
    };
    const ask = await serveLambda({ event: "request", authorizer });
    const query = Array.from({ length: 1000 }, (_, i) => `p${i}`).join("&");
    expect((await ask({ target: `/?${query}`, headers: token })).status).toBe(200);
    expect(await ask({ target: `/?${query}&more`, headers: token })).toMatchObject({
      status: 400,
      reason: "parameters_too_many",
    });
    expect(counts).toEqual([1000]);
  });

  it("understands a policy", async () => {
    const authorizer = () => policy(["Allow", `${api}/GET/books`]);
    const ask = await serveLambda({ event: "request", ...name, authorizer });
    expect((await ask({ target: "/books", headers: token })).body).toMatchObject({ principalId: "user|7" });
    expect((await ask({ target: "/orders", headers: token })).reason).toBe("policy_denied");
    expect((await ask({ target: "/a/../books", headers: token })).reason).toBe("path_not_canonical");
  });

  it("understands the simple answer, whose context may be any JSON", async () => {
    const context = { user: { id: 7, roles: ["a"] } };
    const ask = await serveLambda({ event: "request", authorizer: () => ({ isAuthorized: true, context }) });
    expect((await ask({ headers: token })).body).toMatchObject({ id: null, resolverContext: context });
    const mode = lambda({ event: "request", authorizer: () => ({ isAuthorized: true, context }) });
    const identity = await mode.detect(viewOf({ headers: [["authorization", "t"]] }))?.verify(0);
    const { user } = identity?.resolverContext ?? {};
    expect(Object.isFrozen(user)).toBe(true);
  });

  it("answers a simple refusal as API Gateway does", async () => {
    const ask = await serveLambda(
      { event: "request", authorizer: () => ({ isAuthorized: false }) },
      [],
      gateway,
    );
    expect(await ask({ headers: token })).toMatchObject({
      status: 403,
      errorType: "ForbiddenException",
      body: { message: "Forbidden" },
      reason: "authorizer_denied",
    });
  });

  it.each([
    ["isAuthorized as text", { isAuthorized: "true" }],
    ["isAuthorized null", { isAuthorized: null }],
    ["both kinds at once", { isAuthorized: true, ...policy(["Deny", "*"]) }],
    ["a context of text", { isAuthorized: true, context: "a" }],
    ["neither", {}],
  ])("rejects the request for %s", async (_, answer) => {
    const ask = await serveLambda({ event: "request", authorizer: () => answer });
    expect(await ask({ headers: token })).toMatchObject({
      status: 503,
      reason: "authorizer_answer_malformed",
    });
  });

  it("needs every header and query parameter among its identity sources", async () => {
    let calls = 0;
    const ask = await serveLambda({
      event: "request",
      authorizer: () => (calls++, { isAuthorized: true }),
      identitySources: ["query:stage", "header:Authorization", "header:X-Tenant", "method", "path"],
    });
    const headers = { ...token, "x-tenant": "a" };
    for (const asking of [
      { target: "/", headers },
      { target: "/?stage=", headers },
      { target: "/?stage=1", headers: token },
      { target: "/?stage=1", headers: { ...token, "x-tenant": "" } },
    ]) {
      expect(await ask(asking)).toMatchObject({ status: 401, reason: "identity_source_missing" });
    }
    expect(calls).toBe(0);
    expect((await ask({ target: "/?stage=1", headers })).status).toBe(200);
  });

  it("finds its credentials by them: the Authorization among them, else the first", async () => {
    const authorizer = () => ({ isAuthorized: true });
    const modeOf = (...identitySources: string[]) =>
      lambda({ event: "request", authorizer, identitySources });
    const request = viewOf({
      target: "/?token=q",
      headers: [
        ["authorization", "a"],
        ["x-token", "x"],
      ],
    });
    expect(modeOf("query:token", "header:x-token", "header:authorization").detect(request)).toMatchObject({
      place: "authorization",
      fit: "fallback",
    });
    expect(modeOf("method").detect(request)).toMatchObject({ place: "authorization" });
    expect(modeOf("header:x-token", "query:token").detect(request)).toMatchObject({
      place: "x-token",
      fit: "own",
      forward: { name: "x-token", value: "x" },
    });
    const byQuery = modeOf("query:token").detect(request);
    expect(byQuery).toMatchObject({ place: "query:token", fit: "own" });
    expect(byQuery).not.toHaveProperty("forward");
    expect(modeOf("header:x-a", "header:X-B", "query:c").requestHeaders).toEqual(["x-a", "x-b"]);

    const ask = await serveLambda({ event: "request", authorizer, identitySources: ["query:token"] }, [
      none(),
    ]);
    expect((await ask({ target: "/?token=q" })).body).toMatchObject({ mode: "lambda" });
    expect((await ask({ target: "/?token=" })).reason).toBe("token_empty");
    expect((await ask()).body).toMatchObject({ mode: "none" });
    expect((await ask({ target: "/?token=q", headers: token })).status).toBe(400);
  });
});
