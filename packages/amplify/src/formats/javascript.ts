import { must } from "@authmodes/core/options";
import {
  type ApiDefinition,
  appsyncApi,
  listApis,
  type ListedApi,
  type PoolDefinition,
  regionOf,
  signedApi,
} from "./definition.ts";
import { plain, type Section } from "./section.ts";
import { readMode } from "./spellings.ts";

export const exportedKeys: readonly string[] = [
  "aws_project_region",
  "aws_appsync_graphqlEndpoint",
  "aws_appsync_region",
  "aws_appsync_authenticationType",
  "aws_appsync_apiKey",
  "aws_cloud_logic_custom",
  "aws_user_pools_id",
  "aws_user_pools_web_client_id",
  "aws_cognito_identity_pool_id",
  "aws_cognito_region",
];

/** `aws-exports.js`, `amplifyconfiguration.json` of Amplify JS, and what `Amplify.configure` takes in v5 and v6. */
export function javascriptApis(file: Section): readonly ListedApi[] {
  file.checkKeys(exportedKeys);
  const api = file.section("API");
  const pools = [poolOf(file)];
  const rest = (name: string, entry: Section) => restEntry(name, entry, pools);
  const listed = [...(api?.sections("endpoints") ?? []), ...file.sections("aws_cloud_logic_custom")];
  return [
    ...["GraphQL", "Events"].flatMap((name) => {
      const entry = api?.section(name);
      return entry === undefined ? [] : [{ name, read: () => appsyncEntry(name, entry, pools) }];
    }),
    ...exportedGraphQL(file, api, pools),
    ...listApis(api?.section("REST"), rest),
    ...listed.map((entry) => {
      const name = plain(entry.needText("name", "the name of the API"));
      return { name, read: () => rest(name, entry) };
    }),
  ];
}

type Pools = readonly PoolDefinition[];

/** `API.GraphQL` and `API.Events` of v6. */
function appsyncEntry(name: string, entry: Section, userPools: Pools): ApiDefinition {
  entry.checkKeys([
    "endpoint",
    "region",
    "apiKey",
    "customEndpoint",
    "customEndpointRegion",
    "defaultAuthMode",
    "modelIntrospection",
  ]);
  // For custom endpoints Amplify JS signs as for API Gateway.
  const customRegion = entry.text("customEndpointRegion");
  return appsyncApi(name, {
    modes: [readMode(entry.needText("defaultAuthMode", "a mode such as userPool or apiKey"))],
    apiKey: entry.text("apiKey"),
    region: customRegion ?? regionOf(entry.text("region"), entry.text("endpoint")),
    service: customRegion === undefined ? "appsync" : "execute-api",
    userPools,
  });
}

/** The flat keys of `aws-exports.js`. v5 accepts them within `API` too, and a custom endpoint there. */
function exportedGraphQL(file: Section, api: Section | undefined, userPools: Pools): readonly ListedApi[] {
  const find = (key: string) => api?.text(key) ?? file.text(key);
  const endpoint = find("aws_appsync_graphqlEndpoint") ?? find("graphql_endpoint");
  const mode = find("aws_appsync_authenticationType");
  if (endpoint === undefined && mode === undefined) return [];
  const name = "GraphQL";
  const read = () => {
    must(
      mode !== undefined,
      "fromAmplify(): aws_appsync_authenticationType is missing; it is a mode such as AMAZON_COGNITO_USER_POOLS",
    );
    const customRegion = find("graphql_endpoint_iam_region");
    return appsyncApi(name, {
      modes: [readMode(mode)],
      apiKey: find("aws_appsync_apiKey"),
      region: customRegion ?? regionOf(find("aws_appsync_region"), endpoint),
      service: customRegion === undefined ? "appsync" : "execute-api",
      userPools,
    });
  };
  return [{ name, read }];
}

/** REST APIs have no mode in these files: Amplify JS signs unless the app sets `Authorization`. */
function restEntry(name: string, entry: Section, userPools: Pools): ApiDefinition {
  entry.checkKeys(["name", "endpoint", "region", "service", "custom_header"]);
  return signedApi(name, entry, userPools);
}

function poolOf(file: Section): PoolDefinition {
  const auth = file.section("Auth");
  const cognito = auth?.section("Cognito");
  cognito?.checkKeys([
    "userPoolId",
    "userPoolClientId",
    "userPoolEndpoint",
    "identityPoolId",
    "identityPoolEndpoint",
  ]);
  return {
    userPoolId: cognito?.text("userPoolId") ?? auth?.text("userPoolId") ?? file.text("aws_user_pools_id"),
    clientId:
      cognito?.text("userPoolClientId") ??
      auth?.text("userPoolWebClientId") ??
      file.text("aws_user_pools_web_client_id"),
  };
}
