import type { AuthInfo as AuthInfoOfV2 } from "@modelcontextprotocol/client";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import { describe, expect, expectTypeOf, it } from "vitest";
import { createAuth } from "./auth.ts";
import type { AuthOptions } from "./options.ts";
import type { Identity, OidcIdentity } from "../identity.ts";
import { protectedResource, toMcpAuthInfo } from "./mcp.ts";
import { apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { oidc } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { AuthError } from "../refusal/error.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, Requirements } from "../types.ts";

const resource = "https://api.example.com/public/mcp";
const issuer = "https://id.example.com";
const tokens = oidc({ issuer, audience: resource });
const keys = apiKey({ keys: () => undefined });
const path = "/.well-known/oauth-protected-resource";

function metadataOf(url: string, scopes?: readonly string[]) {
  const auth = createAuth([keys, tokens], { resource: url });
  return protectedResource(auth, scopes === undefined ? {} : { scopes });
}

describe("resource", () => {
  const make = (url: string, options: AuthOptions = {}, modes: readonly AuthMode[] = [tokens]) =>
    createAuth(modes, { ...options, resource: url });

  it.each([
    "https://api.example.com/mcp/",
    "https://api.example.com/",
    "https://api.example.com/mcp?a",
    "https://api.example.com/mcp#a",
    "https://api.example.com/mcp?",
    "https://user:pass@api.example.com/mcp",
    "https://API.example.com/mcp",
    "https://api.example.com:443/mcp",
    "https://api.example.com/a/../mcp",
    "https://api.example.com/error=x",
    "/mcp",
    "api.example.com/mcp",
    "ftp://api.example.com/mcp",
    "",
    " https://api.example.com/mcp",
  ])("is not %j", (url) => {
    expect(() => make(url)).toThrow(TypeError);
    expect(() => make(url)).toThrow("resource is the whole URL that clients call");
  });

  it("is https, or on this machine", () => {
    expect(() => make("http://api.example.com/mcp")).toThrow("plain http");
    expect(() => make("http://127.0.0.1:3000/mcp")).not.toThrow();
    expect(() => make("https://api.example.com")).not.toThrow();
  });

  it("has the origin of publicUrl", () => {
    expect(() => make(resource, { publicUrl: "https://internal.example.com" })).toThrow("another origin");
    expect(() => make(resource, { publicUrl: "https://api.example.com/public" })).not.toThrow();
  });

  it("does not go with a format that answers a missing scope with 401", () => {
    expect(() => make(resource, { errorFormat: "appsync" })).toThrow("answers a missing scope with 403");
    expect(() => make(resource, { errorFormat: "apigateway" })).not.toThrow();
  });

  it("needs modes that tell the issuers and check the audience", () => {
    const pool = { userPoolId: "us-east-1_Abc", clientId: "web" };
    const audience = [resource, "https://api.example.com"];
    const wrong: readonly (readonly [AuthMode, string])[] = [
      [keys, "add oidc({ issuer, audience })"],
      [none(), "add oidc({ issuer, audience })"],
      [oidc({ issuers: () => undefined }), "no oidc({ issuers })"],
      [oidc({ issuer, clientId: "web" }), `oidc({ audience })`],
      [
        oidc([
          { issuer, audience: resource },
          { issuer: `${issuer}/b`, clientId: "web" },
        ]),
        `${issuer}/b`,
      ],
      [userPool(pool), `write audience: "${resource}"`],
    ];
    for (const [mode, text] of wrong) expect(() => make(resource, {}, [mode])).toThrow(text);
    expect(() => make(resource, {}, [userPool(pool), tokens])).toThrow("userPool({ audience })");
    expect(() => make(resource, {}, [tokens, userPool({ ...pool, audience })])).not.toThrow();
    expect(() => make(resource, {}, [oidc({ issuer, audience: null }), keys])).not.toThrow();
    expect(() => make(resource, {}, [{ ...fakeMode("red"), issuers: [issuer] }])).not.toThrow();
  });
});

describe("the challenge", () => {
  const isAsked = async (needs: Requirements | undefined, options: AuthOptions, ...modes: AuthMode[]) => {
    const error: unknown = await createAuth(modes, options)
      .authenticate(viewOf(), needs)
      .catch((e) => e);
    return error instanceof AuthError ? error.headers["WWW-Authenticate"] : undefined;
  };
  const url = `resource_metadata="https://api.example.com${path}/public/mcp"`;

  it("names the document and the scopes of the route, and Bearer first", async () => {
    expect(await isAsked(undefined, { resource }, keys, tokens)).toBe(`Bearer ${url}, ApiKey`);
    expect(await isAsked({ scopes: ["a", "b"] }, { resource }, keys, tokens)).toBe(
      `Bearer scope="a b", ${url}, ApiKey`,
    );
    expect(await isAsked({ scopes: { any: ["a", "b"] } }, { resource }, tokens)).toBe(
      `Bearer scope="a b", ${url}`,
    );
    expect(await isAsked({ scopes: ["a"] }, { resource, errorFormat: "apigateway" }, tokens)).toBe(
      `Bearer scope="a", ${url}`,
    );
  });

  it("is as before without a resource, and has no empty scope", async () => {
    expect(await isAsked({ scopes: ["a"] }, {}, tokens)).toBe('Bearer realm="api"');
    expect(await isAsked({ groups: ["a"] }, { resource }, tokens)).toBe(`Bearer ${url}`);
    expect(await isAsked({ scopes: ["é"] }, { resource }, tokens)).toBe(`Bearer ${url}`);
  });

  it("is none if the route accepts no tokens", async () => {
    const auth = createAuth([keys, tokens], { resource }).only("apiKey");
    const error: unknown = await auth.authenticate(viewOf()).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 401, headers: { "WWW-Authenticate": "ApiKey" } });
  });

  it("has the description last", () => {
    const error = new AuthError("credentials_expired", "x", { message: "scope=z error=z" });
    const context = { id: "", format: "problem", mode: "oidc", accepted: [tokens], resource } as const;
    expect(error.within({ ...context, needs: { scopes: ["a"] } }).headers["WWW-Authenticate"]).toBe(
      `Bearer error="invalid_token", scope="a", ${url}, error_description="scope=z error=z"`,
    );
  });
});

describe("protectedResource", () => {
  it("needs a resource, tokens and scopes", () => {
    expect(() => protectedResource(createAuth([tokens]))).toThrow("the auth has no resource");
    const auth = createAuth([keys, tokens], { resource });
    expect(() => protectedResource(auth.only("apiKey"))).toThrow("accepts no tokens");
    for (const scopes of [[], [""], ["a b"], ['"'], ["offline_access"], "a", [undefined]]) {
      expect(() => protectedResource(auth, { scopes: scopes as string[] })).toThrow("at least one scope");
    }
    expect(() => protectedResource(auth, { scopes_supported: ["a"] } as object)).toThrow("Write 'scopes'");
    expect(() => protectedResource({} as typeof auth)).toThrow(TypeError);
  });

  it.each([
    [resource, [`${path}/public/mcp`, path]],
    ["https://api.example.com", [path]],
  ])("of %s is found on %j", async (url, paths) => {
    const metadata = metadataOf(url, ["books:read"]);
    expect(metadata.paths).toEqual(paths);
    for (const place of paths) {
      const answer = metadata.handler(new Request(`https://elsewhere.example${place}?a=b`));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(await answer.json()).toEqual({
        resource: url,
        authorization_servers: [issuer],
        scopes_supported: ["books:read"],
        bearer_methods_supported: ["header"],
      });
    }
  });

  it("answers preflights and HEAD, and rejects other methods and paths", async () => {
    const metadata = metadataOf(resource);
    const ask = async (method: string, place = path) => {
      const answer = metadata.handler(new Request(`https://api.example.com${place}`, { method }));
      return [answer.status, await answer.text(), answer.headers.get("access-control-allow-headers")];
    };
    expect(await ask("OPTIONS")).toEqual([204, "", "*"]);
    expect(await ask("HEAD")).toEqual([200, "", "*"]);
    expect(await ask("POST")).toEqual([405, "", "*"]);
    expect(await ask("GET", `${path}/other`)).toEqual([404, "", "*"]);
    expect(await ask("GET", "/")).toEqual([404, "", "*"]);
    expect(JSON.parse((await ask("GET"))[1] as string)).not.toHaveProperty("scopes_supported");
  });

  it("names the issuer of a user pool once, and that of a replica if it is the only one", async () => {
    const pool = { userPoolId: "us-east-1_Abc", clientId: "web", audience: resource };
    const replica = "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc";
    const serversOf = async (options: object) => {
      const auth = createAuth([userPool({ ...pool, ...options })], { resource });
      const answer = await protectedResource(auth)
        .handler(new Request(`https://x.example${path}`))
        .json();
      return (answer as { authorization_servers: unknown }).authorization_servers;
    };
    expect(await serversOf({})).toEqual(["https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc"]);
    expect(await serversOf({ issuer: replica })).toEqual([replica]);
  });
});

describe("toMcpAuthInfo", () => {
  const otto: OidcIdentity = {
    mode: "oidc",
    id: "otto",
    sub: "otto",
    issuer,
    claims: { azp: "web", client_id: "other" },
    groups: [],
    scopes: ["a"],
    expiresAt: 5,
  };

  it("is what the SDKs take", () => {
    const info = toMcpAuthInfo(otto);
    expectTypeOf(info).toExtend<Readonly<AuthInfo>>();
    expectTypeOf(info).toExtend<Readonly<AuthInfoOfV2>>();
    expectTypeOf(info.extra.identity).toEqualTypeOf<OidcIdentity>();
    expect(info).toEqual({
      token: "",
      clientId: "web",
      scopes: ["a"],
      expiresAt: 5,
      extra: { identity: otto },
    });
    expect(toMcpAuthInfo(otto, "token").token).toBe("token");
  });

  it("names the client, and callers without one by mode and id", () => {
    const base = { groups: [], scopes: [], expiresAt: null };
    const callers: readonly (readonly [Identity, string])[] = [
      [{ ...otto, claims: { client_id: "cli" } }, "cli"],
      [{ ...otto, claims: { azp: 1 } }, "oidc:otto"],
      [{ ...base, mode: "apiKey", id: "web", keyId: "web" }, "apiKey:web"],
      [{ ...base, mode: "none", id: null }, "none:"],
    ];
    for (const [caller, clientId] of callers) expect(toMcpAuthInfo(caller).clientId).toBe(clientId);
    expect(toMcpAuthInfo({ ...base, mode: "none", id: null })).not.toHaveProperty("expiresAt");
  });
});
