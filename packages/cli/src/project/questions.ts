import type { Asker } from "../ask.ts";
import { again } from "../again.ts";
import { type Io, UsageError } from "../io.ts";
import { modeNames, type ModeName } from "../outgoing/source.ts";
import type { Framework, Project } from "./framework.ts";
import { type OidcPlan, type Plan, readAccess, rulesOf, usualAccess } from "./plan.ts";

/** The flags of `init`: what they leave open is asked, or, with `--yes`, as usual. */
export interface InitOptions {
  readonly yes?: boolean;
  readonly modes?: readonly ModeName[];
  readonly userPoolId?: string;
  readonly clientId?: readonly string[];
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcAudience?: string;
  readonly maxTokenAge?: number;
  readonly maxAuthAge?: number;
  readonly apiKeyDays?: number;
  readonly region?: string;
  readonly model?: string;
  readonly access?: readonly string[];
  readonly framework?: Framework;
  readonly javascript?: boolean;
}

/** Asks, or takes what is usual. @throws UsageError with the command that would work */
export async function makePlan(options: InitOptions, project: Project, io: Io): Promise<Plan> {
  const answers = new Answers(options.yes === true ? undefined : askerOf(io), io);
  const modes = options.modes ?? (await answers.modes());
  const userPool = modes.includes("userPool") ? await answers.userPool(options) : undefined;
  const oidc = modes.includes("oidc") ? await answers.oidc(options) : undefined;
  const plan: Plan = {
    framework: options.framework ?? project.framework ?? "express",
    typescript: options.javascript !== true,
    modes,
    userPool,
    oidc,
    region: options.region ?? (modes.includes("iam") ? await answers.region() : "us-east-1"),
    apiKeyDays: options.apiKeyDays ?? (modes.includes("apiKey") ? await answers.days() : 7),
    model: options.model ?? "Note",
    access: options.access?.map(readAccess) ?? (await answers.access(modes)),
  };
  rulesOf(plan);
  return plan;
}

function askerOf(io: Io): Asker {
  if (io.ask !== undefined) return io.ask;
  throw new UsageError(
    `Nobody is here to be asked. Write\n  ${again(io, "--yes", "--modes", "apiKey", "iam")}`,
  );
}

const modeWords: Record<ModeName, string> = {
  apiKey: "API key",
  iam: "IAM: signed requests",
  userPool: "Amazon Cognito user pool",
  oidc: "OpenID Connect",
  lambda: "Lambda authorizer, or a function of yours",
  none: "none: callers without credentials",
};

/** The questions; without somebody to ask each has its usual answer, or names its flag. */
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

  async userPool({ userPoolId, clientId }: InitOptions): Promise<NonNullable<Plan["userPool"]>> {
    const pool = userPoolId ?? (await this.#text("User pool id", "--user-pool-id", "us-east-1_AbCdEfGhI"));
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d+_[A-Za-z0-9]+$/.test(pool)) {
      throw new UsageError("A user pool id is a region and a name, such as us-east-1_AbCdEfGhI");
    }
    const client = clientId ?? [
      await this.#text("App client id", "--client-id", "1h57kf5cpq17m0eml12EXAMPLE"),
    ];
    return { userPoolId: pool, clientId: client };
  }

  async oidc(options: InitOptions): Promise<OidcPlan> {
    const { oidcIssuer, oidcClientId, oidcAudience, maxTokenAge, maxAuthAge } = options;
    const issuer =
      oidcIssuer ??
      (await this.#text("OpenID Connect provider domain", "--oidc-issuer", "https://id.example.com"));
    const audience = oidcAudience;
    const clientId =
      oidcClientId ??
      (audience === undefined ? await this.#text("Client id", "--oidc-client-id", "my-client") : undefined);
    const tokenAge =
      maxTokenAge ?? (await this.#seconds("Issued at TTL: how old a token may be, in seconds"));
    const authAge =
      maxAuthAge ?? (await this.#seconds("Auth time TTL: how long ago the sign-in may be, in seconds"));
    return {
      issuer,
      ...(audience !== undefined && { audience }),
      ...(clientId !== undefined && { clientId }),
      ...(tokenAge !== undefined && { maxTokenAgeSeconds: tokenAge }),
      ...(authAge !== undefined && { maxAuthAgeSeconds: authAge }),
    };
  }

  async region(): Promise<string> {
    return (
      (await this.#ask?.input({ message: "Region that clients sign for", default: "us-east-1" })) ??
      "us-east-1"
    );
  }

  async days(): Promise<number> {
    const validate = (text: string) => isDays(text) || "A number of days from 1 to 365";
    const text = await this.#ask?.input({
      message: "After how many days the API key ends",
      default: "7",
      validate,
    });
    return Number(text ?? 7);
  }

  async access(modes: readonly ModeName[]): Promise<Plan["access"]> {
    const usual = usualAccess(modes);
    if (this.#ask === undefined || usual.length === 0) return usual;
    const hasTokens = modes.includes("userPool") || modes.includes("oidc");
    const choices = [
      ...(hasTokens ? [{ value: "owner", name: "owners: each their own records", checked: true }] : []),
      ...(hasTokens ? [{ value: "private:read", name: "all who are signed in may read" }] : []),
      ...(modes.includes("apiKey")
        ? [{ value: "public:read", name: "anyone with the API key may read", checked: true }]
        : []),
      ...(modes.includes("lambda")
        ? [{ value: "custom:read", name: "whom the authorizer lets in may read", checked: true }]
        : []),
    ];
    const chosen = await this.#ask.checkbox({ message: "Who should have access?", choices });
    return chosen.map(readAccess);
  }

  async #text(message: string, flag: string, example: string): Promise<string> {
    if (this.#ask === undefined)
      throw new UsageError(`${message} is missing. Write\n  ${again(this.#io, flag, example)}`);
    const validate = (text: string) => text.trim() !== "" || `Such as ${example}`;
    return (await this.#ask.input({ message: `${message}:`, validate })).trim();
  }

  async #seconds(message: string): Promise<number | undefined> {
    const validate = (text: string) => /^\d*$/.test(text) || "A number of seconds, or nothing for any age";
    const text =
      (await this.#ask?.input({ message: `${message} (empty for any):`, default: "", validate })) ?? "";
    return text === "" ? undefined : Number(text);
  }
}

function isDays(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 365;
}
