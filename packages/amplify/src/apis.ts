import { closest, must } from "@authmodes/core/options";
import type { ApiDefinition, ListedApi } from "./formats/definition.ts";
import { listedApis } from "./formats/formats.ts";
import { Section } from "./formats/section.ts";
import type { ModeName } from "./formats/spellings.ts";
import { readConfiguration } from "./read-configuration.ts";

/**
 * Lists the names of the APIs in a configuration.
 * @param file as for `fromAmplify`
 * @throws TypeError if the configuration cannot be read
 * @example
 * import { readFileSync } from "node:fs";
 * import { apiNames } from "@authmodes/amplify";
 *
 * console.log(apiNames(readFileSync("amplify_outputs.json", "utf8")));
 */
export function apiNames(file: unknown): readonly string[] {
  return apisIn(file).map(({ name }) => name);
}

/**
 * Lists the modes of an API in a configuration, the default mode first.
 * @param file as for `fromAmplify`
 * @param name of the API; required if there are several
 * @throws TypeError if the configuration cannot be read
 * @example
 * import { readFileSync } from "node:fs";
 * import { apiModes } from "@authmodes/amplify";
 *
 * console.log(apiModes(readFileSync("amplify_outputs.json", "utf8"))); // ["userPool", "apiKey"]
 */
export function apiModes(file: unknown, name?: string): readonly ModeName[] {
  return apiIn(file, name).modes;
}

export function apiIn(file: unknown, name: string | undefined): ApiDefinition {
  return choose(apisIn(file), name).read();
}

function apisIn(file: unknown): readonly ListedApi[] {
  const text = file instanceof Uint8Array ? new TextDecoder().decode(file) : file;
  return listedApis(new Section("", typeof text === "string" ? readConfiguration(text) : text));
}

function choose(apis: readonly ListedApi[], name: string | undefined): ListedApi {
  const names = apis.map((api) => api.name);
  const [first] = apis;
  must(
    first !== undefined,
    "fromAmplify(): the configuration has no API; put the block with the API beside the one with the user pool",
  );
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  must(twice === undefined, `fromAmplify(): the configuration has two APIs named '${twice}'; rename one`);
  if (name === undefined) {
    must(
      apis.length === 1,
      `fromAmplify(): the configuration has several APIs; name one: api: '${names.join("' or '")}'`,
    );
    return first;
  }
  const chosen = apis.find((api) => api.name === name);
  const hint = `write '${closest(name, names) ?? names.join("' or '")}'`;
  must(chosen !== undefined, `fromAmplify(): the configuration has no API '${name}'; ${hint}`);
  return chosen;
}
