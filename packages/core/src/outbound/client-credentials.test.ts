import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Origin, type Received, type Sent, startOrigin } from "../test/origin.ts";
import { startEcho } from "../test/echo.ts";
import { failureOf } from "./test/calls.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import type { ClientCredentialsOptions } from "./client-credentials.ts";
import { oidc } from "./sources.ts";
import type { HeaderSource } from "./header-source.ts";

const client = { clientId: "shop", clientSecret: "s-hidden" };

interface Provider extends Origin {
  /** The requests to the token endpoint. */
  readonly grants: readonly Received[];
}

/** A provider with discovery and a token endpoint that gives t1, t2 … */
async function startProvider(answer: (grant: Received, count: number) => Sent = granted): Promise<Provider> {
  const grants: Received[] = [];
  const origin: Origin = await startOrigin((request) => {
    if (request.path === "/.well-known/openid-configuration") {
      return { body: { issuer: origin.url, token_endpoint: `${origin.url}/oauth/token?tenant=1` } };
    }
    grants.push(request);
    return answer(request, grants.length);
  });
  return { ...origin, grants };
}

function granted(_grant: Received, count: number): Sent {
  return { body: { access_token: `t${count}`, token_type: "bearer", expires_in: 3600 } };
}

async function tokenOf(source: HeaderSource, refused?: Response): Promise<string | undefined> {
  const url = new URL("https://a.example/");
  const headers = await source({ method: "GET", url, headers: new Headers(), body: undefined, refused });
  return headers.authorization;
}

function failure(source: HeaderSource): Promise<string> {
  return failureOf(tokenOf(source));
}

afterEach(() => {
  vi.useRealTimers();
});

describe("outbound.oidc with a client's credentials", () => {
  it("discovers the token endpoint and asks it for a token", async () => {
    const provider = await startProvider();
    const source = oidc({
      issuer: provider.url,
      ...client,
      scope: ["read", "write"],
      audience: "api",
      resource: ["urn:a", "urn:b"],
    });
    expect(await tokenOf(source)).toBe("Bearer t1");
    expect(provider.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /.well-known/openid-configuration",
      "POST /oauth/token?tenant=1",
    ]);
    const [grant] = provider.grants;
    expect(grant?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from("shop:s-hidden").toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    });
    expect([...new URLSearchParams(grant?.body)]).toEqual([
      ["grant_type", "client_credentials"],
      ["scope", "read write"],
      ["audience", "api"],
      ["resource", "urn:a"],
      ["resource", "urn:b"],
    ]);
    expect(provider.received[0]?.headers).not.toHaveProperty("authorization");
  });

  it("sends no more than it was given, and asks a given token endpoint without discovery", async () => {
    const provider = await startProvider();
    const source = oidc({ tokenEndpoint: `${provider.url}/token`, ...client, scheme: null });
    expect(await tokenOf(source)).toBe("t1");
    expect(provider.received.map(({ path, body }) => `${path} ${body}`)).toEqual([
      "/token grant_type=client_credentials",
    ]);
  });

  it("form-encodes id and secret before it joins them (RFC 6749 §2.3.1)", async () => {
    const provider = await startProvider();
    const source = oidc({ tokenEndpoint: provider.url, clientId: "a:b c", clientSecret: "p%+ü/=" });
    await tokenOf(source);
    const basic = provider.grants[0]?.headers.authorization?.replace("Basic ", "") ?? "";
    expect(Buffer.from(basic, "base64").toString()).toBe("a%3Ab+c:p%25%2B%C3%BC%2F%3D");
  });

  it("discovers below an issuer with a path or a slash at its end", async () => {
    for (const issuerPath of ["/tenant", "/tenant/", "/"]) {
      const origin: Origin = await startOrigin(({ path }) =>
        path.includes("openid")
          ? { body: { issuer: origin.url + issuerPath, token_endpoint: `${origin.url}/token` } }
          : granted(origin.received[0] as Received, 1),
      );
      expect(await tokenOf(oidc({ issuer: origin.url + issuerPath, ...client }))).toBe("Bearer t1");
      const base = issuerPath.replace(/\/$/, "");
      expect(origin.received[0]?.path).toBe(`${base}/.well-known/openid-configuration`);
    }
  });

  it("asks once for a hundred calls at the same time", async () => {
    const provider = await startProvider();
    const service = await startOrigin();
    const authFetch = createAuthFetch(oidc({ issuer: provider.url, ...client }), { origins: [service.url] });
    await Promise.all(Array.from({ length: 100 }, () => authFetch(service.url)));
    expect(new Set(service.received.map(({ headers }) => headers.authorization))).toEqual(
      new Set(["Bearer t1"]),
    );
    expect(service.received).toHaveLength(100);
    expect(provider.received).toHaveLength(2);
  });

  it.each([
    ["a number", 600, 540, 1],
    ["a text", "600", 540, 1],
    ["nothing", undefined, 270, 30],
    ["null", null, 270, 30],
  ])("remembers a token until shortly before its end, said as %s", async (_what, expires_in, kept, left) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const provider = await startProvider((_grant, count) => ({
      body: { access_token: `t${count}`, expires_in },
    }));
    const source = oidc({ issuer: provider.url, ...client });
    const start = Date.now();
    await tokenOf(source);
    vi.setSystemTime(start + (kept - left) * 1000);
    expect(await tokenOf(source)).toBe("Bearer t1");
    vi.setSystemTime(start + (kept + left) * 1000);
    expect(await tokenOf(source)).toBe("Bearer t2");
    expect(provider.received).toHaveLength(3); // discovered once
  });

  it("remembers nothing that ends at once", async () => {
    const provider = await startProvider((_grant, count) => ({
      body: { access_token: `t${count}`, expires_in: 0 },
    }));
    const source = oidc({ issuer: provider.url, ...client });
    expect([await tokenOf(source), await tokenOf(source)]).toEqual(["Bearer t1", "Bearer t2"]);
  });

  it("drops a token that the called service refuses, once for all who were refused", async () => {
    const provider = await startProvider();
    const service = await startOrigin(({ headers }) => ({
      status: headers.authorization === "Bearer t1" ? 401 : 200,
    }));
    const authFetch = createAuthFetch(oidc({ issuer: provider.url, ...client }), { origins: [service.url] });
    const responses = await Promise.all(Array.from({ length: 20 }, () => authFetch(service.url)));
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(provider.grants).toHaveLength(2);
  });

  it("does not load the provider for a service that refuses everything", async () => {
    const provider = await startProvider();
    const service = await startOrigin(() => ({ status: 401 }));
    const authFetch = createAuthFetch(oidc({ issuer: provider.url, ...client }), { origins: [service.url] });
    for (let i = 0; i < 5; i++) expect((await authFetch(service.url)).status).toBe(401);
    expect(provider.grants).toHaveLength(2);
    expect(service.received.length).toBe(6);
  });

  it.each<[string, Sent, string]>([
    [
      "a refusal",
      { status: 401, body: { error: "invalid_client", error_description: "who is this?" } },
      "/oauth/token answered 401: invalid_client: who is this?",
    ],
    [
      "a refusal with status 200",
      { body: { error: "invalid_scope", error_description: "no such scope" } },
      "/oauth/token answered 200: invalid_scope: no such scope",
    ],
    [
      "a refusal that echoes the secrets",
      {
        status: 400,
        body: { error: "invalid_client", error_description: "s-hidden in Basic c2hvcDpzLWhpZGRlbg==" },
      },
      "answered 400: invalid_client: [secret] in Basic [secret]",
    ],
    [
      "a refusal with control characters",
      { status: 400, body: { error: "a\u001b[31m\nb" } },
      "answered 400: a [31m b",
    ],
    ["a refusal without words", { status: 500, body: "<html>t-hidden" }, "/oauth/token answered 500"],
    ["a redirect", { status: 307, headers: { location: "/elsewhere" } }, "/oauth/token answered 307"],
    ["no JSON", { body: "t-hidden is not JSON" }, "did not answer with a JSON object"],
    ["no object", { body: '["t-hidden"]' }, "did not answer with a JSON object"],
    ["no token", { body: { token_type: "bearer" } }, "the provider's access_token is nothing"],
    [
      "a token with a line break",
      { body: { access_token: "t-hidden\r\nx: y", token_type: "bearer" } },
      "the provider's access_token is a text that headers cannot carry",
    ],
    [
      "a token of another type",
      { body: { access_token: "t-hidden", token_type: "DPoP" } },
      "not of the type Bearer",
    ],
  ])("says what the provider answered, without secrets: %s", async (_what, sent, sentence) => {
    const provider = await startProvider(() => sent);
    const said = await failure(oidc({ issuer: provider.url, ...client }));
    expect(said).toContain(sentence);
    expect(said).toContain("outbound.oidc()");
    expect(said).not.toMatch(/hidden|c2hvcDpzLWhpZGRlbg/);
    expect(provider.grants).toHaveLength(1);
  });

  it("asks again after a failure, of discovery too", async () => {
    let up = false;
    const origin: Origin = await startOrigin(({ path }) => {
      if (!up) return { status: 503 };
      if (path.includes("openid"))
        return { body: { issuer: origin.url, token_endpoint: `${origin.url}/token` } };
      return { body: { access_token: "t" } };
    });
    const source = oidc({ issuer: origin.url, ...client });
    expect(await failure(source)).toContain("/.well-known/openid-configuration answered 503");
    up = true;
    expect(await tokenOf(source)).toBe("Bearer t");
  });

  it("names a provider that does not answer, or not in time", async () => {
    const silent = await startOrigin(() => new Promise(() => {}));
    const late = oidc({ tokenEndpoint: `${silent.url}/token`, ...client, timeoutSeconds: 0.05 });
    expect(await failure(late)).toContain(`${silent.url}/token did not answer within 0.05 s`);
    const closed = oidc({ tokenEndpoint: "http://127.0.0.1:1/token", ...client });
    expect(await failure(closed)).toMatch(/http:\/\/127\.0\.0\.1:1\/token did not answer\n/);
  });

  it.each([undefined, "client_secret_post" as const])(
    "shows nothing of what was sent, also if a server that is not HTTP sends it back: %s",
    async (authMethod) => {
      const tokenEndpoint = `${await startEcho()}/token?key=s-hidden`;
      const source = oidc({ tokenEndpoint, ...client, ...(authMethod && { authMethod }) });
      const error: unknown = await tokenOf(source).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ cause: { name: "TypeError", message: "fetch failed" } });
      expect(error).toMatchObject({ cause: { cause: { name: "HTTPParserError" } } });
      expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/hidden|c2hvcDpzLWhpZGRlbg/);
    },
  );

  it("shows nothing of what a fetch of the app keeps in its errors", async () => {
    const fetch: typeof globalThis.fetch = (url, init) => {
      const cause = Object.assign(new Error(`failed: ${inspect([url, init])}`), { init });
      throw Object.assign(new Error("no route", { cause }), { config: init });
    };
    const tokenEndpoint = "https://i.example/token?key=k-hidden";
    const error: unknown = await tokenOf(oidc({ tokenEndpoint, ...client, fetch })).catch((e: unknown) => e);
    expect(error).toMatchObject({ cause: { message: "no route", cause: { name: "Error" } } });
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/hidden|c2hvcDpzLWhpZGRlbg/);
  });

  it("gives up on a fetch that ignores its signal, too", async () => {
    const fetch = () => new Promise<Response>(() => {});
    const late = oidc({ tokenEndpoint: "https://i.example/token", ...client, timeoutSeconds: 0.05, fetch });
    expect(await failure(late)).toContain("https://i.example/token did not answer within 0.05 s");
  });

  it("takes a time that is no whole number of milliseconds", async () => {
    const provider = await startProvider();
    expect(2.01 * 1000).not.toBe(2010);
    expect(await tokenOf(oidc({ issuer: provider.url, ...client, timeoutSeconds: 2.01 }))).toBe("Bearer t1");
  });

  it("believes a discovery document only of the issuer that was asked, and sends the secret nowhere worse", async () => {
    const document = { issuer: "https://i.example", token_endpoint: "https://i.example/token" };
    const asked: string[] = [];
    const answering = (body: object): typeof fetch => {
      return (url) => {
        asked.push(new Request(url).url);
        return Promise.resolve(Response.json(body));
      };
    };
    const ask = (body: object) =>
      failure(oidc({ issuer: "https://i.example", ...client, fetch: answering(body) }));
    expect(await ask({ ...document, issuer: "https://other.example" })).toContain(
      "the provider at https://i.example calls itself https://other.example; write that as issuer",
    );
    for (const token_endpoint of ["http://i.example/token", "file:///token", "/token", undefined]) {
      expect(await ask({ ...document, token_endpoint })).toContain(
        "names no token_endpoint that can be used",
      );
    }
    expect(new Set(asked)).toEqual(new Set(["https://i.example/.well-known/openid-configuration"]));
  });

  it("finds a token endpoint over plain http only at a host that is allowed", async () => {
    const ask = async (issuer: string, token_endpoint: string, allowInsecureHttp: readonly string[]) => {
      const asked: string[] = [];
      const fetch: typeof globalThis.fetch = async (url) => {
        asked.push(new Request(url).url);
        return Response.json({ issuer, token_endpoint, access_token: "t" });
      };
      const outcome = await tokenOf(oidc({ issuer, ...client, allowInsecureHttp, fetch })).catch(
        () => "rejected",
      );
      expect(asked.includes(token_endpoint)).toBe(outcome === "Bearer t");
      return outcome;
    };
    const allowed = ["keycloak:8080"];
    expect(await ask("http://keycloak:8080", "http://keycloak:8080/token", allowed)).toBe("Bearer t");
    expect(await ask("https://i.example", "http://keycloak:8080/token", allowed)).toBe("Bearer t");
    expect(await ask("http://keycloak:8080", "http://keycloak/token", allowed)).toBe("rejected");
    expect(await ask("https://i.example", "http://127.0.0.1/token", allowed)).toBe("rejected");
  });

  it("reads no more of an answer than of a key set", async () => {
    const long = await startProvider(() => ({ body: { access_token: "t", more: "x".repeat(256 * 1024) } }));
    const said = await failure(oidc({ tokenEndpoint: `${long.url}/token`, ...client }));
    expect(said).toContain("/token answered with more than 262144 bytes");
    const endless = await startOrigin(() => ({ status: 500, body: "x".repeat(1024 * 1024) }));
    expect(await failure(oidc({ tokenEndpoint: endless.url, ...client }))).toContain(
      "more than 262144 bytes",
    );
  });

  it.each<[string, unknown, string]>([
    [
      "an issuer over plain http",
      { issuer: "http://keycloak:8080/realms/a", ...client },
      'issuer http://keycloak:8080 is plain http, which others on the network can read and change; use https, or write allowInsecureHttp: ["keycloak:8080"]',
    ],
    [
      "an endpoint over plain http",
      { issuer: "https://i.example", tokenEndpoint: "http://i.example/token", ...client },
      'write allowInsecureHttp: ["i.example"]',
    ],
    [
      "an exception that is not needed",
      { tokenEndpoint: "https://i.example/token", allowInsecureHttp: ["i.example"], ...client },
      "remove it",
    ],
    [
      "neither issuer nor endpoint",
      { ...client },
      "takes token, a function that returns one; or clientId and clientSecret",
    ],
    ["no secret", { issuer: "https://i.example", clientId: "a" }, "clientSecret is missing or empty"],
    ["an empty id", { issuer: "https://i.example", ...client, clientId: "" }, "clientId is missing or empty"],
    [
      "an issuer that is no URL",
      { issuer: "i.example", ...client },
      "issuer is a URL such as https://auth.example.com",
    ],
    [
      "an endpoint that is a list",
      { tokenEndpoint: ["https://i.example"], ...client },
      "tokenEndpoint is a URL",
    ],
    [
      "an endpoint with a password",
      { tokenEndpoint: "https://u:hidden@i.example", ...client },
      "tokenEndpoint is a URL",
    ],
    [
      "an endless time-out",
      { issuer: "https://i.example", ...client, timeoutSeconds: 1e9 },
      "timeoutSeconds is a number of seconds",
    ],
    ["a misspelt option", { issuer: "https://i.example", ...client, scopes: "a" }, "Write 'scope'"],
  ])("refuses %s when built", (_what, options, sentence) => {
    const build = () => oidc(options as ClientCredentialsOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
    expect(build).not.toThrow("hidden");
  });
});
