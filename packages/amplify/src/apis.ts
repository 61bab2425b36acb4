import { choose } from "./formats/choose.ts";
import type { ApiDefinition, ListedApi } from "./formats/definition.ts";
import { listedApis } from "./formats/formats.ts";
import { Section } from "./formats/section.ts";
import type { ModeName } from "./formats/spellings.ts";
import { readConfigurations } from "./read-configuration.ts";

/** What a configuration says about one API, for reports. */
export interface ApiDescription {
  readonly name: string;
  /** Whose clients call it: those of AppSync or those of API Gateway. */
  readonly kind: "AppSync" | "REST";
  /** The default first. None if options have to name them. */
  readonly modes: readonly ModeName[];
  /** Why options have to name the modes, and how else; undefined if the file names them. */
  readonly question: string | undefined;
  /** Whether the mode is `iam` only because Amplify JS signs if the file names no mode. */
  readonly signsByDefault: boolean;
  /** Whether the configuration names a user pool. */
  readonly hasUserPool: boolean;
  /** False if the configuration says that there are no guests: the server rejects them. */
  readonly guests: boolean;
}

/**
 * Lists the names of the APIs in a configuration. A user pool without an API is listed as `auth`.
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
 * Describes an API of a configuration: its modes, and what a report on it should mention.
 * @param file as for `fromAmplify`
 * @param name of the API; required if there are several
 * @throws TypeError if the configuration cannot be read
 * @example
 * import { readFileSync } from "node:fs";
 * import { describeApi } from "@authmodes/amplify";
 *
 * const { modes, guests } = describeApi(readFileSync("amplify_outputs.json", "utf8"));
 * console.log(modes, guests); // ["userPool", "apiKey"] true
 */
export function describeApi(file: unknown, name?: string): ApiDescription {
  const { question, signsByDefault = false, userPools, guests, ...api } = apiIn(file, name);
  return {
    name: api.name,
    kind: api.kind,
    modes: api.modes,
    question,
    signsByDefault,
    hasUserPool: userPools.some(({ userPoolId }) => userPoolId !== undefined),
    guests: guests !== false,
  };
}

export function apiIn(file: unknown, name: string | undefined): ApiDefinition {
  return choose(apisIn(file), name).read();
}

function apisIn(file: unknown): readonly ListedApi[] {
  const text = file instanceof Uint8Array ? new TextDecoder().decode(file) : file;
  const all = typeof text === "string" ? readConfigurations(text) : [text];
  return all.flatMap((data) => listedApis(new Section("", data)));
}
