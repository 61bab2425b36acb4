import { describe, expect, it } from "vitest";
import { fromAmplify } from "../from-amplify.ts";
import { readConfiguration } from "../read-configuration.ts";

const lines = (...texts: readonly string[]) => texts.join("\n");

/** A client's file, which admits guests and API keys. */
const client = lines(
  `const config = { version: "1",`,
  `  auth: { user_pool_id: "us-east-1_AbCdEfGhI", user_pool_client_id: "web", unauthenticated_identities_enabled: true },`,
  `  data: { url: "https://a.example/graphql", default_authorization_type: "AWS_IAM", authorization_types: ["API_KEY"] } };`,
);

describe("a configuration that the program changes is an error and not read as it was", () => {
  it.each([
    ["an assignment", "config.auth.unauthenticated_identities_enabled = false;"],
    ["a destructuring assignment", "[config.auth.unauthenticated_identities_enabled] = [false];"],
    ["another one", "({ no: config.auth.unauthenticated_identities_enabled } = { no: false });"],
    ["a default of one", "[config.auth.unauthenticated_identities_enabled = false] = [];"],
    ["the rest of one", "[...config.data.authorization_types] = [];"],
    ["an assignment to a cast", "(config.auth.unauthenticated_identities_enabled as boolean) = false;"],
    ["an optional call", "config?.data?.authorization_types?.pop();"],
    ["a computed call", 'config.data.authorization_types["pop"]();'],
    ["Reflect.deleteProperty", 'Reflect.deleteProperty(config.data, "authorization_types");'],
    ["delete", "delete config.data.authorization_types;"],
    [
      "a loop over a part",
      "for (const part of [config.auth]) part.unauthenticated_identities_enabled = false;",
    ],
    [
      "a callback",
      "Object.values(config).forEach((part) => { part.unauthenticated_identities_enabled = false; });",
    ],
    [
      "a function of the file",
      "function lock(it) { it.auth.unauthenticated_identities_enabled = false; } lock(config);",
    ],
    [
      "an arrow function",
      "const lock = ({ auth }) => { auth.unauthenticated_identities_enabled = false; }; lock(config);",
    ],
    ["a function of another file", 'import { harden } from "./harden"; harden(config);'],
    ["an asynchronous one", 'import { harden } from "./harden"; await harden(config);'],
    ["a function named as a changer", 'import set from "lodash/set"; const done = set(config, "auth", {});'],
    ["another name", "const other = config.auth; other.unauthenticated_identities_enabled = false;"],
    [
      "a name that is assigned",
      "let other; other = config.auth; other.unauthenticated_identities_enabled = false;",
    ],
    [
      "a name that is destructured",
      "const { auth } = config; auth.unauthenticated_identities_enabled = false;",
    ],
    [
      "an object that holds it",
      "const all = { config }; all.config.auth.unauthenticated_identities_enabled = false;",
    ],
    [
      "a copy that shares its parts",
      "const all = { ...config }; all.auth.unauthenticated_identities_enabled = false;",
    ],
    ["a choice", "const it = strict ? config : other; it.auth.unauthenticated_identities_enabled = false;"],
    [
      "a member of another object",
      "all.it = config; all.it.auth.unauthenticated_identities_enabled = false;",
    ],
  ])("by %s", async (_, change) => {
    const configured = fromAmplify(lines(client, change, "Amplify.configure(config);"));
    await expect(configured).rejects.toThrow(/code|changed here/);
    expect(() => readConfiguration(lines(client, change, "export default config;"))).toThrow(/changed here/);
  });

  it.each([
    ["a part of the exports", "module.exports = config; module.exports.auth = {};"],
    ["deeper", "module.exports = config; delete module.exports.data.authorization_types;"],
    ["a named export", "exports.it = config; exports.it.auth.user_pool_id = strict;"],
    ["a literal that is exported", "module.exports = { ...config }; module.exports.auth = {};"],
  ])("by %s", (_, change) => {
    expect(() => readConfiguration(lines(client, change))).toThrow(/changed here/);
  });

  it.each([
    ["module.exports", "module.exports = config; module.exports.default = module.exports;"],
    ["exports", "exports.config = config; exports.default = config;"],
    ["a reader", "console.log(config.auth); const { auth } = config; export default config;"],
    ["another variable", "const app = express(); app.locals = {}; export default config;"],
    ["a new value of another name", "let other = config; other = null; module.exports = { ...config };"],
  ])("but not by %s", (_, program) => {
    expect(readConfiguration(lines(client, program))).toMatchObject({ version: "1" });
  });

  it("and Amplify.configure() is found in each spelling", () => {
    const twice = lines(client, "Amplify.configure(config);", 'Amplify["configure"]({ Auth: {} });');
    expect(() => readConfiguration(twice)).toThrow(/a second configuration/);
  });
});

const modes = 'authorizationModes: { defaultAuthorizationMode: "userPool", apiKeyAuthorizationMode: {} }';
const api =
  'const api = new GraphqlApi(this, "api", { authorizationConfig: { defaultAuthorization: ' +
  "{ authorizationType: AuthorizationType.IAM }, additionalAuthorizationModes: [{ authorizationType: AuthorizationType.API_KEY }] } });";

describe("the definition of an API that the program changes is an error", () => {
  it.each([
    [
      "delete",
      `const props = { ${modes} }; delete props.authorizationModes.apiKeyAuthorizationMode; defineData(props);`,
    ],
    ["an assignment", `const props = { ${modes} }; props.authorizationModes = strict; defineData(props);`],
    ["a spread after it", `const props = { ${modes} }; defineData({ ...props, ...overrides });`],
    [
      "a member after it",
      `const props = { ${modes} }; defineData({ ...props, authorizationModes: strict });`,
    ],
    [
      "a computed member after it",
      `const props = { ${modes} }; defineData({ ...props, ["authorizationModes"]: strict });`,
    ],
    ["the construct below", `${api} api.node.defaultChild.additionalAuthenticationProviders = [];`],
    ["its default mode", `${api} cfn.authenticationType = "AWS_IAM";`],
    ["an override", `${api} cfn.addPropertyDeletionOverride("AdditionalAuthenticationProviders");`],
    ["an unknown override", `${api} cfn.addPropertyOverride(name, value);`],
  ])("by %s", async (_, program) => {
    await expect(
      fromAmplify(program, {
        apiKeys: [],
        ...(program.includes("userPool") && {
          userPool: { userPoolId: "us-east-1_AbCdEfGhI", clientId: "web" },
        }),
        ...(program.includes("IAM") && { iam: { region: "us-east-1", credentials: () => undefined } }),
      }),
    ).rejects.toThrow(/changed here|is code|configuration is code/);
  });

  it.each([
    [
      "a backend",
      `const data = defineData({ ${modes} }); const backend = defineBackend({ data }); backend.data.x = 1;`,
    ],
    ["a spread", `const props = { ${modes} }; defineData({ ...props, name: "books" });`],
    ["another property", `const data = defineData({ ${modes} }); data.resources.cfn.xrayEnabled = true;`],
    [
      "another override",
      `const data = defineData({ ${modes} }); cfn.addPropertyOverride("XrayEnabled", true);`,
    ],
  ])("but not by %s", (_, program) => {
    expect(readConfiguration(program)).toMatchObject({
      authorizationModes: { defaultAuthorizationMode: "userPool" },
    });
  });
});

it("limits are not lost in a prototype", async () => {
  const base = "const base = { tokenExpiryFromAuthInSeconds: 60 };";
  for (const key of ["__proto__", '"__proto__"', '["__proto__"]']) {
    const issuer = `{ ${key}: base, oidcProviderName: "x", oidcIssuerUrl: "https://id.acme.io", clientId: "web" }`;
    const program = `${base} defineData({ authorizationModes: { defaultAuthorizationMode: "oidc", oidcAuthorizationMode: ${issuer} } });`;
    await expect(fromAmplify(program)).rejects.toThrow(/is code/);
  }
});
