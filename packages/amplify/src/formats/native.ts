import { closest, must } from "@authmodes/core/options";
import {
  type ApiDefinition,
  appsyncApi,
  type Callers,
  listApis,
  type ListedApi,
  orPoolAlone,
  type PoolDefinition,
  regionOf,
  restApi,
} from "./definition.ts";
import { plain, type Section } from "./section.ts";
import { readMode } from "./spellings.ts";

/**
 * `amplifyconfiguration.json` of iOS, Android and Flutter, and `awsconfiguration.json` before it. The blocks of plugins may
 * also be at the top level, as in the docs.
 */
export function nativeApis(file: Section): readonly ListedApi[] {
  const auth = plugin(file, "auth", "awsCognitoAuthPlugin") ?? file;
  const callers = { userPools: [poolOf(auth)] };
  return orPoolAlone(apisOf(plugin(file, "api", pluginName), auth, callers), callers);
}

const pluginName = "awsAPIPlugin";

function apisOf(api: Section | undefined, auth: Section, callers: Callers): readonly ListedApi[] {
  if (api === undefined) {
    return listApis(auth.section("AppSync"), (name, entry) => earlierApi(name, entry, callers));
  }
  // Some files have the one API in the place of its name.
  if (typeof api.get("endpointType") === "string") {
    return [{ name: pluginName, read: () => nativeApi(pluginName, api, callers) }];
  }
  return listApis(api, (name, entry) => nativeApi(name, entry, callers));
}

/** `AppSync` of `awsconfiguration.json`. */
function earlierApi(name: string, entry: Section, callers: Callers): ApiDefinition {
  entry.checkKeys(["ApiUrl", "Region", "AuthMode", "ApiKey"], ["ClientDatabasePrefix"]);
  return appsyncApi(name, {
    modes: [readMode(entry.needText("AuthMode", "a mode such as AWS_IAM or API_KEY"))],
    apiKey: entry.text("ApiKey"),
    region: regionOf(entry.text("Region"), entry.text("ApiUrl")),
    ...callers,
  });
}

function plugin(file: Section, category: string, name: string): Section | undefined {
  return file.section(category)?.section("plugins")?.section(name) ?? file.section(name);
}

function nativeApi(name: string, entry: Section, callers: Callers): ApiDefinition {
  entry.checkKeys(["endpointType", "endpoint", "region", "authorizationType", "apiKey", "API_KEY"]);
  const api = isGraphQL(entry) ? appsyncApi : restApi;
  return api(name, {
    modes: [readMode(entry.needText("authorizationType", "a mode such as AWS_IAM or API_KEY"))],
    apiKey: entry.text("apiKey", "API_KEY"),
    region: regionOf(entry.text("region"), entry.text("endpoint")),
    ...callers,
  });
}

function isGraphQL(entry: Section): boolean {
  const types = ["REST", "GraphQL"];
  const value = entry.needText("endpointType", "'REST' or 'GraphQL'");
  const text = plain(value);
  const hint = `write '${closest(text, types) ?? "REST' or 'GraphQL"}'`;
  must(
    types.includes(text),
    `fromAmplify(): ${value.path} has the unknown type '${text.slice(0, 60)}'; ${hint}`,
  );
  return text === "GraphQL";
}

function poolOf(auth: Section): PoolDefinition {
  const pool = auth.section("CognitoUserPool")?.section("Default");
  pool?.checkKeys(["PoolId", "AppClientId"], ["AppClientSecret", "Region"]);
  return { userPoolId: pool?.text("PoolId"), clientId: pool?.text("AppClientId") };
}
