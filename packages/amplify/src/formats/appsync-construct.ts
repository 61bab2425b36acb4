import { Code } from "../text/code.ts";
import {
  type ApiDefinition,
  appsyncApi,
  type IssuerDefinition,
  type ListedApi,
  type PoolDefinition,
} from "./definition.ts";
import { age, milliseconds, seconds } from "./duration.ts";
import { plain, type Section, sectionsIn } from "./section.ts";
import { readMode } from "./spellings.ts";

/** `authorizationConfig` of the CDK's own `GraphqlApi`, in the object around it. Without a default, it is API keys. */
export function constructedApi(file: Section): readonly ListedApi[] {
  const named = file.text("name");
  const name = named === undefined || named.text instanceof Code ? "GraphQL" : plain(named);
  return [{ name, read: () => definition(name, file.needSection("authorizationConfig")) }];
}

function definition(name: string, config: Section): ApiDefinition {
  config.written().checkKeys(["defaultAuthorization", "additionalAuthorizationModes"]);
  const first = config.section("defaultAuthorization");
  const others = config.sections("additionalAuthorizationModes");
  const providers = first === undefined ? others : [first, ...others];
  const modes = providers.map((provider) =>
    readMode(provider.needText("authorizationType", "a mode such as AuthorizationType.IAM")),
  );
  const [authorizer] = sectionsIn(providers, "lambdaAuthorizerConfig");
  return appsyncApi(name, {
    modes: first === undefined ? ["apiKey", ...modes] : modes,
    userPools: sectionsIn(providers, "userPoolConfig").map(poolOf),
    issuers: sectionsIn(providers, "openIdConnectConfig").map(issuerOf),
    authorizer: {
      ttlSeconds: authorizer && seconds(authorizer, "resultsCacheTtl"),
      identityValidationExpression: authorizer?.plain("validationRegex"),
    },
  });
}

function poolOf(config: Section): PoolDefinition {
  config.checkKeys(["userPool", "appIdClientRegex", "defaultAction"]);
  const pool = config.section("userPool")?.text("userPoolId");
  return { userPoolId: pool, clientId: config.text("appIdClientRegex") };
}

function issuerOf(config: Section): IssuerDefinition {
  config.checkKeys(["oidcProvider", "clientId", "tokenExpiryFromAuth", "tokenExpiryFromIssue"]);
  return {
    issuer: config.text("oidcProvider"),
    clientId: config.text("clientId"),
    maxTokenAgeSeconds: age(config, "tokenExpiryFromIssue", milliseconds),
    maxAuthAgeSeconds: age(config, "tokenExpiryFromAuth", milliseconds),
  };
}
