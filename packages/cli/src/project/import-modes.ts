import { type AmplifyOptions, apiModes, apiNames, fromAmplify } from "@authmodes/amplify";
import { again } from "../again.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { modeNames, type ModeName } from "../outgoing/source.ts";
import { defined } from "../values.ts";
import { findAccessKey, literal } from "./code.ts";
import {
  type ExampleName,
  flagWithExample,
  issuerOf,
  type ProviderOptions,
  userPoolOf,
} from "./provider-options.ts";

/** The flags of `import` for what a file cannot hold. */
export interface ImportOptions extends ProviderOptions {
  readonly api?: string;
  readonly also?: readonly ModeName[];
  readonly without?: readonly ModeName[];
  readonly region?: string;
  readonly authorizer?: string;
  readonly authorizerEvent?: "token" | "request";
  readonly allowNone?: boolean;
}

/** A mode of the file, and the argument of `fromAmplify` for it. */
export interface ImportedMode {
  readonly mode: ModeName;
  /** In code: undefined if the file holds everything, `null` if the mode is left out. */
  readonly code: string | undefined;
}

/** The argument of `fromAmplify` for each mode. */
export const argumentNames: Record<ModeName, keyof AmplifyOptions> = {
  apiKey: "apiKeys",
  iam: "iam",
  userPool: "userPool",
  oidc: "oidc",
  lambda: "lambda",
  none: "none",
};

/** A mode lacks something that flags have to say. If a user can answer, they are asked instead. */
export class MissingFlags extends UsageError {
  readonly names: readonly ExampleName[];

  constructor(problem: string, names: readonly ExampleName[], io: Io) {
    super(`${problem}\nWrite\n  ${again(io, ...names.flatMap(flagWithExample))}`);
    this.names = names;
  }
}

/** Whether the written module fetches the authorizer's answers from a URL, instead of importing it. */
export function isUrl(authorizer: string): boolean {
  return /^https?:/.test(authorizer);
}

/**
 * The modes that the server of one API gets.
 * @throws UsageError that names the flags for what is missing
 */
export async function importedModes(
  path: string,
  file: unknown,
  options: ImportOptions,
  io: Io,
): Promise<readonly ImportedMode[]> {
  const { api, also = [], without = [] } = options;
  const names = reading(path, () => apiNames(file));
  if (api === undefined && names.length > 1) {
    throw new UsageError(
      `The configuration has several APIs: ${names.map(printable).join(", ")}. Write\n  ${again(io, "--api", names[0] ?? "")}`,
    );
  }
  const declared = new Set([...reading(path, () => apiModes(file, api)), ...also]);
  const modes: ImportedMode[] = [];
  for (const mode of modeNames.filter((name) => declared.has(name))) {
    if (!without.includes(mode)) modes.push({ mode, code: await argumentOf(mode, file, options, io) });
    else if (!also.includes(mode)) modes.push({ mode, code: "null" });
  }
  if (modes.every(({ code }) => code === "null")) {
    throw new UsageError(`No mode is left. Say which the server takes:\n  ${again(io, "--also", "apiKey")}`);
  }
  return modes;
}

/** What prevents serving this mode alone with the argument; undefined if nothing does. */
async function problemWith(
  mode: ModeName,
  argument: unknown,
  file: unknown,
  { api, also }: ImportOptions,
): Promise<string | undefined> {
  const others = Object.values(argumentNames).map((name) => [name, null]);
  const options = {
    ...Object.fromEntries(others),
    api,
    additionalModes: also,
    [argumentNames[mode]]: argument,
  };
  try {
    await fromAmplify(file, defined(options));
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return sentenceOf(error);
    throw error;
  }
}

/** @returns code */
async function argumentOf(
  mode: ModeName,
  file: unknown,
  options: ImportOptions,
  io: Io,
): Promise<string | undefined> {
  const problem = (argument: unknown) => problemWith(mode, argument, file, options);
  const check = async (argument: unknown, ...flags: readonly ExampleName[]): Promise<void> => {
    const found = await problem(argument);
    if (found !== undefined) throw new MissingFlags(found, flags, io);
  };
  const missing = <const Name extends ExampleName & keyof ImportOptions>(...names: readonly Name[]) =>
    names.filter((name) => options[name] === undefined);
  switch (mode) {
    case "apiKey":
      // A key that is no placeholder stays good; else the server has keys of its own.
      return (await problem(undefined)) === undefined ? undefined : "storedKeys";
    case "iam": {
      const { region } = options;
      await check({ credentials: () => undefined, ...defined({ region }) }, "region");
      return `{ ${region === undefined ? "" : `region: ${literal(region)}, `}credentials: ${findAccessKey} }`;
    }
    case "userPool": {
      const pool = userPoolOf(options);
      await check(pool, ...missing("userPoolId", "clientId"));
      return pool === undefined ? undefined : literal(pool);
    }
    case "oidc": {
      const issuer = issuerOf(options);
      const found = await problem(issuer);
      const age = (["maxTokenAge", "maxAuthAge"] as const).find((name) => found?.includes(`${name}Seconds`));
      const needsAudience = options.oidcClientId === undefined;
      const flags = [...missing("oidcIssuer"), ...(needsAudience ? missing("oidcAudience") : [])];
      await check(issuer, ...(age === undefined ? flags : [age]));
      return issuer === undefined ? undefined : literal(issuer);
    }
    case "lambda": {
      const { authorizer, authorizerEvent: event } = options;
      if (authorizer === undefined) await check(undefined, "authorizer");
      await check({ authorizer: () => ({ isAuthorized: false }), ...defined({ event }) }, "authorizerEvent");
      const where = isUrl(authorizer ?? "") ? `authorizer: ${literal({ url: authorizer })}` : "authorizer";
      return `{ ${where}${event === undefined ? "" : `, event: ${literal(event)}`} }`;
    }
    case "none":
      await check(options.allowNone === true ? true : undefined, "allowNone");
      return "true";
  }
}

/** @throws UsageError that names the file */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${printable(path)}: ${sentenceOf(error)}`);
  }
}

/** What an error of `fromAmplify` says, for a user who does not call it. */
function sentenceOf(error: TypeError): string {
  return printable(error.message.replace(/^fromAmplify\(\):? ?/, ""));
}
