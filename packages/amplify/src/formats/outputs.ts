import { must } from "@authmodes/core/options";
import {
  type ApiDefinition,
  appsyncApi,
  type Callers,
  javascriptRestApi,
  listApis,
  type ListedApi,
  orPoolAlone,
  regionOf,
  restApi,
} from "./definition.ts";
import { isObject, Section } from "./section.ts";
import { readMode } from "./spellings.ts";

/**
 * `amplify_outputs.json` of Gen 2. `rest_api` is Flutter's. `custom` belongs to the user; `API` and `events` in it are
 * documented conventions.
 */
export function outputsApis(file: Section): readonly ListedApi[] {
  const number = file.get("version");
  const version = typeof number === "number" ? String(number) : (file.plain("version") ?? "1");
  must(
    /^1(?:\.|$)/.test(version),
    `fromAmplify() reads version 1 of amplify_outputs.json, not '${version.slice(0, 20)}'`,
  );
  const data = file.section("data");
  const custom = file.section("custom");
  const events = custom?.section("events");
  const rest = file.section("rest_api");
  const others = isObject(custom?.get("API")) ? custom.section("API") : undefined;
  const callers = callersOf(file.section("auth"));
  const apis = [
    ...(data === undefined ? [] : [{ name: "data", read: () => appsyncEntry("data", data, callers) }]),
    ...(events === undefined
      ? []
      : [{ name: "events", read: () => appsyncEntry("events", events, callers) }]),
    ...listApis(rest, (name, entry) => restEntry(name, entry, callers)),
    // Projects for Flutter and JavaScript list an API in both places. The entry that names the mode counts.
    ...listApis(others, (name, entry) => javascriptRestApi(name, entry, callers)).filter(
      ({ name }) => !isSameUrl(urlIn(rest, name, "url"), urlIn(others, name, "endpoint")),
    ),
  ];
  return orPoolAlone(apis, callers);
}

function urlIn(group: Section | undefined, name: string, key: string): unknown {
  const entry = group?.get(name);
  return isObject(entry) ? new Section(name, entry).get(key) : undefined;
}

function isSameUrl(one: unknown, other: unknown): boolean {
  const isText = typeof one === "string" && typeof other === "string";
  return isText && one.replace(/\/$/, "") === other.replace(/\/$/, "");
}

function appsyncEntry(name: string, entry: Section, callers: Callers): ApiDefinition {
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
    ...callers,
  });
}

function restEntry(name: string, entry: Section, callers: Callers): ApiDefinition {
  entry.checkKeys(["aws_region", "url", "authorization_type", "api_key"]);
  return restApi(name, {
    modes: [readMode(entry.needText("authorization_type", "a mode such as AWS_IAM or API_KEY"))],
    apiKey: entry.text("api_key"),
    region: regionOf(entry.text("aws_region"), entry.text("url")),
    ...callers,
  });
}

function callersOf(auth: Section | undefined): Callers {
  auth?.checkKeys(
    ["user_pool_id", "user_pool_client_id", "unauthenticated_identities_enabled"],
    ["aws_region", "identity_pool_id"],
  );
  return {
    userPools: [{ userPoolId: auth?.text("user_pool_id"), clientId: auth?.text("user_pool_client_id") }],
    guests: auth?.flag("unauthenticated_identities_enabled"),
  };
}
