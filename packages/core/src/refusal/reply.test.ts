import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError, type AuthErrorCode, type AuthErrorOptions } from "./error.ts";
import { apiKey } from "../modes/api-key.ts";
import { clearAnswer, type ErrorFormat } from "./reply.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode } from "../types.ts";

const bearer: AuthMode = { name: "oidc", scheme: "Bearer", detect: () => undefined };
const accepted = [
  bearer,
  { ...bearer, name: "userPool" },
  { ...bearer, name: "iam", scheme: "AWS4-HMAC-SHA256" },
];

function render(format: ErrorFormat, code: AuthErrorCode, mode?: string, options: AuthErrorOptions = {}) {
  return new AuthError(code, "secret_reason", { detail: "secret detail", ...options }).within({
    id: "0b9d5a4e-0000-4000-8000-000000000000",
    format,
    mode,
    accepted,
  });
}

describe("clearAnswer", () => {
  it("removes what describes another answer, and nothing else", () => {
    const response = new Map([
      ["content-encoding", "gzip"],
      ["content-security-policy", "default-src 'self'"],
      ["etag", "1"],
      ["location", "/other"],
      ["x-request-id", "7"],
    ]);
    clearAnswer({
      getHeaders: () => Object.fromEntries(response),
      removeHeader: (name) => response.delete(name),
    });
    expect([...response.keys()]).toEqual(["content-security-policy", "x-request-id"]);
  });

  it("removes it from the response of Node too, below a reply that does not, unless that has begun", () => {
    const raw = new ServerResponse(new IncomingMessage(new Socket()));
    raw.setHeader("content-language", "tlh");
    const reply = { getHeaders: () => raw.getHeaders(), removeHeader: () => {}, raw };
    clearAnswer(reply);
    expect(raw.getHeaderNames()).toEqual([]);
    raw.setHeader("etag", "1");
    raw.flushHeaders();
    expect(() => clearAnswer(reply)).not.toThrow();
  });
});

describe("problem", () => {
  const statuses: readonly (readonly [AuthErrorCode, number])[] = [
    ["credentials_missing", 401],
    ["credentials_malformed", 400],
    ["credentials_ambiguous", 400],
    ["credentials_refused", 401],
    ["credentials_expired", 401],
    ["mode_not_accepted", 401],
    ["scope_missing", 403],
    ["forbidden", 403],
    ["not_found", 404],
    ["body_too_large", 413],
    ["body_timeout", 408],
    ["rate_limited", 429],
    ["unavailable", 503],
    ["misconfigured", 500],
  ];
  it.each(statuses)("answers %s with %i", (code, status) => {
    const error = render("problem", code);
    expect([error.status, error.statusCode, error.reply.status]).toEqual([status, status, status]);
    expect(error.headers).toMatchObject({
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
    });
    const body: unknown = JSON.parse(error.reply.body);
    expect(body).toMatchObject({ status, code, instance: "urn:uuid:0b9d5a4e-0000-4000-8000-000000000000" });
    expect(error.reply.body).not.toContain("secret");
    expect(JSON.stringify(error.headers)).not.toContain("secret");
    if (status === 401) expect(error.headers["WWW-Authenticate"]).toContain("Bearer");
  });

  it("challenges each scheme once, with the parameters of RFC 6750", () => {
    const challenge = (code: AuthErrorCode, options?: AuthErrorOptions) =>
      render("problem", code, "oidc", options).headers["WWW-Authenticate"];
    expect(challenge("credentials_missing")).toBe('Bearer realm="api", AWS4-HMAC-SHA256');
    expect(challenge("credentials_expired")).toBe(
      'Bearer error="invalid_token", error_description="The credentials have expired", AWS4-HMAC-SHA256',
    );
    expect(challenge("credentials_malformed")).toContain('error="invalid_request"');
    expect(challenge("scope_missing", { scopes: ["read", 'wri"te'] })).toContain(
      'error="insufficient_scope", scope="read write"',
    );
    expect(challenge("scope_missing")).toBe('Bearer error="insufficient_scope", AWS4-HMAC-SHA256');
    expect(challenge("credentials_refused", { message: 'a "b\\ ü' })).toContain('error_description="a b "');
    expect(challenge("forbidden")).toBeUndefined();
    expect(challenge("unavailable")).toBeUndefined();
  });

  it("begins with Bearer and a parameter, whatever the order of the modes", () => {
    const keyed = { name: "apiKey", scheme: "ApiKey" };
    const error = new AuthError("credentials_missing", "no_credentials").within({
      id: "",
      format: "problem",
      mode: undefined,
      accepted: [keyed, ...accepted.toReversed()],
    });
    expect(error.headers["WWW-Authenticate"]).toBe('Bearer realm="api", ApiKey, AWS4-HMAC-SHA256');
  });

  it("closes the connection on which a body did not arrive, in every format", () => {
    for (const format of ["problem", "apigateway", "appsync"] as const) {
      expect(render(format, "body_timeout").headers["Connection"]).toBe("close");
      expect(render(format, "body_too_large").headers["Connection"]).toBeUndefined();
    }
  });

  it("says when to try again, in whole seconds", () => {
    expect(render("problem", "unavailable", "oidc", { retryAfter: 0.2 }).headers["Retry-After"]).toBe("1");
    expect(render("problem", "rate_limited", "oidc", { retryAfter: 7.5 }).headers["Retry-After"]).toBe("8");
  });
});

describe("the formats of AWS", () => {
  const cases: readonly (readonly [
    ErrorFormat,
    AuthErrorCode,
    string | undefined,
    number,
    string,
    string,
  ])[] = [
    ["apigateway", "credentials_missing", "oidc", 401, "UnauthorizedException", "Unauthorized"],
    [
      "apigateway",
      "credentials_missing",
      "iam",
      403,
      "MissingAuthenticationTokenException",
      "Missing Authentication Token",
    ],
    ["apigateway", "credentials_missing", "apiKey", 403, "ForbiddenException", "Forbidden"],
    ["apigateway", "credentials_refused", "apiKey", 403, "ForbiddenException", "Forbidden"],
    ["apigateway", "credentials_refused", "userPool", 401, "UnauthorizedException", "Unauthorized"],
    [
      "apigateway",
      "credentials_expired",
      "userPool",
      401,
      "UnauthorizedException",
      "The incoming token has expired",
    ],
    [
      "apigateway",
      "credentials_expired",
      "iam",
      403,
      "ExpiredTokenException",
      "The security token included in the request is expired",
    ],
    [
      "apigateway",
      "forbidden",
      "lambda",
      403,
      "AccessDeniedException",
      "User is not authorized to access this resource",
    ],
    ["apigateway", "unavailable", "lambda", 500, "AuthorizerConfigurationException", "Internal server error"],
    ["apigateway", "unavailable", "oidc", 503, "ServiceUnavailableException", "Service Unavailable"],
    ["apigateway", "rate_limited", "apiKey", 429, "TooManyRequestsException", "Too Many Requests"],
    [
      "appsync",
      "credentials_missing",
      undefined,
      401,
      "UnauthorizedException",
      "Missing authorization header",
    ],
    [
      "appsync",
      "credentials_refused",
      "apiKey",
      401,
      "UnauthorizedException",
      "You are not authorized to make this call.",
    ],
    ["appsync", "credentials_expired", "userPool", 401, "UnauthorizedException", "Token has expired."],
    ["appsync", "forbidden", "userPool", 401, "UnauthorizedException", "Permission denied"],
  ];
  it.each(cases)("%s answers %s of %s with %i %s", (format, code, mode, status, type, message) => {
    const { reply } = render(format, code, mode);
    expect([reply.status, reply.headers["x-amzn-ErrorType"]]).toEqual([status, type]);
    expect(reply.headers["x-amzn-RequestId"]).toBe("0b9d5a4e-0000-4000-8000-000000000000");
    const body: unknown = JSON.parse(reply.body);
    expect(body).toEqual(format === "appsync" ? { errors: [{ errorType: type, message }] } : { message });
  });

  it("answers with a mode's own type and text if it has them", () => {
    const { reply } = render("apigateway", "credentials_refused", "iam", {
      awsType: "UnrecognizedClientException",
      awsMessage: "no",
    });
    expect([reply.status, reply.headers["x-amzn-ErrorType"], reply.body]).toEqual([
      403,
      "UnrecognizedClientException",
      '{"message":"no"}',
    ]);
  });

  it("answers a missing or wrong required key as API Gateway's usage plans do", async () => {
    const auth = createAuth([fakeMode("red")], {
      requires: apiKey({ keys: () => undefined }),
      errorFormat: "apigateway",
    });
    auth.onEvent(() => {});
    for (const headers of [
      [["x-red", "good"]],
      [
        ["x-red", "good"],
        ["x-api-key", "guess"],
      ],
    ] as const) {
      await expect(auth.authenticate(viewOf({ headers }))).rejects.toMatchObject({
        status: 403,
        reply: { body: '{"message":"Forbidden"}' },
      });
    }
  });
});

it("lets an error handler that knows nothing of us answer right", () => {
  const error = render("problem", "credentials_missing");
  expect({ expose: error.expose, message: error.message, name: error.name }).toEqual({
    expose: true,
    message: "The request has no credentials that this server reads",
    name: "AuthError",
  });
});

it("takes no stack trace of a refusal, and leaves those of other errors as they are", () => {
  expect(new AuthError("credentials_refused", "x").stack).not.toContain("reply.test.ts");
  expect(new Error("a bug").stack).toContain("reply.test.ts");
});
