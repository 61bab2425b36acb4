import { policyOf } from "@authmodes/core/inspect";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Auth } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { cli, folderWith, importIn } from "../test/cli.ts";

const pool = ["--user-pool-id", "us-east-1_AbCdEfGhI", "--client-id", "3n4b5urk1ft4fl3mg5e62d9ado"];
const issuer = ["--oidc-issuer", "https://id.example.com", "--oidc-audience", "api"];
const authorizer = ["--authorizer", "https://auth.example.com/"];

/** Imports the file and starts what comes out. */
async function started(name: string, text: string, ...args: readonly string[]): Promise<Auth> {
  const cwd = await folderWith({ [name]: text });
  const { code, err } = await cli(["import", name, ...args], { cwd });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  // A project without package.json has CommonJS modules, whose auth is a promise.
  return (await importIn<{ readonly auth: Promise<Auth> }>(cwd, "auth.ts")).auth;
}

async function refusal(name: string, text: string, ...args: readonly string[]): Promise<string> {
  const cwd = await folderWith({ [name]: text });
  const { code, out, err } = await cli(["import", name, ...args], { cwd });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  return err;
}

function rest(type: string, more = ""): string {
  return `{ "awsAPIPlugin": { "<YOUR-RESTENDPOINT-NAME>": { "endpointType": "REST", "endpoint": "YOUR-REST-ENDPOINT",
    "region": "us-west-2", "authorizationType": "${type}"${more} } } }`;
}

function cognito(poolId: string, clientId: string): string {
  return `{ "CognitoUserPool": { "Default": { "PoolId": "${poolId}", "AppClientId": "${clientId}",
    "AppClientSecret": "YOUR-APP-CLIENT-SECRET", "Region": "us-east-1" } } }`;
}

const amplifyJs = (mode: string) => `{
  "Auth": { "Cognito": { "userPoolId": "YOUR_USER_POOL_ID", "userPoolClientId": "YOUR_USER_POOL_CLIENT_ID" } },
  "API": { "GraphQL": { "endpoint": "YOUR_API_ENDPOINT", "region": "YOUR_API_REGION", "defaultAuthMode": "${mode}" } },
}`;

const cdk = (modes: string) => `import * as cdk from 'aws-cdk-lib';
const amplifyApi = new AmplifyGraphqlApi(this, 'MyNewApi', {
  definition: AmplifyGraphqlDefinition.fromFiles(path.join(__dirname, 'schema.graphql')),
  authorizationModes: {${modes}}
});`;

// Every configuration of AWS's guides to authorization: REST (iOS, Android, Flutter, a draft) and GraphQL.
describe("authmodes import", () => {
  it.each([
    { what: "signed REST, iOS and Android", file: rest("AWS_IAM"), args: [], modes: ["iam"] },
    { what: "signed REST, the draft", file: rest("IAM"), args: [], modes: ["iam"] },
    {
      what: "keys, iOS, Android and Flutter",
      file: rest("API_KEY", ', "apiKey": "YOUR_API_KEY"'),
      args: [],
      modes: ["apiKey"],
    },
    {
      what: "keys, the draft",
      file: rest("API_KEY", ', "API_KEY": "[API_KEY]"'),
      args: [],
      modes: ["apiKey"],
    },
    { what: "a user pool", file: rest("AMAZON_COGNITO_USER_POOLS"), args: pool, modes: ["userPool"] },
    { what: "a user pool, the draft", file: rest("COGNITO_USER_POOL"), args: pool, modes: ["userPool"] },
    { what: "OIDC", file: rest("OPENID_CONNECT"), args: issuer, modes: ["oidc"] },
    { what: "NONE, let in", file: rest("NONE"), args: ["--allow-none"], modes: ["none"] },
    {
      what: "NONE, with an interceptor of the app's own",
      file: rest("NONE"),
      args: ["--without", "none", "--also", "lambda", "--authorizer-event", "token", ...authorizer],
      modes: ["lambda"],
    },
    {
      what: "Amplify.configure(), signed",
      file: amplifyJs("identityPool"),
      args: ["--region", "eu-west-1"],
      modes: ["iam"],
    },
    {
      what: "Amplify.configure(), a user pool",
      file: amplifyJs("userPool"),
      args: pool,
      modes: ["userPool"],
    },
    {
      what: "amplify_outputs.json",
      file: JSON.stringify({
        version: "1.3",
        auth: { user_pool_id: "us-east-1_AbCdEfGhI", user_pool_client_id: "abc" },
        data: {
          url: "https://x.appsync-api.us-east-1.amazonaws.com/graphql",
          aws_region: "us-east-1",
          default_authorization_type: "AMAZON_COGNITO_USER_POOLS",
          authorization_types: ["API_KEY", "AWS_IAM"],
          api_key: "da2-abcdefghijklmnopqrstuvwxyz",
        },
      }),
      args: [],
      modes: ["userPool", "apiKey", "iam"],
    },
  ])("starts from a configuration with $what", async ({ file, args, modes }) => {
    const auth = await started("amplifyconfiguration.json", file, ...args);
    expect(auth.modes.toSorted()).toEqual(modes.toSorted());
  });

  it.each([
    {
      what: "a CDK API with keys and an identity pool",
      code: cdk(`
        defaultAuthorizationMode: 'API_KEY',
        apiKeyConfig: { expires: cdk.Duration.days(30) },
        identityPoolConfig: {
          identityPoolId: identityPool.identityPoolId,
          authenticatedUserRole: identityPool.authenticatedRole, // a comment, with } in it
        },`),
      args: ["--region", "us-east-1"],
      modes: ["apiKey", "iam"],
    },
    {
      what: "a CDK API with an authorizer",
      code: cdk(`
        defaultAuthorizationMode: 'AWS_LAMBDA',
        lambdaConfig: {
          function: new lambda.Function(this, 'Auth', { code: lambda.Code.fromAsset('a'), handler: "index.handler" }),
          ttl: cdk.Duration.seconds(10)
        }`),
      args: authorizer,
      modes: ["lambda"],
    },
    {
      what: "a CDK API for any principal",
      code: cdk("defaultAuthorizationMode: 'API_KEY', iamConfig: { enableIamAuthorizationMode: true }"),
      args: ["--region", "us-east-1"],
      modes: ["apiKey", "iam"],
    },
    {
      what: "a CDK API with OIDC",
      code: cdk(`defaultAuthorizationMode: 'OPENID_CONNECT', oidcConfig: {
          oidcIssuerUrl: 'https://id.example.com', oidcProviderName: 'id', clientId: 'abc',
          tokenExpiryFromAuth: cdk.Duration.hours(1), tokenExpiryFromIssue: cdk.Duration.minutes(5) }`),
      args: [],
      modes: ["oidc"],
    },
    {
      what: "a backend of Gen 2",
      code: `export const data = defineData({
        schema,
        authorizationModes: {
          defaultAuthorizationMode: "lambda",
          apiKeyAuthorizationMode: { expiresInDays: 30 },
          lambdaAuthorizationMode: { function: authorizer, timeToLiveInSeconds: 300 },
        },
      });`,
      args: authorizer,
      modes: ["lambda", "apiKey"],
    },
  ])("starts from the code of $what, which is not run", async ({ code, args, modes }) => {
    const auth = await started("resource.ts", code, ...args);
    expect(auth.modes.toSorted()).toEqual(modes.toSorted());
  });

  it("starts from aws-exports.js and amplifyconfiguration.dart", async () => {
    const exports = `const awsmobile = {
      "aws_project_region": "eu-west-1", "aws_appsync_graphqlEndpoint": "https://x/graphql", "aws_appsync_region": "eu-west-1",
      "aws_appsync_authenticationType": "API_KEY", "aws_appsync_apiKey": "da2-abcdefghijklmnopqrstuvwxyz" };
      export default awsmobile;`;
    expect((await started("aws-exports.js", exports)).modes).toEqual(["apiKey"]);
    const dart = `const amplifyconfig = '''${rest("AWS_IAM")}''';`;
    expect((await started("amplifyconfiguration.dart", dart)).modes).toEqual(["iam"]);
  });

  it("takes the ages of tokens over, in seconds", async () => {
    const code =
      cdk(`defaultAuthorizationMode: 'OPENID_CONNECT', oidcConfig: { oidcIssuerUrl: 'https://id.example.com',
      clientId: 'abc', tokenExpiryFromAuth: cdk.Duration.hours(1), tokenExpiryFromIssue: 300_000 }`).replace(
        "300_000",
        "300000",
      );
    const [oidc] = (await started("stack.ts", code)).describe();
    expect(oidc?.issuers[0]?.settings).toMatchObject({
      maxAuthAgeSeconds: "3600",
      maxTokenAgeSeconds: "300",
    });
  });

  it.each([
    {
      what: "a user pool that is not there",
      file: rest("COGNITO_USER_POOL"),
      says: "--user-pool-id us-east-1_AbCdEfGhI --client-id",
    },
    {
      what: "a placeholder for the client",
      file: `{ ${rest("COGNITO_USER_POOL").slice(1, -1)}, ${cognito("us-east-1_AbCdEfGhI", "YOUR-APP-CLIENT-ID").slice(1)}`,
      says: "AppClientId holds a placeholder",
    },
    {
      what: "a pool without an API",
      file: cognito("POOL-ID", "APP-CLIENT-ID"),
      says: "the configuration has no API",
    },
    {
      what: "what was left out",
      file: rest("AWS_IAM").replace("{", "{ ...\n"),
      says: "line 1, column 3: '...' stands for something left out",
    },
    {
      what: "no issuer",
      file: rest("OPENID_CONNECT"),
      says: "--oidc-issuer https://id.example.com --oidc-audience my-api",
    },
    { what: "NONE", file: rest("NONE"), says: "--allow-none" },
    {
      what: "a placeholder for the mode",
      file: amplifyJs("YOUR_DEFAULT_AUTHORIZATION_MODE"),
      says: "it is one of API_KEY",
    },
    { what: "a placeholder for the region", file: amplifyJs("iam"), says: "--region us-east-1" },
    {
      what: "a user pool of placeholders",
      file: amplifyJs("userPool"),
      says: "userPoolId holds a placeholder",
    },
    {
      what: "an authorizer",
      file: cdk("defaultAuthorizationMode: 'AWS_LAMBDA', lambdaConfig: { function: fn }"),
      says: "--authorizer ./authorizer.ts",
    },
    {
      what: "OIDC of dots",
      file: cdk(
        "defaultAuthorizationMode: 'OPENID_CONNECT', oidcConfig: { oidcIssuerUrl: '...', clientId: '...' }",
      ),
      says: "oidcIssuerUrl holds a placeholder",
    },
    {
      what: "the sandbox",
      file: "new AmplifyGraphqlApi(this, 'a', {\n  ...,\n  translationBehavior: { sandboxModeEnabled: true }\n});",
      says: "line 2",
    },
    {
      what: "modes elsewhere",
      file: "defineData({ authorizationModes: modes })",
      says: "authorizationModes is code on line 1",
    },
    { what: "custom roles alone", file: '{ "adminRoleNames": ["a"] }', says: "--custom-roles" },
    {
      what: "several APIs",
      file: '{ "aws_project_region": "eu-west-1", "aws_cloud_logic_custom": [{ "name": "a", "endpoint": "https://x", "region": "eu-west-1" }, { "name": "b", "endpoint": "https://y", "region": "eu-west-1" }] }',
      says: "--api a\n",
    },
  ])("says what to give for $what", async ({ file, says }) => {
    expect(await refusal("file.json", file)).toContain(says);
  });

  it("takes custom roles and rules along", async () => {
    const schema =
      "type Book @model @auth(rules: [{ allow: private, provider: identityPool }]) { title: String }";
    const cwd = await folderWith({
      "api.json": rest("AWS_IAM"),
      "roles.json": '{ "adminRoleNames": ["worker-${env}"] }',
      "schema.graphql": schema,
    });
    const args = ["import", "api.json", "--custom-roles", "roles.json", "--schema", "schema.graphql"];
    const unsaid = await cli(args, { cwd });
    expect(unsaid.err).toContain(`  npx authmodes ${args.join(" ")} --env dev\n`);
    expect(await cli([...args, "--env", "dev"], { cwd })).toMatchObject({ code: 0 });
    const auth = await (await importIn<{ readonly auth: Promise<Auth> }>(cwd, "auth.ts")).auth;
    const identity = {
      mode: "iam",
      id: "x",
      groups: [],
      scopes: [],
      expiresAt: null,
      userArn: "arn:aws:sts::1:assumed-role/worker-dev/a",
      username: "worker-dev",
      cognitoIdentityPoolId: null,
    };
    expect(policyOf(auth)?.decide(identity, { model: "Book", operation: "get" })).toMatchObject({
      allowed: true,
    });
  });

  it.each([
    [
      "comments and both variables",
      '{\n// functions\n"adminRoleNames": ["${appId}-a-${env}", "b",],\n}',
      '["d1-a-dev", "b"]',
    ],
    ["no variables", '{ "adminRoleNames": ["b"] }', '["b"]'],
  ])("reads custom roles with %s", async (_, roles, names) => {
    const cwd = await folderWith({ "a.json": rest("AWS_IAM"), "r.json": roles });
    const args = ["import", "a.json", "--custom-roles", "r.json", "--env", "dev", "--app-id", "d1"];
    expect(await cli(args, { cwd })).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, "auth.ts"), "utf8")).toContain(`adminRoles = ${names};`);
  });

  it.each([
    [
      "${appId}",
      '{ "adminRoleNames": ["a-${appId}"] }',
      "uses ${appId}. Say which it is",
      "--app-id d1a2b3c4d5e6f7",
    ],
    [
      "another variable",
      '{ "adminRoleNames": ["a-${stage}"] }',
      "uses ${stage}, which Amplify does not replace",
    ],
    ["a mistake", '{\n  "adminRoleNames": ["a" "b"]\n}', "r.json: line 2, column 26: this is not JSON"],
    ["a name that is code", "{ adminRoleNames: [role] }", "is no custom-roles.json"],
  ])("says what to write for custom roles with %s", async (_, roles, ...says) => {
    const cwd = await folderWith({ "a.json": rest("AWS_IAM"), "r.json": roles });
    const { code, err } = await cli(["import", "a.json", "--custom-roles", "r.json", "--env", "dev"], {
      cwd,
    });
    expect(code).toBe(2);
    for (const text of says) expect(err).toContain(text);
  });

  it("reports a role that matches no caller", async () => {
    const names = ["AROAEXAMPLE:*", "AROA1234567890:name", "role-*", "role/session", "AROmatic"];
    const roles = JSON.stringify({ adminRoleNames: names });
    const cwd = await folderWith({ "a.json": rest("AWS_IAM"), "r.json": roles });
    const { out } = await cli(["import", "a.json", "--custom-roles", "r.json"], { cwd });
    const reported = [...out.matchAll(/The role (\S+) matches no caller/g)].map(([, name]) => name);
    expect(reported).toEqual(names.slice(0, 3));
  });

  const outputs = (guests: string, mode = "AWS_IAM") => `{ "version": "1.4",
    "auth": { "user_pool_id": "us-east-1_AbCdEfGhI", "user_pool_client_id": "abc", "unauthenticated_identities_enabled": ${guests} },
    "data": { "url": "https://x", "aws_region": "us-east-1", "default_authorization_type": "${mode}" } }`;

  it.each([
    { guests: "false", args: [], setting: "refused", reported: true },
    { guests: "false", args: ["--guests", "accept"], setting: undefined, reported: false },
    { guests: "true", args: [], setting: undefined, reported: false },
    { guests: "true", args: ["--guests", "reject"], setting: "refused", reported: false },
    { guests: "process.env.G", args: ["--guests", "reject"], setting: "refused", reported: false },
  ])("rejects guests if the file has none: $guests $args", async ({ guests, args, setting, reported }) => {
    const cwd = await folderWith({ "a.ts": `export default ${outputs(guests)}` });
    const { code, out } = await cli(["import", "a.ts", ...args], { cwd });
    expect(code).toBe(0);
    expect(out.includes("Guests of the identity pool are rejected, as the file says")).toBe(reported);
    const auth = await (await importIn<{ readonly auth: Promise<Auth> }>(cwd, "auth.ts")).auth;
    expect(auth.describe()[0]?.settings["guests"]).toBe(setting);
  });

  it("asks whether guests are accepted if the file says it by code, and not without signed requests", async () => {
    const err = await refusal("a.ts", `export default ${outputs("process.env.G")}`);
    expect(err).toMatch(/by code on line 2, column \d+ whether the identity pool admits guests/);
    expect(err).toContain("import a.ts --guests reject\n");
    const pool = await started(
      "a.ts",
      `export default ${outputs("process.env.G", "AMAZON_COGNITO_USER_POOLS")}`,
    );
    expect(pool.modes).toEqual(["userPool"]);
  });

  it("reports what clients of a REST API usually send", async () => {
    const file = (more: string) =>
      `export default {
        Auth: { Cognito: { userPoolId: "us-east-1_AbCdEfGhI", userPoolClientId: "abc" } },
        API: { REST: { shop: { endpoint: "https://x", region: "us-east-1"${more} } } },
      };`;
    const report = async (text: string, ...args: readonly string[]) => {
      const cwd = await folderWith({ "a.ts": text });
      return (await cli(["import", "a.ts", ...args], { cwd })).out;
    };
    const signs = await report(file(""));
    expect(signs).toContain("auth.ts is written: iam.");
    expect(signs).toContain("id token in Authorization instead; for those: --also userPool --without iam");
    const other = await report(file(""), "--also", "userPool", "--without", "iam");
    expect(other).toContain('write userPool: { tokenUse: "id" }');
    const named = await report(file(', defaultAuthMode: "userPool"'));
    expect(named).toContain("auth.ts is written: userPool.");
    expect(named).toContain('write userPool: { tokenUse: "id" }');
    expect(await report(file(', defaultAuthMode: "iam"'))).not.toContain("id token");
    const graphql = `export default ${outputs("true", "AMAZON_COGNITO_USER_POOLS")}`;
    expect(await report(graphql)).not.toContain("id token");
  });

  it.each([
    [
      "a user pool without an API",
      '{ "version": "1", "auth": { "user_pool_id": "us-east-1_A", "user_pool_client_id": "a" } }',
    ],
    [
      "clients that set headers",
      `export default { API: { endpoints: [{ name: "a", custom_header: f }] },
        Auth: { userPoolId: "us-east-1_A", userPoolWebClientId: "a" } }`,
    ],
  ])("asks for the modes of %s", async (_, text) => {
    expect(await refusal("a.ts", text)).toContain("  npx authmodes import a.ts --also userPool\n");
    expect((await started("a.ts", text, "--also", "userPool")).modes).toEqual(["userPool"]);
  });

  it("asks only for the options that the file lacks", async () => {
    const code = cdk(`defaultAuthorizationMode: 'OPENID_CONNECT',
      oidcConfig: { oidcIssuerUrl: props.issuer, clientId: 'web', tokenExpiryFromIssue: age }`);
    expect(await refusal("a.ts", code)).toContain(
      "a.ts --oidc-issuer https://id.example.com --max-token-age 3600\n",
    );
  });

  it.each([
    [
      "an authorizer's expression",
      `authorizationConfig: { defaultAuthorization: { authorizationType: AuthorizationType.LAMBDA,
        lambdaAuthorizerConfig: { handler, validationRegex: pattern } } }`,
      "validationRegex is code on line 2, column 61",
    ],
    [
      "a list of modes",
      "authorizationConfig: { additionalAuthorizationModes: modes }",
      "additionalAuthorizationModes is code on line 1",
    ],
    [
      "a default mode",
      "authorizationModes: { defaultAuthorizationMode: mode, apiKeyConfig: {} }",
      "defaultAuthorizationMode is code on line 1",
    ],
    [
      "a switch",
      "authorizationModes: { defaultAuthorizationMode: 'apiKey', iamConfig: { enableIamAuthorizationMode: on } }",
      "enableIamAuthorizationMode is code on line 1",
    ],
  ])("does not drop %s that is code", async (_, text, says) => {
    expect(await refusal("a.ts", `new Api(this, 'A', { ${text} })`, ...authorizer)).toContain(says);
  });

  it("keeps a mode whose settings are code as a whole", async () => {
    const code = cdk("defaultAuthorizationMode: 'API_KEY', identityPoolConfig: pool, userPoolConfig: users");
    const auth = await started("a.ts", code, "--region", "us-east-1", ...pool);
    expect(auth.modes.toSorted()).toEqual(["apiKey", "iam", "userPool"]);
  });

  it("asks for the ages of an issuer whose settings are code", async () => {
    const code = cdk("defaultAuthorizationMode: 'OPENID_CONNECT', oidcConfig: settings.oidc");
    // The code may limit the clients too, which an audience does not.
    expect(await refusal("a.ts", code, ...issuer)).toContain(
      "--oidc-client-id my-client --max-token-age 3600 --max-auth-age 86400\n",
    );
    const args = [...issuer, "--oidc-client-id", "web", "--max-token-age", "60", "--max-auth-age", "120"];
    const [oidc] = (await started("a.ts", code, ...args)).describe();
    expect(oidc?.issuers[0]?.settings).toMatchObject({ maxTokenAgeSeconds: "60", maxAuthAgeSeconds: "120" });
  });

  it("copies the modes of CfnGraphQLApi, and asks for what is code", async () => {
    const text = `new appsync.CfnGraphQLApi(this, 'Api', {
      name: 'shop', authenticationType: 'OPENID_CONNECT',
      openIdConnectConfig: { issuer: 'https://id.example.com', clientId: 'web', iatTtl: 60 * 1000 },
      additionalAuthenticationProviders: [
        { authenticationType: 'AMAZON_COGNITO_USER_POOLS', userPoolConfig: { userPoolId: pool.ref, appIdClientRegex: 'web' } },
      ],
    });`;
    expect(await refusal("a.ts", text)).toContain("a.ts --user-pool-id us-east-1_AbCdEfGhI\n");
    const auth = await started("a.ts", text, "--user-pool-id", "us-east-1_AbCdEfGhI");
    expect(auth.modes.toSorted()).toEqual(["oidc", "userPool"]);
    const issuers = auth.describe().flatMap((mode) => mode.issuers);
    expect(issuers.map(({ settings }) => settings["maxTokenAgeSeconds"])).toContain("60");
  });

  it.each([
    ["backend-config.json", '{ "api": { "shop": { "service": "AppSync" } }, "auth": {} }'],
    ["cli-inputs.json", '{ "version": 1, "serviceConfiguration": { "apiName": "shop" } }'],
  ])("says what it reads for %s", async (name, text) => {
    expect(await refusal(name, text)).toContain(
      "no API and no user pool; what is read is amplifyconfiguration.json",
    );
  });

  it("imports one of several APIs of a backend", async () => {
    const api = (name: string, type: string) =>
      `new GraphqlApi(this, 'A', { name: '${name}', authorizationConfig: {
        defaultAuthorization: { authorizationType: AuthorizationType.${type} } } });`;
    const text = api("shop", "API_KEY") + api("blog", "IAM");
    expect(await refusal("a.ts", text)).toContain(
      "several APIs: shop, blog. Write\n  npx authmodes import a.ts --api shop\n",
    );
    const auth = await started("a.ts", text, "--api", "blog", "--region", "us-east-1");
    expect(auth.modes).toEqual(["iam"]);
  });

  it("asks for what is missing at a terminal", async () => {
    const cwd = await folderWith({ "a.json": rest("OPENID_CONNECT") });
    const asked: string[] = [];
    const answers: Readonly<Record<string, string>> = {
      "--oidc-issuer": "https://id.example.com",
      "--oidc-audience": "api",
    };
    const ask = {
      input: async ({ message }: { message: string }) => {
        asked.push(message);
        return answers[message.split(" ")[0] ?? ""] ?? "";
      },
    } as never;
    const { code, out } = await cli(["import", "a.json"], { cwd, ask });
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining("auth.ts is written: oidc."),
    });
    expect(asked).toHaveLength(2);
  });

  it("asks for the greatest age of tokens as a number", async () => {
    const modes =
      "defaultAuthorizationMode: 'OPENID_CONNECT', oidcConfig: { oidcIssuerUrl: 'https://id.example.com', ";
    const file = cdk(`${modes} clientId: 'web', tokenExpiryFromIssue: Duration.minutes(age) }`);
    const cwd = await folderWith({ "a.ts": file });
    const ask = { input: async () => "300" } as never;
    expect(await cli(["import", "a.ts"], { cwd, ask })).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, "auth.ts"), "utf8")).toContain("oidc: { maxTokenAgeSeconds: 300 }");
  });

  it("rejects the placeholders of custom-roles.json", async () => {
    const cwd = await folderWith({
      "a.json": rest("AWS_IAM"),
      "r.json": '{ "adminRoleNames": ["<YOUR_IAM_ROLE_NAME>"] }',
    });
    const { code, err } = await cli(["import", "a.json", "--custom-roles", "r.json"], { cwd });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining("put the name of the role there"),
    });
  });

  it("names the file from the project's folder, and prints JSON", async () => {
    const cwd = await folderWith({ "a.json": rest("AWS_IAM") });
    const { out } = await cli(["import", "a.json", "--out", "src/auth.ts", "--json"], { cwd });
    expect(JSON.parse(out)).toMatchObject({ file: "src/auth.ts", modes: ["iam"] });
    const text = await readFile(join(cwd, "src/auth.ts"), "utf8");
    expect(text).toContain('import { fromAmplify } from "@authmodes/amplify";');
    expect(text).toContain('readFileSync("a.json", "utf8")');
  });

  it("prints the packages that the module needs and the project lacks", async () => {
    const dependencies = { "@authmodes/rules": "1" };
    const cwd = await folderWith({
      "a.json": rest("AWS_IAM"),
      "schema.graphql": "type Note @model { text: String }",
      "package.json": JSON.stringify({ dependencies }),
    });
    const { out } = await cli(["import", "a.json", "--schema", "schema.graphql"], { cwd });
    expect(out).toContain(`
Install:
  npm install @authmodes/amplify graphql@16
  npm install --save-dev @types/node
`);
  });

  it.each([
    { type: "module", out: "auth.ts", code: "await fromAmplify(", authorizer: "./lib/authorizer.js" },
    { type: "commonjs", out: "auth.ts", code: " = fromAmplify(", authorizer: "./lib/authorizer.js" },
    { type: "commonjs", out: "src/auth.js", code: "await fromAmplify(", authorizer: "../lib/authorizer.js" },
    { next: "16", out: "lib/auth.ts", code: "await fromAmplify(", authorizer: "./authorizer" },
  ])("writes $out for a project of type $type, next $next", async ({ type, next, out, code, authorizer }) => {
    const cwd = await folderWith({
      "a.json": rest("NONE"),
      "package.json": JSON.stringify({ type, dependencies: { next } }),
    });
    const args = ["--without", "none", "--also", "lambda", "--authorizer", "lib/authorizer.ts"];
    const { out: printed } = await cli(
      ["import", "a.json", ...args, "--authorizer-event", "token", "--out", out],
      { cwd },
    );
    const text = await readFile(join(cwd, out), "utf8");
    expect(text).toContain(code);
    expect(text).toContain(`import { authorizer } from "${authorizer}";`);
    expect(printed.includes("auth is a promise")).toBe(code.startsWith(" = "));
  });

  it("replaces its own file only with --force, and no other file", async () => {
    const cwd = await folderWith({ "a.json": rest("AWS_IAM"), "mine.ts": "mine" });
    expect(await cli(["import", "a.json"], { cwd })).toMatchObject({ code: 0 });
    expect(await cli(["import", "a.json"], { cwd })).toMatchObject({
      code: 2,
      err: "auth.ts is there already; nothing was written. To replace, write\n  npx authmodes import a.json --force\n",
    });
    expect(await cli(["import", "a.json", "--force"], { cwd })).toMatchObject({ code: 0 });
    const { code, err } = await cli(["import", "a.json", "--out", "mine.ts", "--force"], { cwd });
    expect(code).toBe(2);
    expect(err).toContain("mine.ts is there already; nothing was written. ");
    expect(err).toContain("  mv mine.ts mine.ts.old\n  npx authmodes import a.json --out mine.ts --force\n");
    expect(await readFile(join(cwd, "mine.ts"), "utf8")).toBe("mine");
  });

  it("prints no key of the file", async () => {
    const key = "da2-abcdefghijklmnopqrstuvwxyz";
    const cwd = await folderWith({ "a.json": rest("API_KEY", `, "apiKey": "${key}"`) });
    const { out, err } = await cli(["import", "a.json"], { cwd });
    expect(out + err).not.toContain(key);
  });
});

describe("the notes of authmodes import", () => {
  const api = cdk("defaultAuthorizationMode: 'AWS_LAMBDA', lambdaConfig: { function: fn }");
  const outcome = async (files: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const { code, out, err } = await cli(["import", ...args], { cwd: await folderWith(files) });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return out;
  };
  const lacking = "The module of --authorizer is not there yet";

  it("say that the authorizer is still to be written, unless it is there or has a URL", async () => {
    const module = ["api.ts", "--authorizer", "./mine.ts"];
    expect(await outcome({ "api.ts": api }, ...module)).toContain(lacking);
    const files = { "api.ts": api, "mine.ts": "export const authorizer = () => ({ isAuthorized: false });" };
    expect(await outcome(files, ...module)).not.toContain(lacking);
    expect(await outcome({ "api.ts": api }, "api.ts", ...authorizer)).not.toContain(lacking);
  });

  it("say how to test it and how to guard a server, and what replaces an identity pool", async () => {
    const out = await outcome({ "a.json": rest("AWS_IAM") }, "a.json");
    expect(out).toContain("npx authmodes check");
    expect(out).toContain("authenticate(auth) in Express");
    expect(out).toContain("@authmodes/identity-pool makes a pool of your own");
  });
});
