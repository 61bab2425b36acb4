import { type AuthMode, type AuthOptions, createAuth, type Identity } from "@authmodes/core";
import { checkOptionNames, must } from "@authmodes/core/options";
import { apiIn } from "./apis.ts";
import type { ApiDefinition } from "./formats/definition.ts";
import { type ModeName, modeNames, nearestMode } from "./formats/spellings.ts";
import { argumentOf, builders, type ModeArguments } from "./modes.ts";

/** The API to serve, what its configuration cannot hold, and the options of `createAuth()`. */
export interface AmplifyOptions extends ModeArguments, AuthOptions {
  /** The name of the API in the file. Required if the file has several. */
  readonly api?: string;
  /**
   * Modes that the API accepts besides those in the file. Client files before Gen 2 name only the default mode. Required if the
   * file has a user pool and no API, or if its clients set headers themselves (`custom_header`).
   */
  readonly additionalModes?: readonly ModeName[];
}

/** The result of `createAuth` for all six modes, because the modes are known only when the file is read. */
export type AmplifyAuth<O extends AuthOptions> = ReturnType<
  typeof createAuth<readonly AuthMode<Identity>[], O>
>;

const authOptions: Record<keyof AuthOptions, true> = {
  errorFormat: true,
  publicUrl: true,
  precedence: true,
  requires: true,
  revoked: true,
  resource: true,
  usage: true,
  reportOnly: true,
  preflight: true,
  policy: true,
  clock: true,
};
const optionNames = ["api", "additionalModes", ...Object.values(argumentOf), ...Object.keys(authOptions)];

/**
 * Creates an auth with the modes of one API of an Amplify backend, read from its configuration. It answers errors in the
 * format of that service. For AppSync, an API key decides if a request carries other credentials too.
 *
 * Reads `amplifyconfiguration.json` of iOS, Android and Flutter (`.dart` too), `aws-exports.js`, the argument of
 * `Amplify.configure()`, `amplify_outputs.json`, `authorizationModes` of a CDK or Gen 2 backend, and the output of
 * `aws appsync get-graphql-api`, with every spelling of a mode that AWS uses. Code is parsed, never executed.
 *
 * If a mode of the file lacks something, an error names the missing argument; no mode is dropped silently.
 * If a file of Amplify JS names no mode for a REST API, its clients sign requests, so the mode is `iam`. If the file has a
 * user pool and no API, `additionalModes` names the modes. If the file says that there are no guests, the server rejects them.
 * @param file the data, or the text or bytes of the file
 * @throws TypeError if the file or an argument is wrong, with what to write instead
 * @example
 * import { readFile } from "node:fs/promises";
 * import { fromAmplify } from "@authmodes/amplify";
 *
 * export const auth = await fromAmplify(await readFile("amplify_outputs.json", "utf8"));
 */
export async function fromAmplify<const O extends AmplifyOptions = AmplifyOptions>(
  file: unknown,
  options?: O,
): Promise<AmplifyAuth<O>> {
  const given: AmplifyOptions = checked(options ?? {});
  const api = apiIn(file, given.api);
  const modes: AuthMode<Identity>[] = [];
  for (const mode of modesOf(api, given)) modes.push(await builders[mode](api, given));
  const auth = createAuth(modes, { ...defaultsOf(api), ...authOptionsOf(given) });
  // Options that change the type are members of O; the defaults are not.
  return auth as unknown as AmplifyAuth<O>;
}

/** The modes to serve. @throws TypeError if there is an argument for another mode */
function modesOf(api: ApiDefinition, given: AmplifyOptions): readonly ModeName[] {
  const declared = new Set([...api.modes, ...(given.additionalModes ?? [])]);
  must(declared.size > 0, `fromAmplify(): ${api.question}: additionalModes: ['userPool']`);
  for (const mode of modeNames) {
    const argument = argumentOf[mode];
    must(
      declared.has(mode) || given[argument] === undefined || given[argument] === null,
      `fromAmplify(): '${argument}' is given, but '${api.name}' takes ${api.modes.join(", ") || "no mode"} by its configuration; ` +
        `leave it out, or write additionalModes: ['${mode}']`,
    );
  }
  const modes = [...declared].filter((mode) => given[argumentOf[mode]] !== null);
  must(modes.length > 0, `fromAmplify(): every mode of '${api.name}' is null; keep at least one`);
  return modes;
}

function defaultsOf(api: ApiDefinition): AuthOptions {
  if (api.kind === "REST") return { errorFormat: "apigateway" };
  return { errorFormat: "appsync", precedence: ["apiKey"] };
}

function authOptionsOf(options: AmplifyOptions): AuthOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(authOptions, name)));
}

function checked(options: AmplifyOptions): AmplifyOptions {
  checkOptionNames("fromAmplify()", options, optionNames, {
    apiKey: "apiKeys",
    keys: "apiKeys",
    credentials: "iam",
    name: "api",
    modes: "additionalModes",
    authorizer: "lambda",
  });
  for (const mode of options.additionalModes ?? []) {
    const hint = nearestMode(mode) ?? modeNames.join("' or '");
    must(
      modeNames.includes(mode),
      `fromAmplify(): additionalModes has the unknown mode '${mode}'; write '${hint}'`,
    );
  }
  return options;
}
