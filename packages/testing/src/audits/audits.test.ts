import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type AuditException, type AuditServer, audits, type AuditSuite } from "./index.ts";

const suites: AuditSuite[] = [];
afterEach(async () => {
  await Promise.all(suites.splice(0).map((suite) => suite.close()));
});

/** A server that knows nothing of authentication. */
function suiteOf(
  listener: RequestListener,
  exceptions: Readonly<Record<string, AuditException>> = {},
): AuditSuite {
  const serve = async (): Promise<AuditServer> => {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
  const suite = audits({ serve, exceptions });
  suites.push(suite);
  return suite;
}

async function passed({ audits }: AuditSuite): Promise<string[]> {
  const ids: string[] = [];
  for (const { id, run } of audits) {
    await run().then(
      () => ids.push(id),
      () => undefined,
    );
  }
  return ids;
}

const answering =
  (status: number): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status).end();
  };

describe("the audits", () => {
  it("keep their ids and meanings", () => {
    const { audits } = suiteOf(answering(200));
    expect(new Set(audits.map(({ id }) => id)).size).toBe(audits.length);
    expect(audits.map(({ id, name }) => `${id} ${name}`)).toEqual(known);
  });

  it("have ids of four hexadecimal digits and names in the words of RFC 2119", () => {
    for (const { id, name } of suiteOf(answering(200)).audits) {
      expect(id).toMatch(/^[0-9a-f]{4}$/);
      expect(name).toMatch(/^(?:MUST|MUST NOT|SHOULD|SHOULD NOT) /);
    }
  });

  it("can each be failed", async () => {
    const lenient = await passed(suiteOf(answering(200)));
    const strict = await passed(suiteOf(answering(401)));
    expect(lenient.filter((id) => strict.includes(id))).toEqual([]);
  }, 60_000);
});

describe("the audits of what lies between a request and its handler", () => {
  const failing = new Set(["38c0", "5ab1", "c7e4", "ce92", "36d8"]);

  it.each([200, 204, 401, 500])("fail for a server that answers everything with %i", async (status) => {
    const { audits } = suiteOf(answering(status));
    for (const { id, run } of audits.filter(({ id }) => failing.has(id))) {
      const outcome = await run().then(
        () => "passed",
        () => "failed",
      );
      // An empty 204 to everything is all that these ask of a preflight.
      expect([id, outcome]).toEqual([
        id,
        status === 204 && ["5ab1", "c7e4"].includes(id) ? "passed" : "failed",
      ]);
    }
  });
});

describe("an exception", () => {
  const run = (suite: AuditSuite, wanted: string) => suite.audits.find(({ id }) => id === wanted)?.run();
  const because = "this server has no authentication";

  it("holds while the server answers as measured", async () => {
    await expect(
      run(suiteOf(answering(418), { b902: { status: 418, because } }), "b902"),
    ).resolves.toBeUndefined();
  });

  it("fails where the server answers something else", async () => {
    const suite = suiteOf(answering(418), { b902: { status: 404, because } });
    await expect(run(suite, "b902")).rejects.toThrow("measured as 404, the server answers 418");
  });

  it("fails where it is needed no more", async () => {
    const suite = suiteOf(answering(401), { "5f0a": { status: 401, because } });
    await expect(run(suite, "5f0a")).rejects.toThrow("take the exception away");
  });

  it("names an audit that exists", () => {
    expect(() => suiteOf(answering(200), { beef: { status: 404, because } })).toThrow(
      "there is no audit beef",
    );
  });
});

const known: readonly string[] = [
  "0b1e MUST accept an API key",
  "91c4 MUST refuse an unknown API key with 401",
  "5d20 MUST refuse an expired API key with 401 and say that it expired",
  "a7f3 MUST accept an access token of the user pool without Bearer",
  "2e86 MUST accept an access token of the user pool after Bearer, in any letter case",
  "c65b MUST refuse an expired token with 401 and say that it expired",
  "73ad MUST refuse an id token where access tokens are asked for",
  "e019 MUST refuse forged tokens: another key, changed claims, no signature, HMAC with the public key",
  "48d2 MUST refuse a token of another issuer, and one for another client",
  "f4b7 MUST accept a token of the OIDC issuer, signed with RS256 or ES256",
  "1a9c MUST refuse a token of the OIDC issuer for another audience, an expired one and one that begins later",
  "7dc0 MUST reject tokens for another resource, and those that only the holder of a key may send, after Bearer and DPoP",
  "8e35 MUST accept what the authorizer lets pass",
  "d7e8 MUST refuse what the authorizer denies",
  "36fa MUST accept a request without credentials as none, where none is served",
  "b902 MUST answer 401 without credentials, with a challenge for each mode of the route",
  "60c1 MUST refuse every method alike",
  "7b4e MUST answer a refusal of HEAD with the status and headers of GET and no body",
  "aef0 MUST accept a token from the cookie that is configured",
  "fc27 MUST NOT take a cookie that another site made the browser send",
  "d2c7 MUST find a token among a thousand cookies, and a second one",
  "c3d8 MUST answer 400 to several kinds of credentials, good ones too",
  "19e7 MUST answer 400 to credentials in header and query, also of a mode that is not served",
  "7f95 MUST answer 400 to a request that is signed in header and query, whichever mode has precedence",
  "aa51 MUST answer 400 to a repeated Authorization, also where both are the same",
  "5f0a MUST NOT fall through to none after a refusal",
  "e4b3 MUST NOT take a request with any Authorization as none",
  "e60a MUST NOT report credentials that no mode reads as missing",
  "27dc MUST NOT take a request with part of a presigned query as none, in any letter case",
  "b6f9 MUST take other queries as none",
  "0d44 MUST refuse credentials of a mode that the route does not list, valid or not",
  "fe18 MUST refuse a call without credentials on a route that has none() elsewhere only",
  "83a6 MUST let the mode decide that precedence names, and it alone",
  "d1c5 MUST ask for the required key beside the credentials",
  "6c2b MUST NOT take the required key for credentials",
  "9b70 MUST verify once where several guards stand before a handler",
  "12f6 MUST refuse at the second guard what only the first one accepts",
  "ce92 MUST answer 500 misconfigured if a handler asks for the identity before authentication",
  "36d8 MUST report once, with route and cause, that a handler asked for the identity before authentication",
  "2c8f MUST accept a caller in one of the groups",
  "f3a0 MUST answer 403 to a caller in none of the groups",
  "58b1 MUST answer 403 with the scopes that are needed to a caller who lacks one",
  "ad09 MUST accept a caller with one of the scopes where any will do",
  "71e4 MUST ask for groups and scopes at every request, also of a token that it remembers",
  "8d4c MUST NOT start with requirements that are misspelt or no lists",
  "b9e2 MUST NOT start with requirements that are undefined or empty",
  "3d6a MUST refuse a revoked token",
  "c04e MUST answer 503 where it cannot be known whether a token is revoked",
  "a1c7 MUST give the handler the record that load finds, and a mask for what the caller must not see",
  "5bd8 MUST deny another user's record with 403, and one that is missing or secret with 404, before the handler runs",
  "e60f MUST give the handler of a create the input, with what the rules add",
  "07ba MUST decide on an update by its record and its input",
  "93fd MUST answer 400 to a body that is no input for the model, but not to a caller that the rules deny",
  "c1e8 MUST give a list its filter, and deny callers that no rule covers",
  "48af MUST answer 500 to a list that the handler did not filter, except in production",
  "6b07 MUST let a handler decide, and answer 500 if it did not, in production too",
  "f2c5 MUST ask for no record if the rules look at none",
  "b21d MUST answer a preflight to a route with rules, and run neither load nor handler",
  "3fe7 MUST answer 500 misconfigured to an allow without authentication, in the format of the auth, and run neither load nor handler",
  "e1d6 MUST answer what a handler throws about its caller in the format of the auth, each time with an id of its own, and report it",
  "71b0 MUST NOT start with an allow that would guard nothing, or whose options are misspelt",
  "0f5e MUST note on the guards of a route its modes and what it asks the rules, for tools",
  "21d7 MUST accept a request signed with a long-term key",
  "be46 MUST accept a request signed with the temporary credentials of an identity pool",
  "f90c MUST accept every service that is configured and no other",
  "47b8 MUST refuse a signature made with another secret",
  "c82e MUST refuse an unknown access key, and a session token that is not of the key",
  "a96e MUST answer an unknown access key as it answers a wrong signature, whatever the body is",
  "0573 MUST refuse credentials that have ended, and say so",
  "d6b4 MUST refuse a request signed over five minutes ago or ahead, so that clients can set their clock",
  "9a1f MUST answer 400 to a signature that cannot be read",
  "6e08 MUST refuse a request whose method or signed header was changed",
  "e95d MUST refuse an x-amz- header that was added after signing",
  "f1a9 MUST verify JSON and hand it to the handler untouched",
  "2d03 MUST verify a form and hand it to the handler untouched",
  "8bc2 MUST verify multipart and hand it to the handler untouched",
  "a40e MUST verify bytes and hand it to the handler untouched",
  "ee57 MUST verify an empty body and hand it to the handler untouched",
  "9fe3 MUST verify a compressed body as it was sent",
  "e3b6 MUST verify a body that arrives slowly",
  "5ac7 MUST refuse a body that was changed after signing",
  "34e1 MUST verify bodies of many megabytes",
  "b17a MUST answer 413 to a body over the cap",
  "78f2 MUST NOT take an unsigned payload",
  "cb30 MUST accept a presigned GET",
  "13d5 MUST NOT take a presigned URL for another method, path or query",
  "2f6d MUST NOT take a presigned URL for a method that changes something",
  "b3c6 MUST verify with the whole path below a mounted router",
  "74fd MUST NOT accept a signature for the path without the mount path",
  "0ae8 MUST verify paths as they were escaped",
  "d350 MUST NOT accept a signature for another spelling of the path",
  "97cb MUST refuse a signed path with dot segments or empty segments",
  "5c13 MUST verify queries as they were written",
  "e2d9 MUST refuse a query that was changed after signing",
  "4fb4 MUST verify against the public URL: its host, and the path that a proxy strips",
  "a870 MUST NOT accept a signature for the URL behind the proxy where a public one is set",
  "69de MUST NOT take the host from X-Forwarded headers",
  "46a2 MUST refuse a signed request that names several hosts",
  "38c0 MUST answer a CORS preflight itself with 204 and no body, without running a handler",
  "5ab1 MUST NOT run a handler for a forged preflight, also if the route accepts none, or is report-only",
  "c7e4 MUST NOT verify the credentials of a preflight, nor run a handler for them",
  "e7a5 MUST NOT let any other OPTIONS pass",
  "95b2 MUST NOT let another method pass that looks like a preflight",
  "4a1d MUST verify OPTIONS with credentials",
  "c9f7 MUST accept HEAD, without a body in the answer",
  "60ee MUST NOT take the method from X-HTTP-Method-Override",
  "1f94 MUST hand bodies of any type and size to the handler untouched",
  "86d3 MUST serve a connection further after it refused a request with a body",
  "7d1c MUST refuse a request whose client leaves in the middle of the body, and live on",
  "f86b MUST keep the callers of one connection apart",
  "2b5e MUST keep the callers of many requests at once apart",
  "5e93 MUST verify requests that were built by hand, without raw headers",
  "7e21 SHOULD answer missing credentials as API Gateway does",
  "b0d7 SHOULD answer wrong and expired tokens as API Gateway does",
  "3c9a SHOULD answer an unknown API key as API Gateway does",
  "f5e2 SHOULD answer wrong signatures and ended sessions as API Gateway does",
  "0c76 SHOULD answer a caller without group, scope or leave as API Gateway does",
  "d4f8 SHOULD answer ambiguous credentials and a failing authorizer as API Gateway does",
  "88a3 SHOULD answer missing credentials as AppSync does",
  "51bf SHOULD answer refused credentials as AppSync does",
  "ca4d SHOULD answer wrong signatures as AppSync does",
  "1d92 SHOULD answer a caller without group as AppSync does",
  "e6ac SHOULD answer ambiguous credentials as AppSync does",
  "a5d3 MUST answer 503 with Retry-After while the provider of the keys is down, never 401",
  "16bc MUST answer 503 with Retry-After where a store of keys fails",
  "7f0c MUST answer 503 with Retry-After where a store of keys hangs",
  "ef62 MUST answer 503 where the authorizer fails",
  "04a9 MUST go on with the keys at hand while the provider is down",
  "b85d MUST let a rejected request pass in report-only, and report it",
  "d9f1 MUST give the handler the whole body in report-only, also if the body was rejected",
  "4e87 MUST report who was accepted, where, and nothing of the query",
];
