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
import { isObject, type Section } from "./section.ts";
import { readMode } from "./spellings.ts";

/** `amplify_outputs.json` of Gen 2. `custom` belongs to the user; `API` and `events` in it are documented conventions. */
export function outputsApis(file: Section): readonly ListedApi[] {
  const version = file.plain("version") ?? "1";
  must(
    /^1(?:\.|$)/.test(version),
    `fromAmplify() reads version 1 of amplify_outputs.json, not '${version.slice(0, 20)}'`,
  );
  const data = file.section("data");
  const custom = file.section("custom");
  const events = custom?.section("events");
  const rest = isObject(custom?.get("API")) ? custom.section("API") : undefined;
  const pools = [poolOf(file.section("auth"))];
  return [
    ...(data === undefined ? [] : [{ name: "data", read: () => appsyncEntry("data", data, pools) }]),
    ...(events === undefined ? [] : [{ name: "events", read: () => appsyncEntry("events", events, pools) }]),
    ...listApis(rest, (name, entry) => restEntry(name, entry, pools)),
  ];
}

function appsyncEntry(name: string, entry: Section, userPools: readonly PoolDefinition[]): ApiDefinition {
  entry.checkKeys([
    "aws_region",
    "url",
    "api_key",
    "default_authorization_type",
    "authorization_types",
    "model_introspection",
  ]);
  const others = entry.texts("authorization_types");
  return appsyncApi(name, {
    modes: [entry.needText("default_authorization_type", "a mode such as API_KEY"), ...others].map(readMode),
    apiKey: entry.text("api_key"),
    region: regionOf(entry.text("aws_region"), entry.text("url")),
    userPools,
  });
}

/** Gen 2 gives REST APIs no mode: Amplify JS signs for them. */
function restEntry(name: string, entry: Section, userPools: readonly PoolDefinition[]): ApiDefinition {
  entry.checkKeys(["endpoint", "region", "apiName"]);
  return signedApi(name, entry, userPools);
}

function poolOf(auth: Section | undefined): PoolDefinition {
  auth?.checkKeys(["aws_region", "user_pool_id", "user_pool_client_id", "identity_pool_id"]);
  return { userPoolId: auth?.text("user_pool_id"), clientId: auth?.text("user_pool_client_id") };
}
