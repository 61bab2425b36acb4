import {
  type ApiDefinition,
  appsyncApi,
  type AuthorizerDefinition,
  type IssuerDefinition,
  type ListedApi,
  type PoolDefinition,
} from "./definition.ts";
import { age, milliseconds, seconds } from "./duration.ts";
import { type Section, sectionsIn } from "./section.ts";
import { readMode } from "./spellings.ts";

/**
 * What AppSync says of an API, by `aws appsync get-graphql-api` and `list-graphql-apis`. `CfnGraphQLApi` of the CDK has the
 * same form, with other capitals in two names.
 */
export function describedApis(file: Section): readonly ListedApi[] {
  const apis = file.has("graphqlApis") ? file.sections("graphqlApis") : [file.section("graphqlApi") ?? file];
  return apis.map((api) => {
    const name = api.plain("name") ?? "GraphQL";
    return { name, read: () => description(name, api) };
  });
}

const issuerKeys = ["openIDConnectConfig", "openIdConnectConfig"];

function description(name: string, api: Section): ApiDefinition {
  api.checkKeys([
    "authenticationType",
    "additionalAuthenticationProviders",
    "userPoolConfig",
    "cognitoUserPoolConfig",
    ...issuerKeys,
    "lambdaAuthorizerConfig",
  ]);
  const providers = [api, ...api.sections("additionalAuthenticationProviders")];
  const [, , , region, accountId, resource] = api.plain("arn")?.split(":") ?? [];
  return appsyncApi(name, {
    modes: providers.map((provider) =>
      readMode(provider.needText("authenticationType", "a mode such as AWS_IAM")),
    ),
    region: region === undefined ? undefined : { path: api.pathOf("arn"), text: region },
    userPools: ["userPoolConfig", "cognitoUserPoolConfig"].flatMap((key) =>
      sectionsIn(providers, key).map(poolOf),
    ),
    issuers: issuerKeys.flatMap((key) => sectionsIn(providers, key).map(issuerOf)),
    authorizer: {
      apiId: resource?.replace("apis/", ""),
      accountId,
      region,
      ...sectionsIn(providers, "lambdaAuthorizerConfig").map(authorizerOf)[0],
    },
  });
}

function poolOf(config: Section): PoolDefinition {
  config.checkKeys(["userPoolId", "awsRegion", "appIdClientRegex", "defaultAction"]);
  return { userPoolId: config.text("userPoolId"), clientId: config.text("appIdClientRegex") };
}

function issuerOf(config: Section): IssuerDefinition {
  config.checkKeys(["issuer", "clientId", "iatTTL", "authTTL", "iatTtl", "authTtl"]);
  return {
    issuer: config.text("issuer"),
    clientId: config.text("clientId"),
    maxTokenAgeSeconds: age(config, "iatTTL", milliseconds) ?? age(config, "iatTtl", milliseconds),
    maxAuthAgeSeconds: age(config, "authTTL", milliseconds) ?? age(config, "authTtl", milliseconds),
  };
}

function authorizerOf(config: Section): AuthorizerDefinition {
  config.checkKeys(["authorizerUri", "authorizerResultTtlInSeconds", "identityValidationExpression"]);
  return {
    ttlSeconds: seconds(config, "authorizerResultTtlInSeconds"),
    identityValidationExpression: config.plain("identityValidationExpression"),
  };
}
