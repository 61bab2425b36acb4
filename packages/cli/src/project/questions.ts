import type { Asker } from "../ask.ts";
import { missing } from "../again.ts";
import type { FrameworkName } from "../frameworks/frameworks.ts";
import { type Io, UsageError } from "../io.ts";
import { modeNames, type ModeName } from "../outgoing/source.ts";
import { defined } from "../values.ts";
import { isWhole } from "../whole-number.ts";
import { accessChoicesOf, readAccess, rulesOf } from "./access.ts";
import type { Plan } from "./plan.ts";
import {
  type ExampleName,
  examples,
  flagOf,
  flagWithExample,
  type ProviderOptions,
} from "./provider-options.ts";
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
export async function makePlan(options: InitOptions, project: Project, io: Io): Promise<Plan> {
  const answers = new Answers(options.yes === true ? undefined : askerOf(io), io);
  const modes = options.modes ?? (await answers.modes());
  for (const mode of modeNames.filter((name) => !modes.includes(name))) {
    const idle = optionsOf[mode].find((name) => options[name] !== undefined);
    if (idle === undefined) continue;
    throw new UsageError(`${flagOf(idle)} is for the mode ${mode}; add that to --modes, or leave it out`);
  }
  const providers = {
    ...options,
    ...(modes.includes("userPool") && (await answers.userPool(options))),
    ...(modes.includes("oidc") && (await answers.oidc(options))),
  };
  const plan: Plan = {
    project,
    framework: options.framework ?? project.framework ?? "express",
    extension: options.javascript === true ? "js" : "ts",
    modes,
    providers,
    region: options.region ?? (modes.includes("iam") ? await answers.region() : examples.region),
    apiKeyDays: options.apiKeyDays ?? (modes.includes("apiKey") ? await answers.days() : 30),
    model: options.model ?? "Note",
    access: (options.access ?? (await answers.access(modes))).map(readAccess),
  };
  rulesOf(plan);
  return plan;
}

function askerOf(io: Io): Asker {
  if (io.ask !== undefined) return io.ask;
  throw missing("Without a terminal, no question can be asked", io, "--yes", "--modes", "apiKey", "iam");
}

const modeWords: Record<ModeName, string> = {
  apiKey: "API key",
  iam: "IAM: signed requests",
  userPool: "Amazon Cognito user pool",
  oidc: "OpenID Connect",
  lambda: "Lambda authorizer, or a function of yours",
  none: "none: callers without credentials",
};

/** Asks the questions. With `--yes` each has a default answer, or throws an error that names its option. */
class Answers {
  readonly #ask: Asker | undefined;
  readonly #io: Io;

  constructor(ask: Asker | undefined, io: Io) {
    this.#ask = ask;
    this.#io = io;
  }

  async modes(): Promise<readonly ModeName[]> {
    if (this.#ask === undefined) return ["apiKey", "iam"];
    const choices = modeNames.map((value) => ({
      value,
      name: modeWords[value],
      checked: value === "apiKey",
    }));
    return this.#ask.checkbox({ message: "Choose the authorization modes of the API", choices });
  }

  async userPool({ userPoolId, clientId }: ProviderOptions): Promise<ProviderOptions> {
    const pool = userPoolId ?? (await this.#text("User pool id", "userPoolId"));
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d+_[A-Za-z0-9]+$/.test(pool)) {
      throw new UsageError(`A user pool id is a region and a name, such as ${examples.userPoolId}`);
    }
    return { userPoolId: pool, clientId: clientId ?? [await this.#text("App client id", "clientId")] };
  }

  async oidc(options: ProviderOptions): Promise<ProviderOptions> {
    const { oidcIssuer, oidcAudience, oidcClientId, maxTokenAge, maxAuthAge } = options;
    const needsClient = oidcClientId === undefined && oidcAudience === undefined;
    return {
      oidcIssuer: oidcIssuer ?? (await this.#text("OpenID Connect provider domain", "oidcIssuer")),
      ...(needsClient && { oidcClientId: await this.#text("Client id", "oidcClientId") }),
      ...defined({
        maxTokenAge: maxTokenAge ?? (await this.#seconds("Issued at TTL: how old a token may be")),
        maxAuthAge: maxAuthAge ?? (await this.#seconds("Auth time TTL: how long ago the sign-in may be")),
      }),
    };
  }

  region(): Promise<string> {
    return this.#default("Region that clients sign for", examples.region);
  }

  async days(): Promise<number> {
    const validate = (text: string) => isWhole(text, 1, 365) || "A number of days from 1 to 365";
    return Number(await this.#default("After how many days the API key expires", "30", validate));
  }

  async access(modes: readonly ModeName[]): Promise<readonly string[]> {
    const choices = accessChoicesOf(modes);
    if (this.#ask === undefined || choices.length === 0) {
      return choices.filter(({ checked }) => checked).map(({ value }) => value);
    }
    return this.#ask.checkbox({ message: "Who should have access?", choices });
  }

  async #text(message: string, name: ExampleName): Promise<string> {
    if (this.#ask === undefined) throw missing(`${message} is missing`, this.#io, ...flagWithExample(name));
    const validate = (text: string) => text.trim() !== "" || `Such as ${examples[name]}`;
    return (await this.#ask.input({ message: `${message}:`, validate })).trim();
  }

  async #seconds(message: string): Promise<number | undefined> {
    const validate = (text: string) => /^\d*$/.test(text) || "A number of seconds, or nothing for any age";
    const text = await this.#default(`${message}, in seconds (empty for any):`, "", validate);
    return text === "" ? undefined : Number(text);
  }

  async #default(
    message: string,
    answer: string,
    validate = (_text: string): true | string => true,
  ): Promise<string> {
    return (await this.#ask?.input({ message, default: answer, validate })) ?? answer;
  }
}
