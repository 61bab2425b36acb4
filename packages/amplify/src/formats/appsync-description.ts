import {
  type ApiDefinition,
  appsyncApi,
  type AuthorizerDefinition,
  type IssuerDefinition,
  type ListedApi,
  type PoolDefinition,
} from "./definition.ts";
import { age, milliseconds, seconds } from "./duration.ts";
import { plain, type Section } from "./section.ts";
import { readMode } from "./spellings.ts";

/** What AppSync says of an API: `aws appsync get-graphql-api`. */
export function describedApi(file: Section): readonly ListedApi[] {
  const api = file.section("graphqlApi") ?? file;
  const named = api.text("name");
  const name = named === undefined ? "GraphQL" : plain(named);
  return [{ name, read: () => description(name, api) }];
}

function description(name: string, api: Section): ApiDefinition {
  api.checkKeys(["authenticationType", "additionalAuthenticationProviders", ...providerKeys]);
  const providers = [api, ...api.sections("additionalAuthenticationProviders")];
  const arn = api.text("arn");
  const [, , , region, accountId, resource] = arn === undefined ? [] : plain(arn).split(":");
  return appsyncApi(name, {
    modes: providers.map((provider) =>
      readMode(provider.needText("authenticationType", "a mode such as AWS_IAM")),
    ),
    region: arn === undefined || region === undefined ? undefined : { path: arn.path, text: region },
    userPools: providers.flatMap(describedPool),
    issuers: providers.flatMap(describedIssuer),
    authorizer: {
      apiId: resource?.replace("apis/", ""),
      accountId,
      region,
      ...providers.map(describedAuthorizer).find((authorizer) => authorizer !== undefined),
    },
  });
}

const providerKeys = [
  "userPoolConfig",
  "cognitoUserPoolConfig",
  "openIDConnectConfig",
  "lambdaAuthorizerConfig",
];

function describedPool(provider: Section): PoolDefinition[] {
  const config = provider.section("userPoolConfig") ?? provider.section("cognitoUserPoolConfig");
  config?.checkKeys(["userPoolId", "awsRegion", "appIdClientRegex", "defaultAction"]);
  if (config === undefined) return [];
  return [{ userPoolId: config.text("userPoolId"), clientId: config.text("appIdClientRegex") }];
}

function describedIssuer(provider: Section): IssuerDefinition[] {
  const config = provider.section("openIDConnectConfig");
  config?.checkKeys(["issuer", "clientId", "iatTTL", "authTTL"]);
  if (config === undefined) return [];
  return [
    {
      issuer: config.text("issuer"),
      clientId: config.text("clientId"),
      maxTokenAgeSeconds: age(config, "iatTTL", milliseconds),
      maxAuthAgeSeconds: age(config, "authTTL", milliseconds),
    },
  ];
}

function describedAuthorizer(provider: Section): AuthorizerDefinition | undefined {
  const config = provider.section("lambdaAuthorizerConfig");
  config?.checkKeys(["authorizerUri", "authorizerResultTtlInSeconds", "identityValidationExpression"]);
  if (config === undefined) return undefined;
  const expression = config.text("identityValidationExpression");
  return {
    ttlSeconds: seconds(config, "authorizerResultTtlInSeconds"),
    identityValidationExpression: expression === undefined ? undefined : plain(expression),
  };
}
