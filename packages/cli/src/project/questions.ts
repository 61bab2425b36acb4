import { flagOf, missing } from "../again.ts";
import type { FrameworkName } from "../frameworks/frameworks.ts";
import { type Io, UsageError } from "../io.ts";
import { modeNames, type ModeName } from "../outgoing/source.ts";
import { defined } from "../values.ts";
import { isWhole } from "../whole-number.ts";
import { accessChoicesOf, readAccess, rulesOf } from "./rule-templates.ts";
import type { Plan } from "./plan.ts";
import { type ExampleName, examples, flagWithExample, type ProviderOptions } from "./provider-options.ts";
import type { Project } from "./project.ts";

/** The options of `init`. Anything missing is asked for, or with `--yes` has a default. */
export interface InitOptions extends ProviderOptions {
  readonly yes?: boolean;
  readonly modes?: readonly ModeName[];
  readonly apiKeyDays?: number;
  readonly region?: string;
  readonly model?: string;
  readonly access?: readonly string[];
  readonly framework?: FrameworkName;
  readonly javascript?: boolean;
}

/** The options that say something about one mode. */
const optionsOf: Readonly<Record<ModeName, readonly (keyof InitOptions)[]>> = {
  apiKey: ["apiKeyDays"],
  iam: ["region"],
  userPool: ["userPoolId", "clientId"],
  oidc: ["oidcIssuer", "oidcAudience", "oidcClientId", "maxTokenAge", "maxAuthAge"],
  lambda: [],
  none: [],
};

/** Asks, or takes the defaults. @throws UsageError with the command that would work */
export async function makePlan(options: InitOptions, project: Project, given: Io): Promise<Plan> {
  if (options.yes !== true && given.ask === undefined) {
    throw missing("Without a terminal, no question can be asked", given, "--yes", "--modes", "apiKey", "iam");
  }
  // Without a user to ask, each question has a default answer, or throws an error that names its option.
  const io = options.yes === true ? { ...given, ask: undefined } : given;
  const modes = options.modes ?? (await askModes(io));
  for (const mode of modeNames.filter((name) => !modes.includes(name))) {
    const idle = optionsOf[mode].find((name) => options[name] !== undefined);
    if (idle === undefined) continue;
    throw new UsageError(`${flagOf(idle)} is for the mode ${mode}; add that to --modes, or leave it out`);
  }
  const providers = {
    ...options,
    ...(modes.includes("userPool") && (await askUserPool(options, io))),
    ...(modes.includes("oidc") && (await askProvider(options, io))),
  };
  const plan: Plan = {
    project,
    framework: options.framework ?? project.framework ?? "express",
    extension: options.javascript === true ? "js" : "ts",
    modes,
    providers,
    region: options.region ?? (modes.includes("iam") ? await askRegion(io) : examples.region),
    apiKeyDays: options.apiKeyDays ?? (modes.includes("apiKey") ? await askDays(io) : 30),
    model: options.model ?? "Note",
    access: (options.access ?? (await askAccess(modes, io))).map(readAccess),
  };
  rulesOf(plan);
  return plan;
}

const modeWords: Record<ModeName, string> = {
  apiKey: "API key",
  iam: "IAM: signed requests",
  userPool: "Amazon Cognito user pool",
  oidc: "OpenID Connect",
  lambda: "Lambda authorizer, or a function of yours",
  none: "none: callers without credentials",
};

async function askModes({ ask }: Io): Promise<readonly ModeName[]> {
  if (ask === undefined) return ["apiKey", "iam"];
  const choices = modeNames.map((value) => ({ value, name: modeWords[value], checked: value === "apiKey" }));
  return ask.checkbox({ message: "Choose the authorization modes of the API", choices });
}

async function askUserPool({ userPoolId, clientId }: ProviderOptions, io: Io): Promise<ProviderOptions> {
  const pool = userPoolId ?? (await askText("User pool id", "userPoolId", io));
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d+_[A-Za-z0-9]+$/.test(pool)) {
    throw new UsageError(`A user pool id is a region and a name, such as ${examples.userPoolId}`);
  }
  return { userPoolId: pool, clientId: clientId ?? [await askText("App client id", "clientId", io)] };
}

async function askProvider(options: ProviderOptions, io: Io): Promise<ProviderOptions> {
  const { oidcIssuer, oidcAudience, oidcClientId, maxTokenAge, maxAuthAge } = options;
  const needsClient = oidcClientId === undefined && oidcAudience === undefined;
  return {
    oidcIssuer: oidcIssuer ?? (await askText("OpenID Connect provider domain", "oidcIssuer", io)),
    ...(needsClient && { oidcClientId: await askText("Client id", "oidcClientId", io) }),
    ...defined({
      maxTokenAge: maxTokenAge ?? (await askSeconds("Issued at TTL: how old a token may be", io)),
      maxAuthAge: maxAuthAge ?? (await askSeconds("Auth time TTL: how long ago the sign-in may be", io)),
    }),
  };
}

function askRegion(io: Io): Promise<string> {
  return askDefault("Region that clients sign for", examples.region, io);
}

async function askDays(io: Io): Promise<number> {
  const validate = (text: string) => isWhole(text, 1, 365) || "A number of days from 1 to 365";
  return Number(await askDefault("After how many days the API key expires", "30", io, validate));
}

async function askAccess(modes: readonly ModeName[], { ask }: Io): Promise<readonly string[]> {
  const choices = accessChoicesOf(modes);
  if (ask === undefined || choices.length === 0) {
    return choices.filter(({ checked }) => checked).map(({ value }) => value);
  }
  return ask.checkbox({ message: "Who should have access?", choices });
}

async function askText(message: string, name: ExampleName, io: Io): Promise<string> {
  if (io.ask === undefined) throw missing(`${message} is missing`, io, ...flagWithExample(name));
  const validate = (text: string) => text.trim() !== "" || `Such as ${examples[name]}`;
  return (await io.ask.input({ message: `${message}:`, validate })).trim();
}

async function askSeconds(message: string, io: Io): Promise<number | undefined> {
  const validate = (text: string) => /^\d*$/.test(text) || "A number of seconds, or nothing for any age";
  const text = await askDefault(`${message}, in seconds (empty for any):`, "", io, validate);
  return text === "" ? undefined : Number(text);
}

async function askDefault(
  message: string,
  answer: string,
  { ask }: Io,
  validate = (_text: string): true | string => true,
): Promise<string> {
  return (await ask?.input({ message, default: answer, validate })) ?? answer;
}
