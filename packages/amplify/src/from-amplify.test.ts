import aws4 from "aws4";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type AmplifyOptions, fromAmplify } from "./from-amplify.ts";
import { readConfiguration } from "./read-configuration.ts";
import {
  type AccessKey,
  apiKey,
  type ApiKeyIdentity,
  type Auth,
  AuthError,
  hashApiKey,
  type Identity,
  type IdentityBase,
  type RefusedIdentity,
} from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

const now = Date.UTC(2026, 0, 15, 12);
const key = "da2-abcdefghijklmnopqrstuvwxyz";
const poolId = "us-east-1_AbCdEfGhI";
const clientId = "3n4b5urk1ft4fl3mg5e62d9ado";

type Headers = Readonly<Record<string, string>>;

/** The identity of a request, or the status, error type and body of its answer and the reason in the log. */
async function ask(auth: Auth, headers: Headers): Promise<unknown> {
  auth.onEvent(() => {});
  try {
    return await auth.authenticate(fetchView(new Request("https://api.example.com/", { headers })));
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const { status, headers, body } = error.reply;
    const parsed = JSON.parse(body) as unknown;
    return { status, type: headers["x-amzn-ErrorType"], body: parsed, reason: error.reason };
  }
}

function rest(authorizationType: string, more: object = {}): object {
  const shop = {
    endpointType: "REST",
    endpoint: "https://x",
    region: "eu-west-1",
    authorizationType,
    ...more,
  };
  return { awsAPIPlugin: { shop } };
}

function graphql(type: string, more: object = {}): object {
  return {
    aws_project_region: "us-east-1",
    aws_appsync_graphqlEndpoint: "https://x",
    aws_appsync_region: "us-east-1",
    aws_appsync_authenticationType: type,
    aws_user_pools_id: poolId,
    aws_user_pools_web_client_id: clientId,
    ...more,
  };
}

const machine: AccessKey = {
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  accountId: "111122223333",
  userArn: "arn:aws:iam::111122223333:user/machine",
};
const credentials = (id: string) => (id === "AKIDEXAMPLE" ? machine : undefined);

function signed(service: string, region: string): Headers {
  const date = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const request = aws4.sign(
    { host: "api.example.com", path: "/", method: "GET", service, region, headers: { "X-Amz-Date": date } },
    { accessKeyId: "AKIDEXAMPLE", secretAccessKey: machine.secretAccessKey },
  );
  return Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
}

/** A provider whose key set is served without a network. */
class Provider {
  readonly keySet: { fetch: typeof fetch };
  readonly #privateKey: CryptoKey;

  private constructor(privateKey: CryptoKey, jwk: JWK) {
    this.#privateKey = privateKey;
    this.keySet = {
      fetch: () => Promise.resolve(Response.json({ keys: [{ ...jwk, kid: "1", alg: "RS256" }] })),
    };
  }

  static async create(): Promise<Provider> {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    return new Provider(privateKey, await exportJWK(publicKey));
  }

  async token(claims: object): Promise<Headers> {
    const times = { iat: now / 1000, exp: now / 1000 + 3600 };
    const token = new SignJWT({ sub: "alice", ...times, ...claims }).setProtectedHeader({
      alg: "RS256",
      kid: "1",
    });
    return { authorization: await token.sign(this.#privateKey) };
  }

  access(client = clientId): Promise<Headers> {
    return this.token({ iss: issuerOf(poolId), token_use: "access", client_id: client });
  }

  id(client = clientId): Promise<Headers> {
    return this.token({ iss: issuerOf(poolId), token_use: "id", aud: client });
  }
}

const issuerOf = (pool: string) => `https://cognito-idp.us-east-1.amazonaws.com/${pool}`;

const provider = await Provider.create();

describe("a REST API", () => {
  it("accepts the key of the file, under the API's name", async () => {
    const auth = await fromAmplify(rest("API_KEY", { apiKey: key }));
    expect(auth.modes).toEqual(["apiKey"]);
    expect(await ask(auth, { "x-api-key": key })).toMatchObject({
      mode: "apiKey",
      id: "shop",
      expiresAt: null,
    });
    expect(await ask(auth, { "x-api-key": "da2-other" })).toMatchObject({
      status: 403,
      type: "ForbiddenException",
      body: { message: "Forbidden" },
      reason: "api_key_unknown",
    });
  });

  it("accepts given keys instead of the file's", async () => {
    const stored = { id: "new", hash: await hashApiKey("another-key"), expiresAt: null };
    const auth = await fromAmplify(rest("API_KEY", { apiKey: key }), { apiKeys: [stored] });
    expect(await ask(auth, { "x-api-key": "another-key" })).toMatchObject({ id: "new" });
    expect(await ask(auth, { "x-api-key": key })).toMatchObject({ reason: "api_key_unknown" });
  });

  it("rejects a mode that it does not accept, as API Gateway does", async () => {
    const auth = await fromAmplify(rest("API_KEY", { apiKey: key }));
    expect(await ask(auth, { authorization: "token" })).toMatchObject({
      status: 403,
      type: "ForbiddenException",
      reason: "mode_not_served",
    });
    const pool = await fromAmplify(rest("COGNITO_USER_POOLS"), {
      userPool: { userPoolId: poolId, clientId },
    });
    expect(await ask(pool, { authorization: "token" })).toMatchObject({
      status: 401,
      type: "UnauthorizedException",
      body: { message: "Unauthorized" },
      reason: "mode_not_served",
    });
  });

  it("has no precedence unless one is given", async () => {
    const file = rest("API_KEY", { apiKey: key });
    const both = { "x-api-key": key, authorization: "token" };
    expect(await ask(await fromAmplify(file), both)).toMatchObject({
      status: 400,
      reason: "several_credentials",
    });
    const auth = await fromAmplify(file, { precedence: ["apiKey"] });
    expect(await ask(auth, both)).toMatchObject({ mode: "apiKey" });
  });

  it("accepts signatures for its region and execute-api", async () => {
    const auth = await fromAmplify(rest("AWS_IAM"), { iam: { credentials }, clock: () => now });
    expect(await ask(auth, signed("execute-api", "eu-west-1"))).toMatchObject({ id: machine.userArn });
    expect(await ask(auth, signed("appsync", "eu-west-1"))).toMatchObject({ reason: "service_not_accepted" });
    expect(await ask(auth, signed("execute-api", "us-east-1"))).toMatchObject({
      reason: "region_not_accepted",
    });
  });

  it("accepts access tokens of the pool and its client alone, unless told otherwise", async () => {
    const file = {
      ...rest("AMAZON_COGNITO_USER_POOLS"),
      CognitoUserPool: { Default: { PoolId: poolId, AppClientId: clientId, Region: "us-east-1" } },
    };
    const { keySet } = provider;
    const auth = await fromAmplify(file, { userPool: { keySet }, clock: () => now });
    expect(await ask(auth, await provider.access())).toMatchObject({ mode: "userPool", id: "alice" });
    expect(await ask(auth, await provider.access("other"))).toMatchObject({ reason: "client_refused" });
    expect(await ask(auth, await provider.id())).toMatchObject({ reason: "token_use_refused" });
    const ids = await fromAmplify(file, { userPool: { keySet, tokenUse: "id" }, clock: () => now });
    expect(await ask(ids, await provider.id())).toMatchObject({ tokenUse: "id" });
    expect(await ask(ids, await provider.access())).toMatchObject({ reason: "token_use_refused" });
  });

  it("asks for the kind of its authorizer, which the file does not tell", async () => {
    const authorizer = () => ({ principalId: "otto", policyDocument: allowAll });
    await expect(fromAmplify(rest("CUSTOM"), { lambda: { authorizer } })).rejects.toThrow(
      "give lambda: { event: 'token' } or { event: 'request' } too",
    );
    const auth = await fromAmplify(rest("CUSTOM"), { lambda: { authorizer, event: "token" } });
    expect(await ask(auth, { authorization: "abc" })).toMatchObject({ mode: "lambda", principalId: "otto" });
  });
});

const allowAll = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
};

describe("an AppSync API", () => {
  it("takes id and access tokens of the pool and its client", async () => {
    const options = { userPool: { keySet: provider.keySet }, clock: () => now };
    const auth = await fromAmplify(graphql("AMAZON_COGNITO_USER_POOLS"), options);
    expect(auth.modes).toEqual(["userPool"]);
    expect(await ask(auth, await provider.access())).toMatchObject({ tokenUse: "access" });
    expect(await ask(auth, await provider.id())).toMatchObject({ tokenUse: "id" });
    expect(await ask(auth, await provider.id("other"))).toMatchObject({ reason: "client_refused" });
  });

  it("rejects a mode that it does not accept, as AppSync does", async () => {
    const auth = await fromAmplify(graphql("AMAZON_COGNITO_USER_POOLS", { aws_appsync_apiKey: key }));
    const refused = { status: 401, type: "UnauthorizedException" };
    expect(await ask(auth, { "x-api-key": key })).toMatchObject({ ...refused, reason: "mode_not_served" });
    expect(await ask(auth, { authorization: "opaque" })).toMatchObject({
      ...refused,
      body: { errors: [{ errorType: "UnauthorizedException" }] },
      reason: "mode_not_served",
    });
  });

  it("lets an API key decide if a request carries other credentials too, and accepts modes that the file does not name", async () => {
    const auth = await fromAmplify(graphql("AMAZON_COGNITO_USER_POOLS", { aws_appsync_apiKey: key }), {
      additionalModes: ["apiKey"],
      userPool: { keySet: provider.keySet },
      clock: () => now,
    });
    expect(auth.modes).toEqual(["userPool", "apiKey"]);
    const token = await provider.access();
    expect(await ask(auth, token)).toMatchObject({ mode: "userPool" });
    expect(await ask(auth, { ...token, "x-api-key": key })).toMatchObject({ mode: "apiKey", id: "GraphQL" });
    expect(await ask(auth, { ...token, "x-api-key": "da2-wrong" })).toMatchObject({
      reason: "api_key_unknown",
    });
  });

  it("accepts signatures for its region and appsync, and for a region and service given as options", async () => {
    const file = graphql("AWS_IAM");
    const auth = await fromAmplify(file, { iam: { credentials }, clock: () => now });
    expect(await ask(auth, signed("appsync", "us-east-1"))).toMatchObject({ id: machine.userArn });
    expect(await ask(auth, signed("execute-api", "us-east-1"))).toMatchObject({
      reason: "service_not_accepted",
    });
    const iam = { credentials, region: "local", service: "execute-api" };
    const own = await fromAmplify(file, { iam, clock: () => now });
    expect(await ask(own, signed("execute-api", "local"))).toMatchObject({ mode: "iam" });
  });

  it("gives the authorizer the settings of the definition", async () => {
    let calls = 0;
    const authorizer = (event: { requestContext: { apiId: string } }) => {
      calls++;
      return { isAuthorized: true, resolverContext: { apiId: event.requestContext.apiId } };
    };
    const file = {
      authenticationType: "AWS_LAMBDA",
      arn: "arn:aws:appsync:eu-west-1:111122223333:apis/abc",
      lambdaAuthorizerConfig: { authorizerResultTtlInSeconds: 60, identityValidationExpression: "t-.*" },
    };
    let time = now;
    const auth = await fromAmplify(file, { lambda: { authorizer }, clock: () => time });
    expect(await ask(auth, { authorization: "t-1" })).toMatchObject({ resolverContext: { apiId: "abc" } });
    expect(await ask(auth, { authorization: "x-1" })).toMatchObject({ reason: "token_pattern_mismatch" });
    await ask(auth, { authorization: "t-1" });
    expect(calls).toBe(1);
    time += 60_000;
    await ask(auth, { authorization: "t-1" });
    expect(calls).toBe(2);
  });

  it("takes the ages of OIDC tokens from milliseconds, and its clients to the letter", async () => {
    const issuer = "https://id.example.com";
    const file = {
      authenticationType: "OPENID_CONNECT",
      openIDConnectConfig: { issuer, clientId: "one|two.id", iatTTL: 60_000, authTTL: 600_000 },
    };
    const oidc = { jwksUri: "https://id.example.com/keys", keySet: provider.keySet };
    const auth = await fromAmplify(file, { oidc, clock: () => now });
    const seconds = now / 1000;
    const aged = (iat: number, sinceSignIn: number, aud = "two.id") =>
      provider.token({ iss: issuer, aud, iat: seconds - iat, auth_time: seconds - sinceSignIn });
    expect(await ask(auth, await aged(59, 599))).toMatchObject({ mode: "oidc", id: "alice" });
    expect(await ask(auth, await aged(60, 599))).toMatchObject({ reason: "token_too_old" });
    expect(await ask(auth, await aged(59, 600))).toMatchObject({ reason: "sign_in_too_old" });
    expect(await ask(auth, await aged(59, 599, "one"))).toMatchObject({ mode: "oidc" });
    expect(await ask(auth, await aged(59, 599, "one|two.id"))).toMatchObject({ reason: "client_refused" });
    expect(await ask(auth, await aged(59, 599, "two-id"))).toMatchObject({ reason: "client_refused" });
    const idToken = await provider.token({
      iss: issuer,
      aud: "two.id",
      nonce: "n",
      iat: seconds,
      auth_time: seconds,
    });
    for (const more of [{}, { audience: "two.id" }]) {
      const both = await fromAmplify(file, { oidc: { ...oidc, ...more }, clock: () => now });
      expect(await ask(both, idToken)).toMatchObject({ mode: "oidc" });
    }
    const access = await fromAmplify(file, { oidc: { ...oidc, tokenUse: "access" }, clock: () => now });
    expect(await ask(access, idToken)).toMatchObject({ reason: "token_use_refused" });
    const longer = await fromAmplify(file, { oidc: { ...oidc, maxTokenAgeSeconds: 120 }, clock: () => now });
    expect(await ask(longer, await aged(60, 599))).toMatchObject({ mode: "oidc" });
  });

  it("matches an expression of AppSync against the whole client id", async () => {
    const userPoolConfig = { userPoolId: poolId, appIdClientRegex: "3n4b.*" };
    const file = { authenticationType: "AMAZON_COGNITO_USER_POOLS", userPoolConfig };
    const auth = await fromAmplify(file, { userPool: { keySet: provider.keySet }, clock: () => now });
    expect(await ask(auth, await provider.id())).toMatchObject({ mode: "userPool" });
    expect(await ask(auth, await provider.id(`x${clientId}`))).toMatchObject({ reason: "client_refused" });
    const broken = { ...file, userPoolConfig: { ...userPoolConfig, appIdClientRegex: "(" } };
    await expect(fromAmplify(broken)).rejects.toThrow(
      "userPoolConfig.appIdClientRegex is neither client ids nor",
    );
  });
});

describe("the choice of the API", () => {
  const file = {
    awsAPIPlugin: {
      shop: { endpointType: "REST", authorizationType: "API_KEY", apiKey: key },
      blog: { endpointType: "GraphQL", authorizationType: "NO SUCH MODE" },
      stock: { endpointType: "REST", authorizationType: "API_KEY", apiKey: "YOUR_API_KEY" },
    },
  };

  it("serves the API that is named, even if others have errors", async () => {
    expect((await fromAmplify(file, { api: "shop" })).modes).toEqual(["apiKey"]);
    await expect(fromAmplify(file, { api: "blog" })).rejects.toThrow(
      "awsAPIPlugin.blog.authorizationType has",
    );
  });

  it.each([
    [undefined, "the configuration has several APIs; name one: api: 'shop' or 'blog' or 'stock'"],
    ["Shop", "the configuration has no API 'Shop'; write 'shop'"],
    ["other", "the configuration has no API 'other'; write 'shop' or 'blog' or 'stock'"],
    ["toString", "the configuration has no API 'toString'; write 'shop' or"],
  ])("refuses %s and lists the names", async (api, message) => {
    await expect(fromAmplify(file, { ...(api !== undefined && { api }) })).rejects.toThrow(message);
  });

  it("rejects a file in which two APIs have one name", async () => {
    const twice = { ...graphql("NONE"), aws_cloud_logic_custom: [{ name: "GraphQL", region: "eu-west-1" }] };
    await expect(fromAmplify(twice, { api: "GraphQL" })).rejects.toThrow(
      "has two APIs named 'GraphQL'; rename one",
    );
  });

  it("reads text and bytes as well", async () => {
    const text = JSON.stringify(file);
    expect((await fromAmplify(text, { api: "shop" })).modes).toEqual(["apiKey"]);
    expect((await fromAmplify(new TextEncoder().encode(text), { api: "shop" })).modes).toEqual(["apiKey"]);
  });

  it.each([undefined, null, 5, [], {}, "{}"])("refuses %j, which has no configuration", async (value) => {
    await expect(fromAmplify(value)).rejects.toThrow(TypeError);
  });
});

describe("what the file cannot hold", () => {
  const withoutKey = graphql("API_KEY");

  it.each<[string, object, AmplifyOptions, string]>([
    ["keys", withoutKey, {}, "'GraphQL' takes API keys and the file holds none; give apiKeys"],
    ["a finder", graphql("AWS_IAM"), {}, "'GraphQL' takes signed requests; give iam: { credentials }"],
    [
      "a region",
      { authorizationModes: { defaultAuthorizationMode: "iam" } },
      { iam: { credentials } },
      "'data' takes signed requests and the file names no region; give iam: { region } too",
    ],
    [
      "an issuer",
      graphql("OPENID_CONNECT"),
      {},
      "give oidc: { issuer, audience } or oidc: { issuer, clientId }",
    ],
    [
      "the receiver of tokens",
      { authorizationModes: { oidcConfig: { oidcIssuerUrl: "https://id.example.com" } } },
      {},
      "the file names no client of the OIDC issuer; give oidc: { clientId } or oidc: { audience }",
    ],
    ["a pool", graphql("userPool", { aws_user_pools_id: "" }), {}, "give userPool: { userPoolId, clientId }"],
    [
      "a client",
      { authorizationModes: { userPoolConfig: { userPool: { userPoolId: poolId } } } },
      {},
      "the file names no client of the user pool; give userPool: { clientId }, or in words clientId: null",
    ],
    [
      "an authorizer",
      graphql("AWS_LAMBDA"),
      {},
      "'GraphQL' takes tokens for a Lambda authorizer; give lambda",
    ],
    ["the word for none", graphql("NONE"), {}, "give none: true to let callers without credentials in"],
  ])("is asked for by name: %s", async (_, file, options, message) => {
    await expect(fromAmplify(file, options)).rejects.toThrow(message);
    await expect(fromAmplify(file, options)).rejects.toThrow(TypeError);
  });

  it("may disable a check explicitly", async () => {
    const userPoolFile = { authorizationModes: { userPoolConfig: { userPool: { userPoolId: poolId } } } };
    const userPool = { clientId: null, keySet: provider.keySet };
    const pool = await fromAmplify(userPoolFile, { userPool, clock: () => now });
    expect(await ask(pool, await provider.access("any"))).toMatchObject({ mode: "userPool" });
    const issuerFile = { authorizationModes: { oidcConfig: { oidcIssuerUrl: "https://id.example.com" } } };
    expect((await fromAmplify(issuerFile, { oidc: { audience: null } })).modes).toEqual(["oidc"]);
  });

  it("may be a function that finds tenants at run time", async () => {
    const auth = await fromAmplify(graphql("OPENID_CONNECT"), { oidc: { issuers: () => undefined } });
    expect(auth.modes).toEqual(["oidc"]);
  });

  it("keeps the options of several pools or issuers apart", async () => {
    const provider = (userPoolId: string) => ({
      authenticationType: "AMAZON_COGNITO_USER_POOLS",
      userPoolConfig: { userPoolId, appIdClientRegex: clientId },
    });
    const file = { ...provider(poolId), additionalAuthenticationProviders: [provider("us-east-1_Other")] };
    expect((await fromAmplify(file)).modes).toEqual(["userPool"]);
    await expect(fromAmplify(file, { userPool: { clientId: null } })).rejects.toThrow(
      "the file has several entries for userPool; give userPool a list with the options of each",
    );
    expect((await fromAmplify(file, { userPool: [{ userPoolId: poolId, clientId }] })).modes).toEqual([
      "userPool",
    ]);
  });

  it("omits a mode if its argument is null", async () => {
    const data = {
      url: "https://x",
      aws_region: "us-east-1",
      api_key: key,
      default_authorization_type: "API_KEY",
      authorization_types: ["AWS_IAM"],
    };
    const auth = await fromAmplify({ version: "1", data }, { iam: null });
    expect(auth.modes).toEqual(["apiKey"]);
    expect(await ask(auth, signed("appsync", "us-east-1"))).toMatchObject({ reason: "mode_not_served" });
    await expect(fromAmplify({ version: "1", data }, { iam: null, apiKeys: null })).rejects.toThrow(
      "every mode of 'data' is null; keep at least one",
    );
  });
});

describe("misuse", () => {
  const file = rest("API_KEY", { apiKey: key });

  it.each<[object, string]>([
    [{ apiKey: [] }, "fromAmplify() has no option 'apiKey'. Write 'apiKeys'."],
    [{ userPools: {} }, "Write 'userPool'."],
    [{ errorformat: "problem" }, "Write 'errorFormat'."],
    [
      { lambda: { authorizer: () => ({}) } },
      "'lambda' is given, but 'shop' takes apiKey by its configuration; leave",
    ],
    [{ none: true }, "or write additionalModes: ['none']"],
    [{ additionalModes: ["AWS_IAM"] }, "additionalModes has the unknown mode 'AWS_IAM'; write 'iam'"],
    [
      { additionalModes: ["kerberos"] },
      "write 'apiKey' or 'iam' or 'userPool' or 'oidc' or 'lambda' or 'none'",
    ],
    [{ additionalModes: ["iam"], iam: { credentials, regions: "x" } }, "iam() has no option 'regions'"],
    [{ errorFormat: "html" }, "errorFormat is problem, apigateway, appsync"],
  ])("%j is refused with the mend", async (options, message) => {
    await expect(fromAmplify(file, options)).rejects.toThrow(message);
  });
});

describe("the options of createAuth", () => {
  it("are passed on, and override what the file says", async () => {
    const requires = apiKey({ keys: [{ id: "plan", hash: await hashApiKey("plan-key"), expiresAt: null }] });
    const auth = await fromAmplify(rest("IAM"), {
      iam: { credentials },
      requires,
      errorFormat: "problem",
      publicUrl: "https://api.example.com/v1",
      clock: () => now,
    });
    expectTypeOf(auth).toEqualTypeOf<Auth<Keyed<Identity>>>();
    expect(auth.publicUrl?.prefix).toBe("/v1");
    const headers = signed("execute-api", "eu-west-1");
    expect(await ask(auth, { ...headers, "x-api-key": "plan-key" })).toMatchObject({ key: { id: "plan" } });
    expect(await ask(auth, headers)).toMatchObject({
      body: { type: "about:blank" },
      reason: "required_key_missing",
    });
  });

  it("determine the type of the identity", async () => {
    const file = rest("API_KEY", { apiKey: key });
    expectTypeOf(await fromAmplify(file)).toEqualTypeOf<Auth<Identity>>();
    const reporting = await fromAmplify(file, { reportOnly: true });
    expectTypeOf(reporting).toEqualTypeOf<Auth<Identity | RefusedIdentity>>();
    expect(await ask(reporting, {})).toMatchObject({ mode: "refused" });
  });
});

type Keyed<I> = I extends IdentityBase ? I & { readonly key: ApiKeyIdentity } : never;

describe("code in a file", () => {
  const resource = (expiry: string) => `import { defineData } from "@aws-amplify/backend";
    const day = 60 * 60 * 24;
    export const data = defineData({ schema, authorizationModes: {
      defaultAuthorizationMode: "oidc",
      oidcAuthorizationMode: {
        oidcProviderName: "clerk", clientId: "appsync", oidcIssuerUrl: "https://id.example.com",
        tokenExpiryFromAuthInSeconds: ${expiry},
      },
    } });`;
  const ageOf = async (text: string, options: AmplifyOptions = {}) =>
    (await fromAmplify(text, options)).describe()[0]?.issuers[0]?.settings["maxAuthAgeSeconds"];

  it("limits ages by constants", async () => {
    expect(await ageOf(resource("day"))).toBe("86400");
    expect(await ageOf(resource("60 * 60"))).toBe("3600");
  });

  it("asks for an age that is computed at run time, and never drops it", async () => {
    await expect(ageOf(resource("limits.auth"))).rejects.toThrow(
      "the file limits the age of tokens by code on line 7, column 39; give oidc: { maxAuthAgeSeconds }",
    );
    expect(await ageOf(resource("limits.auth"), { oidc: { maxAuthAgeSeconds: 60 } })).toBe("60");
  });

  it("asks for a text that is computed at run time, if the server needs it", async () => {
    const text = `export default { aws_appsync_authenticationType: "AMAZON_COGNITO_USER_POOLS",
      aws_appsync_graphqlEndpoint: process.env.URL, aws_user_pools_id: process.env["POOL"],
      aws_user_pools_web_client_id: "a" }`;
    await expect(fromAmplify(text)).rejects.toThrow(
      "aws_user_pools_id is code on line 2, column 72, and nothing is executed",
    );
    expect((await fromAmplify(text, { userPool: { userPoolId: poolId } })).modes).toEqual(["userPool"]);
  });
});

describe("guests of the identity pool", () => {
  const pool = { identityId: "us-east-1:1", identityPoolId: "us-east-1:0" };
  const guest = () => ({ ...machine, cognito: { ...pool, authType: "unauthenticated" as const } });
  const signedIn = () => ({ ...machine, cognito: { ...pool, authType: "authenticated" as const } });
  const outputs = (auth: string) => `export default {
    "version": "1.4", "auth": { "user_pool_id": "${poolId}", "user_pool_client_id": "${clientId}"${auth} },
    "data": { "url": "https://x", "aws_region": "us-east-1", "default_authorization_type": "AWS_IAM" }
  }`;
  const answerOf = async (file: string, iam: AmplifyOptions["iam"]) => {
    const auth = await fromAmplify(file, { ...(iam && { iam }), clock: () => now });
    return ask(auth, signed("appsync", "us-east-1"));
  };

  it.each([
    ["amplify_outputs.json", outputs(', "unauthenticated_identities_enabled": false')],
    [
      "Amplify.configure()",
      `Amplify.configure({ Auth: { Cognito: { userPoolId: "a", userPoolClientId: "b", allowGuestAccess: false } },
        API: { GraphQL: { endpoint: "https://x", region: "us-east-1", defaultAuthMode: "iam" } } });`,
    ],
    ["aws-exports.js", JSON.stringify(graphql("AWS_IAM", { aws_mandatory_sign_in: "enable" }))],
  ])("are rejected if %s has none", async (_, file) => {
    expect(await answerOf(file, { credentials: guest })).toMatchObject({ reason: "guest_not_accepted" });
    expect(await answerOf(file, { credentials: signedIn })).toMatchObject({ mode: "iam" });
    expect(await answerOf(file, { credentials })).toMatchObject({ mode: "iam" });
    expect(await answerOf(file, { credentials: guest, guests: true })).toMatchObject({ mode: "iam" });
  });

  it("are accepted if the file has them, or does not say, unless an option rejects them", async () => {
    for (const file of [outputs(', "unauthenticated_identities_enabled": true'), outputs("")]) {
      expect(await answerOf(file, { credentials: guest })).toMatchObject({
        cognitoIdentityAuthType: "unauthenticated",
      });
      expect(await answerOf(file, { credentials: guest, guests: false })).toMatchObject({
        reason: "guest_not_accepted",
      });
    }
  });

  it("are asked about if the file says it by code", async () => {
    const file = outputs(', "unauthenticated_identities_enabled": process.env.GUESTS === "1"');
    await expect(answerOf(file, { credentials: guest })).rejects.toThrow(
      /by code on line 2, column \d+ whether the identity pool admits guests; give iam: \{ guests \}/,
    );
    expect(await answerOf(file, { credentials: guest, guests: false })).toMatchObject({
      reason: "guest_not_accepted",
    });
  });
});

describe("modes that the file does not name", () => {
  const file = { version: "1.4", auth: { user_pool_id: poolId, user_pool_client_id: clientId } };

  it("are asked for if there is a pool without an API, and served", async () => {
    await expect(fromAmplify(file)).rejects.toThrow(
      "the configuration has no API, only a user pool; put the block with the API beside it, or name the modes: " +
        "additionalModes: ['userPool']",
    );
    const options = { additionalModes: ["userPool"], userPool: { keySet: provider.keySet } } as const;
    const auth = await fromAmplify(file, { ...options, clock: () => now });
    expect(await ask(auth, await provider.access())).toMatchObject({ mode: "userPool" });
    expect(await ask(auth, await provider.access("another"))).toMatchObject({ reason: "client_refused" });
  });

  it("are asked for if the clients set headers themselves", async () => {
    const custom_header = () => ({ Authorization: "…" });
    const v5 = { API: { endpoints: [{ name: "orders", endpoint: "https://x", custom_header }] } };
    await expect(fromAmplify(v5, { iam: { credentials } })).rejects.toThrow(
      "(API.endpoints[0].custom_header)",
    );
  });
});

describe("two APIs in the code of a backend", () => {
  const api = (name: string, type: string) =>
    `new GraphqlApi(this, "A", { name: "${name}", authorizationConfig: {
      defaultAuthorization: { authorizationType: AuthorizationType.${type} } } });`;
  const file = `${api("shop", "API_KEY")}\n${api("blog", "IAM")}`;

  it("are chosen by name", async () => {
    const apiKeys = { apiKeys: [] };
    await expect(fromAmplify(file, apiKeys)).rejects.toThrow("several APIs; name one: api: 'shop' or 'blog'");
    expect((await fromAmplify(file, { ...apiKeys, api: "shop" })).modes).toEqual(["apiKey"]);
    const iam = { credentials, region: "us-east-1" };
    expect((await fromAmplify(file, { iam, api: "blog" })).modes).toEqual(["iam"]);
    expect(readConfiguration(file, "blog")).toHaveProperty("name", "blog");
  });
});

it("names the API if it is code as a whole", async () => {
  const text = "Amplify.configure({ API: settings.api, Auth: {} });";
  await expect(fromAmplify(text)).rejects.toThrow(
    "API is code on line 1, column 26, and nothing is executed",
  );
});

it("does not need settings of a pool that are code, as long as no mode needs them", async () => {
  const text = `import { cognito } from "./cognito";
    Amplify.configure({ Auth: { Cognito: cognito }, API: { GraphQL: { defaultAuthMode: "apiKey", apiKey: "${key}" } } });`;
  expect((await fromAmplify(text)).modes).toEqual(["apiKey"]);
});
