import { Code } from "../text/code.ts";
import {
  type ApiDefinition,
  appsyncApi,
  type IssuerDefinition,
  type ListedApi,
  type PoolDefinition,
} from "./definition.ts";
import { age, milliseconds, seconds } from "./duration.ts";
import { plain, type Section } from "./section.ts";
import { readMode } from "./spellings.ts";

/** `authorizationConfig` of the CDK's own `GraphqlApi`, in the object around it. Without a default, it is API keys. */
export function constructedApi(file: Section): readonly ListedApi[] {
  const named = file.text("name");
  const name = named === undefined || named.text instanceof Code ? "GraphQL" : plain(named);
  return [{ name, read: () => definition(name, file.needSection("authorizationConfig")) }];
}

function definition(name: string, config: Section): ApiDefinition {
  config.checkKeys(["defaultAuthorization", "additionalAuthorizationModes"]);
  const first = config.section("defaultAuthorization");
  const others = config.sections("additionalAuthorizationModes");
  const providers = [...(first === undefined ? [] : [first]), ...others];
  const modes = providers.map((provider) =>
    readMode(provider.needText("authorizationType", "a mode such as AuthorizationType.IAM")),
  );
  const authorizer = providers.map((provider) => provider.section("lambdaAuthorizerConfig")).find(Boolean);
  const expression = authorizer?.text("validationRegex");
  return appsyncApi(name, {
    modes: first === undefined ? ["apiKey", ...modes] : modes,
    userPools: providers.flatMap(poolOf),
    issuers: providers.flatMap(issuerOf),
    authorizer: {
      ttlSeconds: authorizer === undefined ? undefined : seconds(authorizer, "resultsCacheTtl"),
      identityValidationExpression: expression === undefined ? undefined : plain(expression),
    },
  });
}

function poolOf(provider: Section): PoolDefinition[] {
  const config = provider
    .section("userPoolConfig")
    ?.checkKeys(["userPool", "appIdClientRegex", "defaultAction"]);
  const pool = config?.section("userPool")?.text("userPoolId");
  return config === undefined ? [] : [{ userPoolId: pool, clientId: config.text("appIdClientRegex") }];
}

function issuerOf(provider: Section): IssuerDefinition[] {
  const keys = ["oidcProvider", "clientId", "tokenExpiryFromAuth", "tokenExpiryFromIssue"];
  const config = provider.section("openIdConnectConfig")?.checkKeys(keys);
  if (config === undefined) return [];
  return [
    {
      issuer: config.text("oidcProvider"),
      clientId: config.text("clientId"),
      maxTokenAgeSeconds: age(config, "tokenExpiryFromIssue", milliseconds),
      maxAuthAgeSeconds: age(config, "tokenExpiryFromAuth", milliseconds),
    },
  ];
}
