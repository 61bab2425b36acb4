import { type AuthMode, type AuthOptions, createAuth, type Identity } from "@authmodes/core";
import { checkOptionNames, must } from "@authmodes/core/options";
import { apiIn } from "./apis.ts";
import type { ApiDefinition } from "./formats/definition.ts";
import { type ModeName, modeNames, nearestMode } from "./formats/spellings.ts";
import { argumentOf, builders, type ModeArguments } from "./modes.ts";

/** Which API of a configuration to serve, and what the configuration cannot hold. Also the options of `createAuth()`. */
export interface AmplifyOptions extends ModeArguments, AuthOptions {
  /** The API's name in the file; needed where there are several. */
  readonly api?: string;
  /** Modes that the API takes besides those in the file: files of clients before Gen 2 name the default alone. */
  readonly additionalModes?: readonly ModeName[];
}

/** What `createAuth` makes of all six modes: which ones there are is known only when the file is read. */
export type AmplifyAuth<O extends AuthOptions> = ReturnType<
  typeof createAuth<readonly AuthMode<Identity>[], O>
>;

const authOptions: Record<keyof AuthOptions, true> = {
  errorFormat: true,
  publicUrl: true,
  precedence: true,
  requires: true,
  revoked: true,
  reportOnly: true,
  preflight: true,
  policy: true,
  clock: true,
};
const optionNames = ["api", "additionalModes", ...Object.values(argumentOf), ...Object.keys(authOptions)];

/**
 * The modes of one API of an Amplify backend, as its configuration tells them, with the error format of its service
 * and, for AppSync, its precedence: an API key decides where other credentials come along.
 *
 * It reads `amplifyconfiguration.json` of iOS, Android and Flutter (`.dart` too), `aws-exports.js`, what
 * `Amplify.configure()` takes, `amplify_outputs.json`, `authorizationModes` of a CDK or Gen 2 backend, and what
 * `aws appsync get-graphql-api` prints; every spelling of a mode that AWS uses anywhere. Text is never executed.
 *
 * A mode of the file that lacks something is refused with the name of the argument; it is never left out in silence.
 * A REST API of Amplify JS has no mode in the file: its clients sign, so the mode is `iam`.
 * @param file the data, or the text or bytes of the file
 * @throws TypeError with what to write instead
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
  // The options that decide about the type are O's: the defaults are not among them.
  return auth as unknown as AmplifyAuth<O>;
}

/** The modes to serve. An argument for any other is a mistake, and throws. */
function modesOf(api: ApiDefinition, given: AmplifyOptions): readonly ModeName[] {
  const declared = new Set([...api.modes, ...(given.additionalModes ?? [])]);
  for (const mode of modeNames) {
    const argument = argumentOf[mode];
    must(
      declared.has(mode) || given[argument] === undefined || given[argument] === null,
      `fromAmplify(): '${argument}' is given, but '${api.name}' takes ${api.modes.join(", ")} by its configuration; ` +
        `leave it out, or write additionalModes: ['${mode}']`,
    );
  }
  const modes = [...declared].filter((mode) => given[argumentOf[mode]] !== null);
  must(modes.length > 0, `fromAmplify(): every mode of '${api.name}' is null: nobody could call it`);
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
