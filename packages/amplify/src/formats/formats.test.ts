import { describe, expect, it } from "vitest";
import type { ApiDefinition } from "./definition.ts";
import { listedApis } from "./formats.ts";
import { Section } from "./section.ts";

function list(file: object): readonly string[] {
  return listedApis(new Section("", file)).map(({ name }) => name);
}

/** The definition, with the texts in place of the values. */
function read(file: object, name?: string): object {
  const apis = listedApis(new Section("", file));
  const api = name === undefined ? apis[0] : apis.find((one) => one.name === name);
  if (api === undefined) throw new Error("no such API");
  return JSON.parse(JSON.stringify(api.read(), textOfValue)) as ApiDefinition;
}

function textOfValue(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "path" in value && "text" in value
    ? value.text
    : value;
}

const nothing = { userPools: [{}], issuers: [], authorizer: {} };
const pool = { userPoolId: "us-east-1_AbCdEfGhI", clientId: "3n4b5urk1ft4fl3mg5e62d9ado" };

describe("amplifyconfiguration.json of iOS, Android and Flutter", () => {
  const cognito = {
    CognitoUserPool: {
      Default: {
        PoolId: pool.userPoolId,
        AppClientId: pool.clientId,
        AppClientSecret: "s",
        Region: "us-east-1",
      },
    },
    CredentialsProvider: { CognitoIdentity: { Default: { PoolId: "us-east-1:1", Region: "us-east-1" } } },
  };
  const shop = {
    endpointType: "REST",
    endpoint: "https://abcdef1234.execute-api.eu-west-1.amazonaws.com/dev",
    region: "us-west-2",
    authorizationType: "AMAZON_COGNITO_USER_POOLS",
  };
  const blog = { ...shop, endpointType: "GraphQL", authorizationType: "API_KEY", apiKey: "da2-key" };
  const full = {
    UserAgent: "aws-amplify-cli/2.0",
    Version: "1.0",
    api: { plugins: { awsAPIPlugin: { shop, blog } } },
    auth: { plugins: { awsCognitoAuthPlugin: { UserAgent: "x", ...cognito } } },
  };

  it("is read as a full file", () => {
    expect(list(full)).toEqual(["shop", "blog"]);
    expect(read(full, "shop")).toEqual({
      ...nothing,
      name: "shop",
      kind: "REST",
      modes: ["userPool"],
      region: "us-west-2",
      service: "execute-api",
      userPools: [pool],
    });
    expect(read(full, "blog")).toEqual({
      ...nothing,
      name: "blog",
      kind: "AppSync",
      modes: ["apiKey"],
      region: "us-west-2",
      service: "appsync",
      apiKey: "da2-key",
      userPools: [pool],
    });
  });

  it.each([
    ["the Cognito block bare", { awsAPIPlugin: { shop }, ...cognito }],
    ["the Cognito block by its name", { awsAPIPlugin: { shop }, awsCognitoAuthPlugin: cognito }],
    ["the Cognito block in its place", { awsAPIPlugin: { shop }, auth: full.auth }],
  ])("is read as bare blocks, %s", (_, file) => {
    expect(read(file)).toEqual(read(full, "shop"));
  });

  it("takes the key by both of its names, and the region from a host of AWS", () => {
    const { region: _, apiKey: __, ...rest } = blog;
    expect(read({ awsAPIPlugin: { a: { ...rest, API_KEY: "da2-key" } } })).toMatchObject({
      apiKey: "da2-key",
      region: "eu-west-1",
    });
    const own = read({ awsAPIPlugin: { a: { ...rest, endpoint: "https://api.example.com" } } });
    expect(own).not.toHaveProperty("region");
  });

  it.each([
    [
      { ...shop, endpointType: "Rest" },
      "awsAPIPlugin.a.endpointType has the unknown type 'Rest'; write 'REST'",
    ],
    [{ ...shop, endpointType: "SOAP" }, "has the unknown type 'SOAP'; write 'REST' or 'GraphQL'"],
    [
      { ...shop, endpointType: undefined },
      "awsAPIPlugin.a.endpointType is missing; it is 'REST' or 'GraphQL'",
    ],
    [{ ...shop, authorizationType: undefined }, "awsAPIPlugin.a.authorizationType is missing; it is a mode"],
    [
      { ...shop, authorizationType: "IAM_AWS" },
      "awsAPIPlugin.a.authorizationType has the unknown mode 'IAM_AWS'",
    ],
    [{ ...shop, api_key: "k" }, "awsAPIPlugin.a.api_key is not a key; write 'apiKey'"],
    [{ ...shop, authType: "x", authorizationTypes: "x" }, "write 'authorizationType'"],
    ["https://", "awsAPIPlugin.a is not an object"],
  ])("refuses a broken entry: %j", (entry, message) => {
    expect(() => read({ awsAPIPlugin: { a: entry } })).toThrow(message);
  });

  it("rejects a misspelt key of the user pool", () => {
    const file = { awsAPIPlugin: { shop }, CognitoUserPool: { Default: { PoolID: "x" } } };
    expect(() => read(file)).toThrow("CognitoUserPool.Default.PoolID is not a key; write 'PoolId'");
  });
});

describe("aws-exports.js", () => {
  const exported = {
    aws_project_region: "us-east-1",
    aws_cognito_identity_pool_id: "us-east-1:1",
    aws_cognito_region: "us-east-1",
    aws_user_pools_id: pool.userPoolId,
    aws_user_pools_web_client_id: pool.clientId,
    oauth: {},
    aws_cognito_username_attributes: ["EMAIL"],
    aws_cognito_social_providers: [],
    aws_cognito_signup_attributes: ["EMAIL"],
    aws_cognito_mfa_configuration: "OFF",
    aws_cognito_mfa_types: ["SMS"],
    aws_cognito_password_protection_settings: { passwordPolicyMinLength: 8, passwordPolicyCharacters: [] },
    aws_cognito_verification_mechanisms: ["EMAIL"],
    aws_user_files_s3_bucket: "bucket",
    aws_user_files_s3_bucket_region: "us-east-1",
    aws_appsync_graphqlEndpoint: "https://abc.appsync-api.us-west-2.amazonaws.com/graphql",
    aws_appsync_region: "us-west-2",
    aws_appsync_authenticationType: "AMAZON_COGNITO_USER_POOLS",
    aws_appsync_apiKey: "da2-key",
    aws_cloud_logic_custom: [
      { name: "shop", endpoint: "https://abc.execute-api.eu-west-1.amazonaws.com/dev", region: "eu-west-1" },
      { name: "raw", endpoint: "https://x.example.com", region: "eu-west-1", service: "lambda" },
    ],
  };

  it("is read: the GraphQL API with its default mode, REST APIs as signed", () => {
    expect(list(exported)).toEqual(["GraphQL", "shop", "raw"]);
    expect(read(exported, "GraphQL")).toEqual({
      ...nothing,
      name: "GraphQL",
      kind: "AppSync",
      modes: ["userPool"],
      region: "us-west-2",
      service: "appsync",
      apiKey: "da2-key",
      userPools: [pool],
    });
    expect(read(exported, "shop")).toEqual({
      ...nothing,
      signsByDefault: true,
      name: "shop",
      kind: "REST",
      modes: ["iam"],
      region: "eu-west-1",
      service: "execute-api",
      userPools: [pool],
    });
    expect(read(exported, "raw")).toMatchObject({ service: "lambda" });
  });

  it.each(["API_KEY", "AWS_IAM", "OPENID_CONNECT", "AWS_LAMBDA", "LAMBDA", "NONE"])(
    "takes the mode %s",
    (type) => {
      expect(list({ ...exported, aws_appsync_authenticationType: type })).toContain("GraphQL");
      expect(read({ ...exported, aws_appsync_authenticationType: type })).toHaveProperty("modes.length", 1);
    },
  );

  it("does not take an unknown or absent mode for IAM, as Amplify JS does", () => {
    const type = (text?: string) => () => read({ ...exported, aws_appsync_authenticationType: text });
    expect(type("COGNITO")).toThrow("aws_appsync_authenticationType has the unknown mode 'COGNITO'");
    expect(type()).toThrow("aws_appsync_authenticationType is missing; it is a mode such as");
  });

  it("rejects misspelt keys", () => {
    expect(() => list({ ...exported, aws_user_pool_id: "x" })).toThrow(
      "aws_user_pool_id is not a key; write 'aws_user_pools_id'",
    );
    expect(() => list({ aws_appsync_authentication_type: "API_KEY" })).toThrow(
      "write 'aws_appsync_authenticationType'",
    );
  });
});

describe("what Amplify.configure() takes", () => {
  it("is read in the form of v6", () => {
    const file = {
      Auth: {
        Cognito: {
          userPoolId: pool.userPoolId,
          userPoolClientId: pool.clientId,
          identityPoolId: "us-east-1:1",
          allowGuestAccess: true,
          loginWith: { email: true },
        },
      },
      API: {
        GraphQL: {
          endpoint: "https://x",
          region: "us-east-1",
          apiKey: "da2-key",
          defaultAuthMode: "identityPool",
        },
        Events: {
          endpoint: "https://y",
          region: "us-east-2",
          apiKey: "da2-other",
          defaultAuthMode: "apiKey",
        },
        REST: { shop: { endpoint: "https://z.example.com", region: "us-west-1", service: "execute-api" } },
      },
      Storage: {},
    };
    expect(list(file)).toEqual(["GraphQL", "Events", "shop"]);
    expect(read(file, "GraphQL")).toMatchObject({
      kind: "AppSync",
      modes: ["iam"],
      region: "us-east-1",
      service: "appsync",
      apiKey: "da2-key",
      userPools: [pool],
    });
    expect(read(file, "Events")).toMatchObject({ kind: "AppSync", modes: ["apiKey"], region: "us-east-2" });
    expect(read(file, "shop")).toMatchObject({ kind: "REST", modes: ["iam"], region: "us-west-1" });
  });

  it("is read in the form of v5, also with the flat keys within API", () => {
    const file = {
      Auth: { region: "us-east-1", userPoolId: pool.userPoolId, userPoolWebClientId: pool.clientId },
      API: {
        aws_appsync_graphqlEndpoint: "https://abc.appsync-api.us-west-2.amazonaws.com/graphql",
        aws_appsync_authenticationType: "OPENID_CONNECT",
        endpoints: [{ name: "shop", endpoint: "https://x", region: "eu-west-1", custom_header: () => ({}) }],
      },
    };
    expect(list(file)).toEqual(["GraphQL", "shop"]);
    expect(read(file)).toMatchObject({ modes: ["oidc"], region: "us-west-2", userPools: [pool] });
    expect(read(file, "shop")).toMatchObject({ kind: "REST", modes: [], region: "eu-west-1" });
    expect(read(file, "shop")).toMatchObject({
      question: expect.stringContaining("the clients of 'shop' set headers themselves") as unknown,
    });
  });

  it("knows that Amplify JS signs for execute-api if the endpoint is not AppSync's", () => {
    const v6 = { customEndpoint: "https://x", customEndpointRegion: "eu-west-1", defaultAuthMode: "iam" };
    expect(read({ API: { GraphQL: v6 } })).toMatchObject({ service: "execute-api", region: "eu-west-1" });
    const v5 = { graphql_endpoint: "https://x", graphql_endpoint_iam_region: "eu-west-1" };
    expect(read({ API: v5, aws_appsync_authenticationType: "AWS_IAM" })).toMatchObject({
      service: "execute-api",
      region: "eu-west-1",
      modes: ["iam"],
    });
  });

  it.each([
    [
      { API: { GraphQL: { defaultAuthmode: "apiKey" } } },
      "API.GraphQL.defaultAuthmode is not a key; write 'defaultAuthMode'",
    ],
    [{ API: { GraphQL: {} } }, "API.GraphQL.defaultAuthMode is missing"],
    [{ API: { REST: { a: { services: "x" } } } }, "API.REST.a.services is not a key; write 'service'"],
    [{ API: { endpoints: [{}] } }, "API.endpoints[0].name is missing"],
    [{ API: { REST: {} }, Auth: { Cognito: { userPoolID: "x" } } }, "write 'userPoolId'"],
  ])("refuses %j", (file, message) => {
    expect(() => read(file)).toThrow(message);
  });
});

describe("amplify_outputs.json", () => {
  const outputs = {
    version: "1.4",
    auth: {
      aws_region: "us-east-1",
      user_pool_id: pool.userPoolId,
      user_pool_client_id: pool.clientId,
      identity_pool_id: "us-east-1:1",
      mfa_methods: [],
      standard_required_attributes: ["email"],
      username_attributes: ["email"],
      user_verification_types: ["email"],
      groups: [{ ADMINS: { precedence: 0 } }],
      mfa_configuration: "NONE",
      password_policy: { min_length: 8 },
      unauthenticated_identities_enabled: true,
    },
    data: {
      url: "https://abc.appsync-api.us-east-1.amazonaws.com/graphql",
      aws_region: "us-east-1",
      api_key: "da2-key",
      default_authorization_type: "AMAZON_COGNITO_USER_POOLS",
      authorization_types: ["API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS"],
      model_introspection: { version: 1 },
    },
    custom: {
      API: {
        shop: {
          endpoint: "https://abc.execute-api.us-east-2.amazonaws.com/",
          region: "us-east-2",
          apiName: "shop",
        },
      },
      events: {
        url: "https://x",
        aws_region: "us-east-1",
        default_authorization_type: "API_KEY",
        api_key: "da2-e",
      },
      anything: 5,
    },
  };

  it("is read, with all modes of its GraphQL API", () => {
    expect(list(outputs)).toEqual(["data", "events", "shop"]);
    expect(read(outputs)).toEqual({
      ...nothing,
      name: "data",
      kind: "AppSync",
      modes: ["userPool", "apiKey", "iam"],
      region: "us-east-1",
      service: "appsync",
      apiKey: "da2-key",
      userPools: [pool],
      guests: true,
    });
    expect(read(outputs, "events")).toMatchObject({ kind: "AppSync", modes: ["apiKey"], apiKey: "da2-e" });
    expect(read(outputs, "shop")).toMatchObject({ kind: "REST", modes: ["iam"], region: "us-east-2" });
  });

  it("leaves alone what the user keeps under custom", () => {
    expect(list({ version: "1", custom: { API: "https://x", other: {} } })).toEqual([]);
  });

  it.each([
    [{ ...outputs, version: "2" }, "reads version 1 of amplify_outputs.json, not '2'"],
    [
      { data: { ...outputs.data, authorization_types: ["API_KEYS"] } },
      "data.authorization_types[0] has the unknown mode",
    ],
    [{ data: { ...outputs.data, authorization_types: "API_KEY" } }, "data.authorization_types is not a list"],
    [{ data: { ...outputs.data, apiKey: "x" } }, "data.apiKey is not a key; write 'api_key'"],
    [{ data: { url: "x" } }, "data.default_authorization_type is missing"],
    [{ data: outputs.data, auth: { userPoolId: "x" } }, "auth.userPoolId is not a key; write 'user_pool_id'"],
  ])("refuses what is wrong (%#)", (file, message) => {
    expect(() => read(file)).toThrow(message);
  });
});

describe("authorizationModes of a backend", () => {
  const days = (count: number) => ({ toMilliseconds: () => count * 86_400_000 });

  it("is read as the CDK has it", () => {
    const authorizationModes = {
      defaultAuthorizationMode: "AMAZON_COGNITO_USER_POOLS",
      apiKeyConfig: { expires: days(30) },
      iamConfig: { enableIamAuthorizationMode: true },
      identityPoolConfig: { identityPoolId: "us-east-1:1" },
      userPoolConfig: { userPool: { userPoolId: pool.userPoolId } },
      oidcConfig: {
        oidcProviderName: "id",
        oidcIssuerUrl: "https://id.example.com",
        clientId: "one|two",
        tokenExpiryFromAuth: days(1),
        tokenExpiryFromIssue: 3_600_000,
      },
      lambdaConfig: { function: {}, ttl: { toMilliseconds: () => 10_000 } },
    };
    const definition = {
      name: "data",
      kind: "AppSync",
      modes: ["userPool", "apiKey", "iam", "oidc", "lambda"],
      service: "appsync",
      userPools: [{ userPoolId: pool.userPoolId }],
      issuers: [
        {
          issuer: "https://id.example.com",
          clientId: "one|two",
          maxAuthAgeSeconds: 86_400,
          maxTokenAgeSeconds: 3600,
        },
      ],
      authorizer: { ttlSeconds: 10 },
    };
    expect(read({ authorizationModes })).toEqual(definition);
    expect(read(authorizationModes)).toEqual(definition);
    expect(read({ apiName: "Shop", authorizationModes })).toMatchObject({ name: "Shop" });
  });

  it("is read as Gen 2 has it, in seconds", () => {
    const authorizationModes = {
      defaultAuthorizationMode: "apiKey",
      apiKeyAuthorizationMode: { expiresInDays: 30 },
      lambdaAuthorizationMode: { function: {}, timeToLiveInSeconds: 300 },
      oidcAuthorizationMode: {
        oidcProviderName: "id",
        oidcIssuerUrl: "https://id.example.com",
        tokenExpiryFromAuthInSeconds: 3600,
        tokenExpireFromIssueInSeconds: 600,
      },
    };
    expect(read({ schema: {}, authorizationModes })).toEqual({
      ...nothing,
      name: "data",
      kind: "AppSync",
      modes: ["apiKey", "oidc", "lambda"],
      service: "appsync",
      issuers: [{ issuer: "https://id.example.com", maxAuthAgeSeconds: 3600, maxTokenAgeSeconds: 600 }],
      authorizer: { ttlSeconds: 300 },
    });
  });

  it.each(["iam", "identityPool", "userPool", "oidc", "apiKey", "lambda"])(
    "takes %s as the default",
    (mode) => {
      expect(read({ defaultAuthorizationMode: mode })).toHaveProperty("modes.length", 1);
    },
  );

  it("has iam if iamConfig enables it, or if there is an identity pool", () => {
    const modes = (more: object) => read({ defaultAuthorizationMode: "API_KEY", ...more });
    expect(modes({ iamConfig: { enableIamAuthorizationMode: true } })).toMatchObject({
      modes: ["apiKey", "iam"],
    });
    expect(modes({ identityPoolConfig: {} })).toMatchObject({ modes: ["apiKey", "iam"] });
    expect(modes({ iamConfig: { enableIamAuthorizationMode: false } })).toMatchObject({ modes: ["apiKey"] });
    expect(modes({ iamConfig: {} })).toMatchObject({ modes: ["apiKey"] });
  });

  it.each([
    [{ authorizationModes: {} }, "authorizationModes has no mode"],
    [{ iamConfig: { enableIamAuthorizationMode: false } }, "authorizationModes has no mode"],
    [{ apiKeyConfg: {}, oidcConfig: {} }, "apiKeyConfg is not a key; write 'apiKeyConfig'"],
    [{ iamConfig: { enableIamAuthorisationMode: true } }, "write 'enableIamAuthorizationMode'"],
    [{ oidcConfig: { oidcIssuerURL: "x" } }, "oidcConfig.oidcIssuerURL is not a key; write 'oidcIssuerUrl'"],
    [
      { oidcConfig: { tokenExpiryFromAuth: "1 day" } },
      "oidcConfig.tokenExpiryFromAuth is a number or a Duration",
    ],
    [{ lambdaConfig: { ttl: -1 } }, "lambdaConfig.ttl is a number or a Duration"],
    [
      { oidcAuthorizationMode: { tokenExpiryFromIssueInSeconds: 5 } },
      "oidcAuthorizationMode.tokenExpiryFromIssueInSeconds is not a key; write 'tokenExpireFromIssueInSeconds'",
    ],
  ])("refuses %j", (file, message) => {
    expect(() => read(file)).toThrow(message);
  });

  it("takes an age of 0 as no limit, as AppSync does", () => {
    const oidcConfig = {
      oidcIssuerUrl: "https://id.example.com",
      tokenExpiryFromIssue: 0,
      tokenExpiryFromAuth: 60_000,
    };
    expect(read({ oidcConfig })).toHaveProperty("issuers", [
      { issuer: "https://id.example.com", maxAuthAgeSeconds: 60 },
    ]);
    const oidcAuthorizationMode = { tokenExpireFromIssueInSeconds: 0, tokenExpiryFromAuthInSeconds: days(0) };
    expect(read({ oidcAuthorizationMode })).toHaveProperty("issuers", [{}]);
    const openIDConnectConfig = { issuer: "https://id.example.com", iatTTL: 0, authTTL: 0 };
    expect(read({ authenticationType: "OPENID_CONNECT", openIDConnectConfig })).toHaveProperty("issuers", [
      { issuer: "https://id.example.com" },
    ]);
  });

  it("takes 0 as the time that answers of an authorizer are remembered", () => {
    expect(read({ lambdaConfig: { ttl: 0 } })).toMatchObject({ authorizer: { ttlSeconds: 0 } });
  });
});

describe("authorizationConfig of the CDK's GraphqlApi", () => {
  const provider = {
    oidcProvider: "https://id.example.com",
    clientId: "abc",
    tokenExpiryFromIssue: 3_600_000,
  };

  it("is read with its modes and their settings", () => {
    const authorizationConfig = {
      defaultAuthorization: {
        authorizationType: "LAMBDA",
        lambdaAuthorizerConfig: { handler: {}, resultsCacheTtl: 60, validationRegex: "^t-" },
      },
      additionalAuthorizationModes: [
        { authorizationType: "USER_POOL", userPoolConfig: { userPool: pool, appIdClientRegex: "web|ios" } },
        { authorizationType: "OIDC", openIdConnectConfig: provider },
      ],
    };
    expect(read({ name: "shop", authorizationConfig })).toEqual({
      ...nothing,
      name: "shop",
      kind: "AppSync",
      modes: ["lambda", "userPool", "oidc"],
      service: "appsync",
      userPools: [{ userPoolId: pool.userPoolId, clientId: "web|ios" }],
      issuers: [{ issuer: "https://id.example.com", clientId: "abc", maxTokenAgeSeconds: 3600 }],
      authorizer: { ttlSeconds: 60, identityValidationExpression: "^t-" },
    });
  });

  it("has API keys unless it says otherwise", () => {
    expect(read({ authorizationConfig: {} })).toMatchObject({ name: "GraphQL", modes: ["apiKey"] });
  });

  it("rejects a misspelt key", () => {
    const defaultAuthorization = {
      authorizationType: "OIDC",
      openIdConnectConfig: { ...provider, clientID: "x" },
    };
    expect(() => read({ authorizationConfig: { defaultAuthorization } })).toThrow("write 'clientId'");
  });
});

describe("what AppSync says of an API", () => {
  const graphqlApi = {
    name: "shop",
    apiId: "abc",
    arn: "arn:aws:appsync:eu-west-1:111122223333:apis/abc",
    authenticationType: "AMAZON_COGNITO_USER_POOLS",
    userPoolConfig: {
      userPoolId: pool.userPoolId,
      awsRegion: "us-east-1",
      appIdClientRegex: pool.clientId,
      defaultAction: "ALLOW",
    },
    lambdaAuthorizerConfig: {
      authorizerUri: "arn:aws:lambda:x",
      authorizerResultTtlInSeconds: 60,
      identityValidationExpression: "^t-",
    },
    additionalAuthenticationProviders: [
      { authenticationType: "AMAZON_COGNITO_USER_POOLS", userPoolConfig: { userPoolId: "us-east-1_Other" } },
      {
        authenticationType: "OPENID_CONNECT",
        openIDConnectConfig: {
          issuer: "https://id.example.com",
          clientId: "a.*",
          iatTTL: 60_000,
          authTTL: 120_000,
        },
      },
      { authenticationType: "AWS_LAMBDA" },
    ],
  };

  it.each([
    ["as printed", { graphqlApi }],
    ["bare", graphqlApi],
  ])("is read, all modes with their settings, milliseconds as seconds: %s", (_, file) => {
    expect(read(file)).toEqual({
      name: "shop",
      kind: "AppSync",
      modes: ["userPool", "oidc", "lambda"],
      region: "eu-west-1",
      service: "appsync",
      userPools: [pool, { userPoolId: "us-east-1_Other" }],
      issuers: [
        { issuer: "https://id.example.com", clientId: "a.*", maxTokenAgeSeconds: 60, maxAuthAgeSeconds: 120 },
      ],
      authorizer: {
        apiId: "abc",
        accountId: "111122223333",
        region: "eu-west-1",
        ttlSeconds: 60,
        identityValidationExpression: "^t-",
      },
    });
  });

  it.each([
    [{ authenticationType: "KEY" }, "authenticationType has the unknown mode 'KEY'"],
    [
      { authenticationType: "API_KEY", additionalAuthenticationProviders: [{}] },
      "additionalAuthenticationProviders[0].authenticationType is missing",
    ],
    [{ authenticationType: "OPENID_CONNECT", openIDConnectConfig: { iatTTLs: 5 } }, "write 'iatTTL'"],
  ])("refuses %j", (file, message) => {
    expect(() => read(file)).toThrow(message);
  });
});

describe("guests of the identity pool", () => {
  const API = { GraphQL: { endpoint: "https://x", defaultAuthMode: "iam" } };
  const exported = { aws_appsync_authenticationType: "AWS_IAM", aws_appsync_graphqlEndpoint: "https://x" };
  const data = { url: "https://x", default_authorization_type: "AWS_IAM" };

  it.each<[boolean | undefined, object]>([
    [false, { API, Auth: { Cognito: { allowGuestAccess: false } } }],
    [true, { API, Auth: { Cognito: { allowGuestAccess: true } } }],
    [undefined, { API, Auth: { Cognito: {} } }],
    [false, { API, Auth: { mandatorySignIn: true } }],
    [true, { API, Auth: { mandatorySignIn: false } }],
    [false, { ...exported, aws_mandatory_sign_in: "enable" }],
    [true, { ...exported, aws_mandatory_sign_in: "disable" }],
    [undefined, exported],
    [false, { data, auth: { unauthenticated_identities_enabled: false } }],
    [
      false,
      {
        rest_api: { a: { authorization_type: "AWS_IAM" } },
        auth: { unauthenticated_identities_enabled: false },
      },
    ],
    [true, { data, auth: { unauthenticated_identities_enabled: true } }],
    [undefined, { data }],
  ])("are %s by %j", (guests, file) => {
    expect(Reflect.get(read(file), "guests")).toBe(guests);
  });

  it.each([
    [
      { API, Auth: { Cognito: { allowGuestAccess: "false" } } },
      "allowGuestAccess is true or false, not a string",
    ],
    [{ API, Auth: { Cognito: { allowGuestAcess: false } } }, "write 'allowGuestAccess'"],
    [{ API, Auth: { mandatorySignin: true } }, "Auth.mandatorySignin is not a key; write 'mandatorySignIn'"],
    [{ ...exported, aws_mandatory_sign_in: "yes" }, "aws_mandatory_sign_in is 'enable' or 'disable'"],
    [{ ...exported, aws_mandatory_signin: "enable" }, "write 'aws_mandatory_sign_in'"],
    [
      { data, auth: { unauthenticatedIdentitiesEnabled: false } },
      "write 'unauthenticated_identities_enabled'",
    ],
  ])("are not read from %j", (file, message) => {
    expect(() => read(file)).toThrow(message);
  });
});

describe("the mode of a REST API", () => {
  const entry = { endpoint: "https://x.execute-api.eu-west-1.amazonaws.com/dev" };

  it.each([
    ["userPool", "userPool"],
    ["none", "none"],
    ["iam", "iam"],
  ])("is the one that the entry names: %s", (defaultAuthMode, mode) => {
    const named = { modes: [mode], region: "eu-west-1", signsByDefault: false };
    expect(read({ API: { REST: { shop: { ...entry, defaultAuthMode } } } })).toMatchObject(named);
    expect(read({ version: "1", custom: { API: { shop: { ...entry, defaultAuthMode } } } })).toMatchObject(
      named,
    );
  });

  it("is named in Flutter's rest_api, also if JavaScript's list has the API too", () => {
    const shop = {
      url: `${entry.endpoint}/`,
      aws_region: "eu-west-1",
      authorization_type: "API_KEY",
      api_key: "k",
    };
    const file = { version: "1.3", rest_api: { shop } };
    expect(read(file)).toMatchObject({ kind: "REST", modes: ["apiKey"], apiKey: "k", region: "eu-west-1" });
    const both = { ...file, custom: { API: { shop: entry, other: entry } } };
    expect(list(both)).toEqual(["shop", "other"]);
    expect(read(both, "shop")).toMatchObject({ modes: ["apiKey"] });
    // Another endpoint is another API.
    const moved = { ...file, custom: { API: { shop: { endpoint: "https://y" } } } };
    expect(list(moved)).toEqual(["shop", "shop"]);
  });

  it.each([
    [{ API: { REST: { a: { defaultAuthmode: "none" } } } }, "write 'defaultAuthMode'"],
    [
      { API: { REST: { a: { defaultAuthMode: "cognito" } } } },
      "API.REST.a.defaultAuthMode has the unknown mode",
    ],
    [{ rest_api: { a: {} } }, "rest_api.a.authorization_type is missing"],
    [{ rest_api: { a: { authorizationType: "AWS_IAM" } } }, "write 'authorization_type'"],
  ])("is asked for if it is wrong: %j", (file, message) => {
    expect(() => read(file)).toThrow(message);
  });
});

describe("a user pool without an API", () => {
  it.each([
    [
      "amplify_outputs.json",
      { version: "1", auth: { user_pool_id: pool.userPoolId, user_pool_client_id: pool.clientId } },
    ],
    ["its auth alone", { auth: { user_pool_id: pool.userPoolId, user_pool_client_id: pool.clientId } }],
    ["aws-exports.js", { aws_user_pools_id: pool.userPoolId, aws_user_pools_web_client_id: pool.clientId }],
    ["v6", { Auth: { Cognito: { userPoolId: pool.userPoolId, userPoolClientId: pool.clientId } } }],
    ["v5", { Auth: { userPoolId: pool.userPoolId, userPoolWebClientId: pool.clientId } }],
    ["native", { CognitoUserPool: { Default: { PoolId: pool.userPoolId, AppClientId: pool.clientId } } }],
  ])("has no mode: %s", (_, file) => {
    expect(list(file)).toEqual(["auth"]);
    expect(read(file)).toMatchObject({ kind: "REST", modes: [], userPools: [pool] });
    expect(Reflect.get(read(file), "question")).toContain("name the modes");
  });
});

describe("other places of an API in native files", () => {
  const entry = {
    endpointType: "GraphQL",
    endpoint: "https://x",
    region: "eu-west-1",
    authorizationType: "AWS_IAM",
  };

  it("is the plugin itself", () => {
    expect(list({ awsAPIPlugin: entry })).toEqual(["awsAPIPlugin"]);
    expect(read({ awsAPIPlugin: entry })).toMatchObject({
      kind: "AppSync",
      modes: ["iam"],
      region: "eu-west-1",
    });
    expect(() => read({ awsAPIPlugin: { ...entry, apikey: "x" } })).toThrow("write 'apiKey'");
  });

  it("is AppSync of awsconfiguration.json, unless there is a plugin", () => {
    const Default = { ApiUrl: "https://x", Region: "eu-west-1", AuthMode: "API_KEY", ApiKey: "da2-key" };
    expect(read({ AppSync: { Default } })).toMatchObject({
      kind: "AppSync",
      modes: ["apiKey"],
      apiKey: "da2-key",
    });
    expect(list({ awsAPIPlugin: { blog: entry }, AppSync: { Default } })).toEqual(["blog"]);
    expect(() => read({ AppSync: { Default: { ...Default, AuthMod: "x" } } })).toThrow("write 'AuthMode'");
  });
});

describe("keys that only clients read", () => {
  it("may be misspelt", () => {
    const Cognito = { userPoolId: pool.userPoolId, userPoolClientId: pool.clientId, identitypoolid: "x" };
    const file = { Auth: { Cognito }, API: { GraphQL: { defaultAuthMode: "userPool" } } };
    expect(read(file)).toMatchObject({ userPools: [pool] });
  });
});

describe("other ways to write what AppSync says", () => {
  it("are a list of APIs, and the names of CfnGraphQLApi", () => {
    const shop = { name: "shop", authenticationType: "API_KEY" };
    const blog = {
      name: "blog",
      authenticationType: "OPENID_CONNECT",
      openIdConnectConfig: { issuer: "https://id.example.com", iatTtl: 60_000, authTtl: 0 },
    };
    expect(list({ graphqlApis: [shop, blog] })).toEqual(["shop", "blog"]);
    expect(read({ graphqlApis: [shop, blog] }, "blog")).toMatchObject({
      modes: ["oidc"],
      issuers: [{ issuer: "https://id.example.com", maxTokenAgeSeconds: 60 }],
    });
    expect(() => read({ ...blog, openIdConnectConfig: { iatttll: 1 } })).toThrow("is not a key; write 'iatT");
  });
});

describe("anything else", () => {
  it("is rejected, near misses with the right key", () => {
    expect(() => list({ adminRoleNames: ["x"] })).toThrow("this is none of them");
    expect(() => list({})).toThrow("this is none of them");
    expect(() => list({ awsApiPlugin: {} })).toThrow("awsApiPlugin is not a key; write 'awsAPIPlugin'");
  });
});
