import { configure as codegenie } from "@codegenie/serverless-express";
import { configure as vendia } from "@vendia/serverless-express";
import aws4 from "aws4";
import express, { type Express, type RequestHandler } from "express";
import { createMocks } from "node-mocks-http";
import serverlessHttp from "serverless-http";
import { describe, expect, it } from "vitest";
import {
  apiKey,
  type Auth,
  type AuthEvent,
  authenticate,
  authErrorHandler,
  createAuth,
  getIdentity,
  getView,
  iam,
  keepRawBody,
  lambda,
  newApiKey,
} from "./index.ts";

// What builds requests by hand: adapters that turn the events of AWS Lambda into requests, and mocks.

const { key, stored } = await newApiKey({ expiresInSeconds: 600, id: "ci" });
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const userArn = "arn:aws:iam::111122223333:user/ann";
const { secretAccessKey } = credentials;

interface LambdaEvent extends Readonly<Record<string, unknown>> {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

type Handle = (event: LambdaEvent) => Promise<Answer>;

const adapters: Readonly<Record<string, (app: Express) => Handle>> = {
  "serverless-http": (app) => {
    const handle = serverlessHttp(app);
    return async (event) => (await handle(event, {})) as Answer;
  },
  "@codegenie/serverless-express": (app) => {
    const handle = codegenie({ app });
    return async (event) => (await handle(event, {}, () => {})) as Answer;
  },
  "@vendia/serverless-express": (app) => {
    const handle = vendia({ app });
    return async (event) => (await handle(event, {}, () => {})) as Answer;
  },
};

const host = "api.example.com";
const json = { "content-type": "application/json" };

/** An event of an HTTP API, in its payload format 2.0. */
function eventOf(method: string, headers: Readonly<Record<string, string>>, body?: string): LambdaEvent {
  const http = { method, path: "/books", sourceIp: "1.2.3.4", protocol: "HTTP/1.1", userAgent: "test" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/books",
    rawQueryString: "",
    isBase64Encoded: false,
    requestContext: { stage: "$default", domainName: host, http },
    headers: { host, ...headers },
    body,
  };
}

function signed(
  method: string,
  body?: string,
  path = "/books",
  own: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const headers = body === undefined ? { ...own } : { ...json, ...own };
  const request = { host, path, method, headers, service: "execute-api", region: "us-east-1" };
  const sent = aws4.sign({ ...request, ...(body !== undefined && { body }) }, credentials).headers ?? {};
  return Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

interface Seen {
  readonly mode: string;
  readonly exact: boolean;
  readonly body: unknown;
}

function shop(auth: Auth, ...before: readonly RequestHandler[]): Express {
  const app = express();
  for (const handler of before) app.use(handler);
  app.use(authenticate(auth), express.json());
  app.use((request, response) => {
    const { mode } = getIdentity(request, auth);
    response.json({
      mode,
      exact: getView(request).exact,
      body: hasNoBytes(request.body) ? null : request.body,
    } satisfies Seen);
  });
  return app.use(authErrorHandler());
}

/** Adapters set an empty buffer, which parsers leave alone. */
function hasNoBytes(body: unknown): boolean {
  return body === undefined || (Buffer.isBuffer(body) && body.length === 0);
}

function setUp() {
  const auth = createAuth([
    apiKey({ keys: [stored] }),
    iam({
      region: "us-east-1",
      credentials: (id) =>
        id === credentials.accessKeyId ? { secretAccessKey, accountId: "111122223333", userArn } : undefined,
    }),
    lambda({ authorizer: ({ requestHeaders }) => ({ isAuthorized: requestHeaders["x-tenant"] === "shop" }) }),
  ]);
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { auth, events };
}

describe.each(Object.entries(adapters))("%s", (_name, adapt) => {
  const { auth, events } = setUp();
  const handle = adapt(shop(auth));
  const body = '{"title":"Emma"}';
  const reasonOf = ({ body }: Answer) => events.find(({ id }) => body.includes(id))?.reason;
  const seen = async (event: LambdaEvent): Promise<unknown[]> => {
    const answer = await handle(event);
    return [answer.statusCode, answer.statusCode === 200 ? JSON.parse(answer.body) : reasonOf(answer)];
  };

  it("has its API key verified, with and without a body", async () => {
    const headers = { "x-api-key": key };
    expect(await seen(eventOf("GET", headers))).toMatchObject([200, { mode: "apiKey", body: null }]);
    const post = eventOf("POST", { ...headers, ...json }, body);
    expect(await seen(post)).toEqual([200, { mode: "apiKey", exact: false, body: { title: "Emma" } }]);
    expect(await seen(eventOf("GET", { "x-api-key": `${key}0` }))).toEqual([401, "api_key_unknown"]);
    expect(await seen(eventOf("GET", {}))).toEqual([401, "no_credentials"]);
  });

  it("has its signature verified, with and without a body", async () => {
    expect(await seen(eventOf("GET", signed("GET")))).toMatchObject([200, { mode: "iam", body: null }]);
    const post = eventOf("POST", signed("POST", body), body);
    expect(await seen(post)).toEqual([200, { mode: "iam", exact: false, body: { title: "Emma" } }]);
  });

  it("has a presigned URL verified, for its query only", async () => {
    const request = {
      host,
      path: "/books?title=a%20b",
      method: "GET",
      service: "execute-api",
      region: "us-east-1",
    };
    const { path = "" } = aws4.sign({ ...request, signQuery: true }, credentials);
    const rawQueryString = path.slice(path.indexOf("?") + 1);
    const event = eventOf("GET", {});
    expect(await seen({ ...event, rawQueryString })).toMatchObject([200, { mode: "iam" }]);
    const other = rawQueryString.replace("a%20b", "a%20c");
    expect(await seen({ ...event, rawQueryString: other })).toEqual([401, "signature_mismatch"]);
  });

  it("has its body parsed after a handler that waited, before the signature was verified or after", async () => {
    for (const wait of [async () => {}, () => new Promise((resolve) => setImmediate(resolve))]) {
      const { auth } = setUp();
      const waiting: RequestHandler = (_request, _response, next) => void wait().then(() => next());
      const handle = adapt(shop(auth, waiting));
      for (const headers of [signed("POST", body), { ...json, "x-api-key": key }]) {
        const answer = await handle(eventOf("POST", headers, body));
        expect([answer.statusCode, JSON.parse(answer.body)]).toMatchObject([
          200,
          { body: { title: "Emma" } },
        ]);
      }
    }
  });

  it("has a signature of a path with letters verified that was decoded on the way, and no other", async () => {
    const path = "/books/K%C3%A4fer%20%E2%82%AC";
    const event = eventOf("GET", signed("GET", undefined, path));
    expect(await seen({ ...event, rawPath: decodeURIComponent(path) })).toMatchObject([200, { mode: "iam" }]);
    expect(await seen({ ...event, rawPath: "/books/K\u00e4fer \u20ad" })).toEqual([
      401,
      "signature_mismatch",
    ]);
    const slash = eventOf("GET", signed("GET", undefined, "/books/a%2Fb"));
    expect(await seen({ ...slash, rawPath: "/books/a/b" })).toEqual([401, "signature_mismatch"]);
  });

  it("has a signature rejected if a signed header has letters that end in the same bytes", async () => {
    const tenant = { "x-tenant": "abc" };
    const headers = signed("GET", undefined, "/books", tenant);
    expect(await seen(eventOf("GET", headers))).toMatchObject([200, { mode: "iam" }]);
    const other = { ...headers, "x-tenant": "ab\u0163" }; // 0x163 in one byte is c
    expect(await seen(eventOf("GET", other))).toEqual([401, "signature_mismatch"]);
  });

  it("has a signature rejected that was made for another body, method or header", async () => {
    const mismatch = [401, "signature_mismatch"];
    const post = signed("POST", body);
    expect(await seen(eventOf("POST", post, '{"title":"Ulysses"}'))).toEqual(mismatch);
    expect(await seen(eventOf("POST", signed("POST"), body))).toEqual(mismatch);
    expect(await seen(eventOf("POST", { ...signed("POST"), "content-length": "0" }, body))).toEqual(mismatch);
    expect(await seen(eventOf("PUT", post, body))).toEqual(mismatch);
    expect(await seen(eventOf("POST", { ...post, "content-type": "text/plain" }, body))).toEqual(mismatch);
    expect(await seen(eventOf("GET", { ...signed("GET"), "x-amz-user-agent": "x" }))).toEqual([
      401,
      "header_unsigned",
    ]);
  });

  it("shows an authorizer the headers that the client sent", async () => {
    const ask = (tenant: string) => seen(eventOf("GET", { authorization: "opaque", "x-tenant": tenant }));
    expect(await ask("shop")).toMatchObject([200, { mode: "lambda" }]);
    expect(await ask("blocked")).toEqual([401, "authorizer_denied"]);
  });

  it("has several kinds of credentials rejected", async () => {
    const both = { ...signed("GET"), "x-api-key": key };
    expect(await seen(eventOf("GET", both))).toEqual([400, "several_credentials"]);
  });

  it("keeps callers apart that share one server", async () => {
    const answers = await Promise.all([
      seen(eventOf("GET", { "x-api-key": key })),
      seen(eventOf("GET", {})),
      seen(eventOf("GET", signed("GET"))),
      seen(eventOf("POST", signed("POST", body), body)),
    ]);
    expect(answers).toMatchObject([
      [200, { mode: "apiKey" }],
      [401, expect.anything()],
      [200, { mode: "iam" }],
      [200, { mode: "iam" }],
    ]);
  });

  it("has its signature verified behind a parser that keeps the bytes", async () => {
    const { auth } = setUp();
    const handle = adapt(shop(auth, express.json({ ...keepRawBody })));
    const answer = await handle(eventOf("POST", signed("POST", body), body));
    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([
      200,
      { mode: "iam", exact: false, body: { title: "Emma" } },
    ]);
  });
});

describe("node-mocks-http", () => {
  async function ask(headers: Readonly<Record<string, string>>): Promise<unknown> {
    const { auth } = setUp();
    const { req, res } = createMocks({
      method: "GET",
      url: "/books",
      headers: { host, ...headers },
    });
    const error = await new Promise((resolve) => {
      void authenticate(auth)(req, res, resolve);
    });
    return error ?? getIdentity(req, auth).mode;
  }

  it("has its credentials verified", async () => {
    expect(await ask({ "X-Api-Key": key })).toBe("apiKey");
    expect(await ask(signed("GET"))).toBe("iam");
    expect(await ask({})).toMatchObject({ status: 401 });
    expect(await ask({ ...signed("GET"), "x-amz-user-agent": "x" })).toMatchObject({ status: 401 });
  });
});
