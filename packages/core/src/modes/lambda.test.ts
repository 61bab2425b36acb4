import { gzipSync } from "node:zlib";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { fetchView } from "../fetch.ts";
import type { AppSyncAuthorizerEvent } from "../lambda/authorizer-events.ts";
import { serveLambda } from "../test/lambda-server.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import { lambda } from "./lambda.ts";
import { none } from "./none.ts";

const amplify = createRequire(import.meta.url)("../test/amplify-authorizer.cjs") as {
  handler: (event: AppSyncAuthorizerEvent) => Promise<unknown>;
};
const token = { authorization: "custom-authorized" };
const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EifQ.c2ln";

/** An authorizer that keeps what it was told. */
function recording(answer: unknown = { isAuthorized: true }) {
  const events: AppSyncAuthorizerEvent[] = [];
  const authorizer = async (event: AppSyncAuthorizerEvent) => {
    events.push(event);
    return answer;
  };
  return { authorizer, events };
}

describe("lambda, with Amplify's handler", () => {
  const api = { apiId: "aaaaaa123123123example123", accountId: "111122223333", region: "us-west-2" };

  beforeEach(() => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    vi.stubEnv("AWS_REGION", "us-west-2");
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it("accepts its token and brings denied fields into one spelling", async () => {
    const ask = await serveLambda({ authorizer: amplify.handler, ...api });
    const { status, body } = await ask({ headers: token });
    expect(status).toBe(200);
    expect(body).toEqual({
      mode: "lambda",
      id: null,
      principalId: null,
      resolverContext: {
        userid: "user-id",
        info: "contextual information A",
        more_info: "contextual information B",
      },
      deniedFields: ["Event.comments", "Mutation.createEvent"],
      groups: [],
      scopes: [],
      expiresAt: null,
    });
  });

  it("runs it outside AWS too, without a region, and loses no denied field", async () => {
    vi.stubEnv("AWS_REGION", undefined);
    for (const options of [{}, api]) {
      const ask = await serveLambda({ authorizer: amplify.handler, ...options });
      const { body } = await ask({ headers: token });
      expect(body).toMatchObject({ deniedFields: ["Event.comments", "Mutation.createEvent"] });
    }
  });

  it("refuses other tokens as AppSync does", async () => {
    const ask = await serveLambda({ authorizer: amplify.handler, ...api }, [], { errorFormat: "appsync" });
    const { status, errorType, body, reason } = await ask({ headers: { authorization: "custom-other" } });
    expect({ status, errorType, reason }).toEqual({
      status: 401,
      errorType: "UnauthorizedException",
      reason: "authorizer_denied",
    });
    expect(body).toEqual({
      errors: [{ errorType: "UnauthorizedException", message: "You are not authorized to make this call." }],
    });
  });

  it("remembers its answer for the seconds that the answer says", async () => {
    let now = 1_800_000_000_000;
    let calls = 0;
    const authorizer = (event: AppSyncAuthorizerEvent) => (calls++, amplify.handler(event));
    const ask = await serveLambda({ authorizer }, [], { clock: () => now });
    await ask({ headers: token });
    now += 299_999;
    await ask({ headers: token });
    expect(calls).toBe(1);
    now += 1;
    await ask({ headers: token });
    expect(calls).toBe(2);
  });
});

describe("lambda's credentials", () => {
  const authorizer = () => ({ isAuthorized: true });

  it("are any Authorization but a signature", () => {
    const mode = lambda({ authorizer });
    for (const value of ["custom-abc", "Bearer opaque", "Basic dTpw", jwt, ""]) {
      expect(mode.detect(viewOf({ headers: [["Authorization", value]] }))).toMatchObject({
        place: "authorization",
        fit: "fallback",
        forward: { name: "authorization", value },
      });
    }
    expect(
      mode.detect(viewOf({ headers: [["Authorization", "AWS4-HMAC-SHA256 Credential=…"]] })),
    ).toBeUndefined();
    expect(mode.detect(viewOf())).toBeUndefined();
  });

  it("are told to the authorizer as received", async () => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer });
    for (const authorization of ["custom-abc", "Bearer custom-abc", jwt])
      await ask({ headers: { authorization } });
    expect(events.map((event) => event.authorizationToken)).toEqual(["custom-abc", "Bearer custom-abc", jwt]);
  });

  it("give way to a token mode that reads the same place", async () => {
    const { authorizer, events } = recording();
    const tokens = fakeMode("oidc", { header: "authorization", fit: "foreign" });
    const ask = await serveLambda({ authorizer }, [tokens]);
    expect(await ask({ headers: { authorization: jwt } })).toMatchObject({ status: 401, reason: "not_good" });
    expect(events).toEqual([]);
  });

  it("leave requests without any to none()", async () => {
    const ask = await serveLambda({ authorizer }, [none()]);
    expect((await ask()).body).toMatchObject({ mode: "none" });
    expect((await ask({ headers: token })).body).toMatchObject({ mode: "lambda" });
  });

  it("are refused empty, and over 2048 characters, without a call", async () => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer });
    expect((await ask({ headers: { authorization: "" } })).reason).toBe("token_empty");
    expect((await ask({ headers: { authorization: "a".repeat(2049) } })).reason).toBe("token_too_long");
    expect(events).toEqual([]);
    expect((await ask({ headers: { authorization: "a".repeat(2048) } })).status).toBe(200);
  });

  it.each([
    ["text", "custom-[0-9]+", "xcustom-12"],
    ["text that could go on", "custom-[0-9]+", "custom-12x"],
    ["an expression", /custom-\d+/, "xcustom-12"],
    ["an alternative", "x|custom-12", "xcustom-12"],
    ["an expression that remembers where it was", /custom-\d+/g, "custom-"],
    ["an expression with letter case left out", /CUSTOM-\d+/i, "custom-x"],
  ])("must match identityValidationExpression as a whole: %s", async (_, expression, other) => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer, identityValidationExpression: expression });
    const refused = await ask({ headers: { authorization: other } });
    expect(refused).toMatchObject({ status: 401, reason: "token_pattern_mismatch" });
    expect(events).toEqual([]);
    for (let i = 0; i < 2; i++) {
      expect((await ask({ headers: { authorization: "custom-12" } })).status).toBe(200);
    }
  });
});

describe("lambda's AppSync event", () => {
  const json = { ...token, "content-type": "application/json; charset=utf-8" };
  const graphql = {
    query: "mutation Make($n: Int) { make(n: $n) }",
    operationName: "Make",
    variables: { n: 1 },
  };

  it("has the query of a JSON body, which the handler can still read", async () => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer, apiId: "api", accountId: "111122223333" });
    const body = JSON.stringify(graphql);
    const told = await ask({ method: "POST", headers: { ...json, "X-Tenant": ["a", "b"] }, body });
    expect(told.body).toMatchObject({ received: body });
    expect(events).toEqual([
      {
        authorizationToken: "custom-authorized",
        requestContext: {
          apiId: "api",
          accountId: "111122223333",
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          queryString: graphql.query,
          operationName: "Make",
          variables: { n: 1 },
        },
        requestHeaders: expect.objectContaining({
          authorization: "custom-authorized",
          "x-tenant": "a, b",
          "content-type": "application/json; charset=utf-8",
        }),
      },
    ]);
  });

  it.each([
    ["a GET", { method: "GET", headers: json }],
    ["a PUT", { method: "PUT", headers: json, body: '{"query":"q"}' }],
    [
      "another content type",
      { method: "POST", headers: { ...token, "content-type": "text/json" }, body: '{"query":"q"}' },
    ],
    ["what is not JSON", { method: "POST", headers: json, body: "{" }],
    ["a list", { method: "POST", headers: json, body: '[{"query":"q"}]' }],
    ["null", { method: "POST", headers: json, body: "null" }],
    [
      "other members",
      { method: "POST", headers: json, body: '{"query":7,"variables":[],"operationName":{}}' },
    ],
  ])("has an empty query for %s", async (_, asking) => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer });
    expect((await ask(asking)).status).toBe(200);
    expect(events[0]?.requestContext).toMatchObject({ queryString: "", variables: {} });
    expect(events[0]?.requestContext).not.toHaveProperty("operationName");
  });

  it.each([
    ["compressed", { "content-encoding": "gzip" }, gzipSync(JSON.stringify(graphql))],
    [
      "in another charset",
      { "content-type": "application/json; charset=utf-16le" },
      Buffer.from(JSON.stringify(graphql), "utf16le"),
    ],
    [
      "in a second charset",
      { "content-type": 'application/json; charset=utf-8; charset="utf-7"' },
      Buffer.from(JSON.stringify(graphql)),
    ],
  ])(
    "is not made for a body that is %s: the handler would see more than the authorizer",
    async (_, headers, body) => {
      const { authorizer, events } = recording();
      const ask = await serveLambda({ authorizer });
      const told = await ask({ method: "POST", headers: { ...json, ...headers }, body });
      expect(told).toMatchObject({ status: 401, reason: "body_encoded" });
      expect(events).toEqual([]);
    },
  );

  it("is not made for a body that is nested deeper than a hundred levels", async () => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer });
    const nested = (depth: number) =>
      `{"query":"{a}","variables":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
    expect((await ask({ method: "POST", headers: json, body: nested(98) })).status).toBe(200);
    expect(await ask({ method: "POST", headers: json, body: nested(99) })).toMatchObject({
      status: 400,
      reason: "body_too_deep",
    });
    expect(events).toHaveLength(1);
  });

  it("is not made for a body over maxBodyBytes", async () => {
    const { authorizer, events } = recording();
    const ask = await serveLambda({ authorizer, maxBodyBytes: 20 });
    const body = '{"query":"{ books }"}';
    expect((await ask({ method: "POST", headers: json, body })).status).toBe(413);
    expect((await ask({ method: "POST", headers: json, body: body.slice(1) })).status).toBe(200);
    expect(events).toHaveLength(1);
  });

  it("is made of fetch requests too", async () => {
    const { authorizer, events } = recording();
    const auth = createAuth([lambda({ authorizer })]);
    const request = new Request("http://localhost/", {
      method: "POST",
      headers: json,
      body: JSON.stringify(graphql),
    });
    await auth.authenticate(fetchView(request));
    expect(events[0]?.requestContext.queryString).toBe(graphql.query);
    expect(await request.json()).toEqual(graphql);
  });
});

describe("lambda's AppSync answer", () => {
  async function answered(answer: unknown) {
    const ask = await serveLambda({ authorizer: () => answer });
    return ask({ headers: token });
  }

  it("may leave out everything but isAuthorized", async () => {
    for (const answer of [
      { isAuthorized: true },
      { isAuthorized: true, resolverContext: null, deniedFields: null, ttlOverride: null },
    ]) {
      expect((await answered(answer)).body).toMatchObject({ resolverContext: {}, deniedFields: [] });
    }
  });

  it("gives a context of scalars", async () => {
    const resolverContext = { text: "a", number: 1.5, yes: true, nothing: null };
    expect((await answered({ isAuthorized: true, resolverContext })).body).toMatchObject({ resolverContext });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "true"],
    ["a list", [{ isAuthorized: true }]],
    ["no isAuthorized", {}],
    ["isAuthorized as text", { isAuthorized: "true" }],
    ["isAuthorized as a number", { isAuthorized: 1 }],
    ["a context that is a list", { isAuthorized: true, resolverContext: [] }],
    ["a nested context", { isAuthorized: true, resolverContext: { user: { id: 1 } } }],
    ["a list in the context", { isAuthorized: true, resolverContext: { ids: [1] } }],
    ["deniedFields as text", { isAuthorized: true, deniedFields: "Report.profit" }],
    ["a denied field that is no text", { isAuthorized: true, deniedFields: [7] }],
    ["a negative ttlOverride", { isAuthorized: true, ttlOverride: -1 }],
    ["a ttlOverride over an hour", { isAuthorized: true, ttlOverride: 3601 }],
    ["a ttlOverride as text", { isAuthorized: true, ttlOverride: "300" }],
    ["a policy", { principalId: "u", policyDocument: { Statement: [] } }],
  ])("rejects the request if it is %s", async (_, answer) => {
    const told = await answered(answer);
    expect(told).toMatchObject({ status: 503, reason: "authorizer_answer_malformed", retryAfter: "5" });
  });

  it("refuses also if the rest of it is nonsense", async () => {
    const told = await answered({ isAuthorized: false, resolverContext: { nested: {} } });
    expect(told).toMatchObject({ status: 401, reason: "authorizer_denied" });
  });

  it("is frozen and no part of what the function keeps", async () => {
    const answer = { isAuthorized: true, resolverContext: { tenant: "a" }, deniedFields: ["Report.profit"] };
    const auth = createAuth([lambda({ authorizer: () => answer, ttlSeconds: 60 })]);
    const authenticate = () => auth.authenticate(viewOf({ headers: [["authorization", "t"]] }));
    const identity = await authenticate();
    for (const part of [identity, identity.resolverContext, identity.deniedFields, identity.groups]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    answer.resolverContext.tenant = "b";
    answer.deniedFields.pop();
    expect(await authenticate()).toMatchObject({
      resolverContext: { tenant: "a" },
      deniedFields: ["Report.profit"],
    });
  });
});
