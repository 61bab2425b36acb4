import { describe, expect, it } from "vitest";
import { lambda, type LambdaOptions } from "../modes/lambda.ts";
import type { AppSyncAuthorizerEvent, TokenAuthorizerEvent } from "./authorizer-events.ts";

const authorizer = () => ({ isAuthorized: true });

/** As somebody writes it in JavaScript. */
function build(options: unknown) {
  return () => lambda(options as LambdaOptions);
}

describe("lambda's options", () => {
  it.each([
    ["ttl", "ttlSeconds"],
    ["cacheTtl", "ttlSeconds"],
    ["authorizerResultTtlInSeconds", "ttlSeconds"],
    ["ttlSecond", "ttlSeconds"],
    ["function", "authorizer"],
    ["handler", "authorizer"],
    ["timeout", "timeoutSeconds"],
    ["identitySource", "identitySources"],
    ["maxConcurrency", "maxConcurrent"],
    ["accountID", "accountId"],
  ])("'%s' is spelt '%s'", (wrong, right) => {
    expect(build({ authorizer, [wrong]: 1 })).toThrow(
      new TypeError(`lambda() has no option '${wrong}'. Write '${right}'.`),
    );
  });

  it.each([
    [undefined, /takes an object/],
    [{}, /authorizer is a function, \{ url \} or \{ invoke \}/],
    [{ authorizer: "arn:aws:lambda:…" }, /authorizer is a function/],
    [{ authorizer: null }, /authorizer is a function/],
    [{ authorizer: { invoke: "name" } }, /authorizer\.invoke is a function/],
    [{ authorizer: { invoke: authorizer, send: authorizer } }, /wrap an SDK client/],
    [{ authorizer: { url: "authorizer.example" } }, /url is https:/],
    [{ authorizer: { url: undefined } }, /url is undefined/],
    [{ authorizer, identityValidationExpression: "" }, /is a regular expression, or the text of one/],
    [{ authorizer, identityValidationExpression: null }, /is a regular expression, or the text of one/],
    [{ authorizer, identitySources: [] }, /identitySources is a list/],
    [{ authorizer: { url: "http://authorizer.example/" } }, /allowInsecureHttp: \["authorizer.example"\]/],
    [{ authorizer: { url: "http://localhost.example/" } }, /is plain http/],
    [{ authorizer: { url: "http://127.0.0.1.example/" } }, /is plain http/],
    [{ authorizer: { url: "https://a.example/", allowInsecureHttp: ["a.example"] } }, /remove it/],
    [{ authorizer: { url: "ftp://localhost/" } }, /url is https:/],
    [{ authorizer: { url: ["https://a.example/"] } }, /url is https:/],
    [{ authorizer: { url: null } }, /url is https:/],
    [{ authorizer: { url: "https://user:secret@authorizer.example/" } }, /send it in 'headers'/],
    [{ authorizer: { url: "https://a.example/", headers: { "bad name": "x" } } }, TypeError],
    [{ authorizer: { url: "https://a.example/", header: {} } }, /Write 'headers'/],
    [{ authorizer, event: "tokens" }, /write 'token'/],
    [{ authorizer, event: "http" }, /event is appsync, token, request/],
    [{ authorizer, header: "x-token" }, /'header' means nothing for event 'appsync'/],
    [{ authorizer, event: "request", header: "x-token" }, /'header' means nothing/],
    [{ authorizer, event: "token", header: "x token" }, /not the name of a header/],
    [{ authorizer, stage: "prod" }, /'stage' means nothing for event 'appsync'/],
    [{ authorizer, event: "request", identityValidationExpression: /a/ }, /only for appsync and token/],
    [{ authorizer, event: "token", maxBodyBytes: 1 }, /'maxBodyBytes' means nothing/],
    [{ authorizer, identityValidationExpression: "(" }, /not a regular expression/],
    [{ authorizer, identityValidationExpression: "a)|(b" }, /not a regular expression/],
    [{ authorizer, apiId: "a/b" }, /apiId/],
    [{ authorizer, apiId: "*" }, /apiId/],
    [{ authorizer, accountId: 111122223333 }, /a string of twelve digits/],
    [{ authorizer, accountId: "1234" }, /twelve digits/],
    [{ authorizer, region: "eu west" }, /region/],
    [{ authorizer, event: "token", stage: "a/b" }, /stage/],
    [{ authorizer, ttlSeconds: -1 }, /ttlSeconds is a number of seconds from 0 to 3600/],
    [{ authorizer, ttlSeconds: 3601 }, /ttlSeconds/],
    [{ authorizer, ttlSeconds: Number.NaN }, /ttlSeconds/],
    [{ authorizer, timeoutSeconds: 0 }, /timeoutSeconds/],
    [{ authorizer, maxConcurrent: 0 }, /maxConcurrent is a whole number over 0/],
    [{ authorizer, maxConcurrent: 1.5 }, /maxConcurrent/],
    [{ authorizer, maxBodyBytes: 0 }, /maxBodyBytes/],
    [{ authorizer, identitySources: "header:x" }, /identitySources is a list/],
    [{ authorizer, identitySources: [7] }, /list of strings/],
    [{ authorizer, identitySources: ["body"] }, /'body' is not an identity source; an identity source is/],
    [{ authorizer, identitySources: ["header:"] }, /not an identity source/],
    [{ authorizer, identitySources: ["header:a b"] }, /not an identity source/],
    [{ authorizer, identitySources: ["method.request.header.Auth"] }, /write 'header:Auth'/],
    [{ authorizer, identitySources: ["$request.querystring.token"] }, /write 'query:token'/],
  ])("refuses %o", (options, message) => {
    expect(build(options)).toThrow(message);
    expect(build(options)).toThrow(TypeError);
  });

  it("takes endpoints over https, and over http on this machine", () => {
    for (const url of [
      "https://a.example/x",
      "http://localhost:3000/",
      "http://127.0.0.1/",
      "http://[::1]:80/",
    ]) {
      expect(lambda({ authorizer: { url } }).name).toBe("lambda");
      expect(lambda({ authorizer: { url: new URL(url) } }).name).toBe("lambda");
    }
    const named = { url: "http://authorizer:9000/", allowInsecureHttp: ["authorizer:9000"] };
    expect(lambda({ authorizer: named }).name).toBe("lambda");
  });

  it("names its scheme and the headers that it reads", () => {
    expect(lambda({ authorizer })).toMatchObject({ scheme: "Bearer", requestHeaders: ["authorization"] });
    const identitySources = ["header:X-Tenant", "header:authorization", "query:stage", "method"];
    expect(lambda({ authorizer, identitySources }).requestHeaders).toEqual(["authorization", "x-tenant"]);
  });

  it("types the event by its name, and takes handlers with types of their own", () => {
    lambda({ authorizer: (event) => ({ isAuthorized: event.requestContext.queryString !== "" }) });
    lambda({ event: "token", authorizer: (event) => event.methodArn });
    lambda({ event: "request", authorizer: (event) => event.httpMethod });
    lambda({ authorizer: (event: { authorizationToken: string }) => event.authorizationToken });
    const typed = async (event: AppSyncAuthorizerEvent, _context: { readonly memoryLimitInMB: string }) =>
      event;
    lambda({ authorizer: typed as (event: AppSyncAuthorizerEvent) => Promise<unknown> });
    const tokens = (event: TokenAuthorizerEvent) => event.methodArn;
    // @ts-expect-error a handler for API Gateway's tokens does not fit AppSync's event
    lambda({ authorizer: tokens });
    const kept: LambdaOptions = { event: "token", authorizer: tokens };
    expect(lambda(kept).name).toBe("lambda");
  });
});
