import { must } from "@authmodes/core/options";
import {
  type ApiDefinition,
  appsyncApi,
  type AuthorizerDefinition,
  type IssuerDefinition,
  type ListedApi,
} from "./definition.ts";
import { age, milliseconds, seconds } from "./duration.ts";
import { Code } from "../text/code.ts";
import { isCode, type Section } from "./section.ts";
import { type ModeName, readMode } from "./spellings.ts";

// What an API is made from, as opposed to what its clients are told: all modes with their settings, but no key.

const configs: readonly (readonly [key: string, mode: ModeName])[] = [
  ["apiKeyConfig", "apiKey"],
  ["apiKeyAuthorizationMode", "apiKey"],
  ["iamConfig", "iam"],
  ["identityPoolConfig", "iam"],
  ["userPoolConfig", "userPool"],
  ["oidcConfig", "oidc"],
  ["oidcAuthorizationMode", "oidc"],
  ["lambdaConfig", "lambda"],
  ["lambdaAuthorizationMode", "lambda"],
];

export const definitionKeys: readonly string[] = [
  "authorizationModes",
  "defaultAuthorizationMode",
  ...configs.map(([key]) => key),
];

/** `authorizationModes` of `AmplifyGraphqlApi` (CDK) and of `defineData` (Gen 2), bare or in the object around it. */
export function definedApi(file: Section): readonly ListedApi[] {
  const name = file.plain("apiName") ?? "data";
  return [{ name, read: () => definition(name, file.section("authorizationModes") ?? file) }];
}

function definition(name: string, modes: Section): ApiDefinition {
  modes.written().checkKeys(definitionKeys);
  const first = modes.text("defaultAuthorizationMode");
  const others = configs.filter(([key]) => (key === "iamConfig" ? enablesIam(modes) : modes.has(key)));
  must(
    first !== undefined || others.length > 0,
    "fromAmplify(): authorizationModes has no mode; it takes defaultAuthorizationMode and a config for each mode",
  );
  const issuer = modes.section("oidcConfig") ?? modes.section("oidcAuthorizationMode");
  const authorizer = modes.section("lambdaConfig") ?? modes.section("lambdaAuthorizationMode");
  const pool = modes.section("userPoolConfig")?.section("userPool");
  return appsyncApi(name, {
    modes: [...(first === undefined ? [] : [readMode(first)]), ...others.map(([, mode]) => mode)],
    userPools: [{ userPoolId: pool?.text("userPoolId"), clientId: undefined }],
    issuers: issuer === undefined ? [] : [definedIssuer(issuer)],
    authorizer: authorizer === undefined ? {} : definedAuthorizer(authorizer),
  });
}

function enablesIam(modes: Section): boolean {
  const config = modes.section("iamConfig")?.checkKeys(["enableIamAuthorizationMode"]);
  const enabled = config?.get("enableIamAuthorizationMode");
  if (config !== undefined && enabled instanceof Code)
    throw isCode(config.pathOf("enableIamAuthorizationMode"), enabled);
  return enabled === true;
}

/** The CDK has a `Duration`, AppSync and so a plain number milliseconds, Gen 2 keys of its own for seconds. */
function definedIssuer(config: Section): IssuerDefinition {
  config.checkKeys([
    "oidcProviderName",
    "oidcIssuerUrl",
    "clientId",
    "tokenExpiryFromAuth",
    "tokenExpiryFromIssue",
    "tokenExpiryFromAuthInSeconds",
    "tokenExpireFromIssueInSeconds",
  ]);
  return {
    issuer: config.text("oidcIssuerUrl"),
    clientId: config.text("clientId"),
    maxAuthAgeSeconds:
      age(config, "tokenExpiryFromAuth", milliseconds) ?? age(config, "tokenExpiryFromAuthInSeconds"),
    maxTokenAgeSeconds:
      age(config, "tokenExpiryFromIssue", milliseconds) ?? age(config, "tokenExpireFromIssueInSeconds"),
  };
}

function definedAuthorizer(config: Section): AuthorizerDefinition {
  config.checkKeys(["function", "ttl", "timeToLiveInSeconds"]);
  return { ttlSeconds: seconds(config, "ttl") ?? seconds(config, "timeToLiveInSeconds") };
}
