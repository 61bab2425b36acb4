import { must } from "@authmodes/core/options";
import {
  type ApiDefinition,
  appsyncApi,
  type Callers,
  javascriptRestApi,
  listApis,
  type ListedApi,
  orPoolAlone,
  type PoolDefinition,
  regionOf,
} from "./definition.ts";
import { Code } from "../text/code.ts";
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
  "aws_mandatory_sign_in",
  "aws_cognito_identity_pool_id",
  "aws_cognito_region",
];

/** `aws-exports.js`, `amplifyconfiguration.json` of Amplify JS, and what `Amplify.configure` takes in v5 and v6. */
export function javascriptApis(file: Section): readonly ListedApi[] {
  file.checkKeys(exportedKeys);
  const api = file.section("API")?.written();
  const callers = callersOf(file);
  const rest = (name: string, entry: Section) => javascriptRestApi(name, entry, callers);
  const listed = [...(api?.sections("endpoints") ?? []), ...file.sections("aws_cloud_logic_custom")];
  const apis = [
    ...["GraphQL", "Events"].flatMap((name) => {
      const entry = api?.section(name);
      return entry === undefined ? [] : [{ name, read: () => appsyncEntry(name, entry, callers) }];
    }),
    ...exportedGraphQL(file, api, callers),
    ...listApis(api?.section("REST"), rest),
    ...listed.map((entry) => {
      const name = plain(entry.needText("name", "the name of the API"));
      return { name, read: () => rest(name, entry) };
    }),
  ];
  return orPoolAlone(apis, callers);
}

/** `API.GraphQL` and `API.Events` of v6. */
function appsyncEntry(name: string, entry: Section, callers: Callers): ApiDefinition {
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
    ...callers,
  });
}

/** The flat keys of `aws-exports.js`. v5 accepts them within `API` too, and a custom endpoint there. */
function exportedGraphQL(file: Section, api: Section | undefined, callers: Callers): readonly ListedApi[] {
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
      ...callers,
    });
  };
  return [{ name, read }];
}

function callersOf(file: Section): Callers {
  const auth = file.section("Auth");
  const cognito = auth?.section("Cognito");
  auth?.checkKeys(
    ["Cognito", "userPoolId", "userPoolWebClientId", "mandatorySignIn"],
    ["region", "identityPoolId", "identityPoolRegion"],
  );
  cognito?.checkKeys(
    ["userPoolId", "userPoolClientId", "allowGuestAccess"],
    ["userPoolEndpoint", "identityPoolId", "identityPoolEndpoint"],
  );
  return { userPools: [poolOf(file, auth, cognito)], guests: guestsOf(file, auth, cognito) };
}

/** `mandatorySignIn` is v5's opposite of `allowGuestAccess`; `aws-exports.js` has a text for it. */
function guestsOf(file: Section, auth?: Section, cognito?: Section): boolean | Code | undefined {
  const mandatory = auth?.flag("mandatorySignIn");
  const allowed =
    cognito?.flag("allowGuestAccess") ?? (typeof mandatory === "boolean" ? !mandatory : mandatory);
  const exported = file.text("aws_mandatory_sign_in");
  if (allowed !== undefined || exported === undefined) return allowed;
  const { text, path } = exported;
  must(
    text instanceof Code || text === "enable" || text === "disable",
    `fromAmplify(): ${path} is 'enable' or 'disable'`,
  );
  return text instanceof Code ? text : text === "disable";
}

function poolOf(file: Section, auth?: Section, cognito?: Section): PoolDefinition {
  return {
    userPoolId: cognito?.text("userPoolId") ?? auth?.text("userPoolId") ?? file.text("aws_user_pools_id"),
    clientId:
      cognito?.text("userPoolClientId") ??
      auth?.text("userPoolWebClientId") ??
      file.text("aws_user_pools_web_client_id"),
  };
}
