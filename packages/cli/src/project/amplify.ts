import { type AmplifyOptions, fromAmplify } from "@authmodes/amplify";
import { again } from "../again.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { modeNames, type ModeName } from "../outgoing/source.ts";

/** The flags of `import` that say what a file cannot hold. */
export interface ImportOptions {
  readonly api?: string;
  readonly also?: readonly ModeName[];
  readonly without?: readonly ModeName[];
  readonly region?: string;
  readonly userPoolId?: string;
  readonly clientId?: readonly string[];
  readonly oidcIssuer?: string;
  readonly oidcAudience?: string;
  readonly oidcClientId?: string;
  readonly maxTokenAge?: number;
  readonly maxAuthAge?: number;
  readonly authorizer?: string;
  readonly authorizerEvent?: "token" | "request";
  readonly allowNone?: boolean;
}

/** A mode of the server that comes out, and the argument of `fromAmplify` for it. */
export interface ImportedMode {
  readonly mode: ModeName;
  /** undefined where the file says it all; null where the mode is left out. */
  readonly argument: Argument | undefined;
}

type Argument =
  | { readonly kind: "data"; readonly value: unknown }
  | { readonly kind: "storedKeys" }
  | { readonly kind: "accessKeys"; readonly region: string | undefined }
  | { readonly kind: "authorizer"; readonly from: string; readonly event: string | undefined };

/** The argument of `fromAmplify` for each mode. */
export const argumentNames: Record<ModeName, keyof AmplifyOptions> = {
  apiKey: "apiKeys",
  iam: "iam",
  userPool: "userPool",
  oidc: "oidc",
  lambda: "lambda",
  none: "none",
};

const nothing: AmplifyOptions = {
  apiKeys: null,
  iam: null,
  userPool: null,
  oidc: null,
  lambda: null,
  none: null,
};
/** What `fromAmplify` says where it understood the file, and every mode of it is left out. */
const understood = /: every mode of '(.*)' is null: nobody could call it$/s;

/** What flags have to say. Where somebody can answer, they are asked instead. */
export class MissingFlags extends UsageError {
  /** With values such as there could be. */
  readonly flags: readonly (readonly [flag: string, example: string | undefined])[];

  constructor(problem: string, words: readonly string[], io: Io) {
    super(`${problem}\nWrite\n  ${again(io, ...words)}`);
    this.flags = words.flatMap((word, index) =>
      word.startsWith("--") ? [[word, words[index + 1]] as const] : [],
    );
  }
}

/**
 * What one API of a file serves, found out by `fromAmplify` itself, a mode at a time.
 * @throws UsageError that names the flags for what is missing
 */
export async function importedModes(
  file: unknown,
  options: ImportOptions,
  io: Io,
): Promise<readonly ImportedMode[]> {
  const { also = [], without = [] } = options;
  await checkFile(file, options, io);
  const modes: ImportedMode[] = [];
  for (const mode of modeNames) {
    if (!(await takes(file, options, mode))) continue;
    if (without.includes(mode)) {
      if (!also.includes(mode)) modes.push({ mode, argument: { kind: "data", value: null } });
    } else modes.push({ mode, argument: await argumentFor(mode, file, options, io) });
  }
  if (modes.every(({ argument }) => argument?.kind === "data" && argument.value === null)) {
    throw new UsageError(`No mode is left. Say which the server takes:\n  ${again(io, "--also", "apiKey")}`);
  }
  return modes;
}

async function checkFile(file: unknown, options: ImportOptions, io: Io): Promise<void> {
  const problem = await trouble(file, options);
  if (problem === undefined || understood.test(problem)) return;
  const [, first] = /several APIs; name one: api: '(.*?)'(?: or |$)/s.exec(problem) ?? [];
  const more = first === undefined ? "" : `\nWrite\n  ${again(io, "--api", first)}`;
  throw new UsageError(`${sentence(problem)}${more}`);
}

/** What stands in the way of serving this mode alone, or none; undefined where nothing does. */
async function trouble(
  file: unknown,
  { api, also }: ImportOptions,
  mode?: ModeName,
  argument?: unknown,
): Promise<string | undefined> {
  const options: Record<string, unknown> = { ...nothing, api, additionalModes: also };
  if (mode !== undefined) options[argumentNames[mode]] = argument;
  // What is undefined is to be as if it were not there.
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  try {
    await fromAmplify(file, Object.fromEntries(given));
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

/** undefined asks for what the file says; a mode that the file does not have is then left out like the others. */
async function takes(file: unknown, options: ImportOptions, mode: ModeName): Promise<boolean> {
  const problem = await trouble(file, options, mode);
  return problem === undefined || !understood.test(problem);
}

async function argumentFor(
  mode: ModeName,
  file: unknown,
  options: ImportOptions,
  io: Io,
): Promise<Argument | undefined> {
  const complete = async (value: unknown, flags: readonly string[]): Promise<void> => {
    const problem = await trouble(file, options, mode, value);
    if (problem !== undefined) throw new MissingFlags(sentence(problem), flags, io);
  };
  const { region, authorizer, authorizerEvent: event } = options;
  switch (mode) {
    case "apiKey":
      // A key that is no placeholder stays good; else the server has keys of its own.
      return (await trouble(file, options, mode)) === undefined ? undefined : { kind: "storedKeys" };
    case "iam":
      await complete({ credentials: () => undefined, ...(region !== undefined && { region }) }, [
        "--region",
        "us-east-1",
      ]);
      return { kind: "accessKeys", region };
    case "userPool": {
      const pool = poolOf(options);
      await complete(pool, poolFlags(options));
      return pool === undefined ? undefined : { kind: "data", value: pool };
    }
    case "oidc": {
      const issuer = issuerOf(options);
      await complete(issuer, issuerFlags(options, await trouble(file, options, mode, issuer)));
      return issuer === undefined ? undefined : { kind: "data", value: issuer };
    }
    case "lambda": {
      const given =
        authorizer === undefined ? undefined : { authorizer: () => ({ isAuthorized: false }), event };
      const flags =
        authorizer === undefined ? ["--authorizer", "./authorizer.ts"] : ["--authorizer-event", "token"];
      await complete(
        given === undefined || event !== undefined ? given : { authorizer: given.authorizer },
        flags,
      );
      return { kind: "authorizer", from: authorizer ?? "", event };
    }
    case "none":
      await complete(options.allowNone === true ? true : undefined, ["--allow-none"]);
      return { kind: "data", value: true };
  }
}

function poolOf({ userPoolId, clientId }: ImportOptions): object | undefined {
  if (userPoolId === undefined && clientId === undefined) return undefined;
  return {
    ...(userPoolId !== undefined && { userPoolId }),
    ...(clientId !== undefined && { clientId: clientId.length === 1 ? clientId[0] : clientId }),
  };
}

function poolFlags({ userPoolId, clientId }: ImportOptions): readonly string[] {
  return [
    ...(userPoolId === undefined ? ["--user-pool-id", "us-east-1_AbCdEfGhI"] : []),
    ...(clientId === undefined ? ["--client-id", "1h57kf5cpq17m0eml12EXAMPLE"] : []),
  ];
}

function issuerOf(options: ImportOptions): object | undefined {
  const { oidcIssuer, oidcAudience, oidcClientId, maxTokenAge, maxAuthAge } = options;
  const given = {
    ...(maxTokenAge !== undefined && { maxTokenAgeSeconds: maxTokenAge }),
    ...(maxAuthAge !== undefined && { maxAuthAgeSeconds: maxAuthAge }),
    ...(oidcIssuer !== undefined && { issuer: oidcIssuer }),
    ...(oidcAudience !== undefined && { audience: oidcAudience }),
    ...(oidcClientId !== undefined && { clientId: oidcClientId }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
}

function issuerFlags(
  { oidcIssuer, oidcAudience, oidcClientId }: ImportOptions,
  problem: string | undefined,
): readonly string[] {
  if (problem?.includes("maxTokenAgeSeconds") === true) return ["--max-token-age", "3600"];
  if (problem?.includes("maxAuthAgeSeconds") === true) return ["--max-auth-age", "86400"];
  return [
    ...(oidcIssuer === undefined ? ["--oidc-issuer", "https://id.example.com"] : []),
    ...(oidcAudience === undefined && oidcClientId === undefined ? ["--oidc-audience", "my-api"] : []),
  ];
}

/** Its own name means nothing to whoever wrote `import`. */
function sentence(problem: string): string {
  return printable(problem.replace(/^fromAmplify\(\):? ?/, ""));
}
