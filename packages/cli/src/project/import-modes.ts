import { type ApiDescription, argumentOf, describeApi, fromAmplify } from "@authmodes/amplify";
import { again, missing } from "../again.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { modeNames, type ModeName } from "../outgoing/source.ts";
import { defined } from "../values.ts";
import { findAccessKey, literal } from "./code.ts";
import {
  type ExampleName,
  examples,
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
  readonly guests?: "accept" | "reject";
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

/** Modes lack something that flags have to say. If a user can answer, they are asked instead. */
export class MissingFlags extends UsageError {
  readonly problems: readonly string[];
  readonly names: readonly ExampleName[];

  constructor(problems: readonly string[], names: readonly ExampleName[], io: Io) {
    super(`${problems.join("\n")}\nWrite\n  ${again(io, ...names.flatMap(flagWithExample))}`);
    this.problems = problems;
    this.names = names;
  }
}

/** Whether the written module fetches the authorizer's answers from a URL, instead of importing it. */
export function isUrl(authorizer: string): boolean {
  return /^https?:/.test(authorizer);
}

/** Finds out what the server of one API has to be given. */
export class Importer {
  readonly #file: unknown;
  readonly #options: ImportOptions;
  readonly #io: Io;
  /** What the file says about the API. */
  readonly api: ApiDescription;

  /**
   * @param file what `fromAmplify` reads
   * @throws UsageError if it cannot be read
   */
  constructor(path: string, file: unknown, options: ImportOptions, io: Io) {
    this.#file = file;
    this.#options = options;
    this.#io = io;
    this.api = reading(path, () => describeApi(file, options.api));
  }

  /** @throws UsageError that names the flags for all that is missing */
  async modes(): Promise<readonly ImportedMode[]> {
    const { also = [], without = [] } = this.#options;
    const declared = new Set([...this.api.modes, ...also]);
    if (declared.size === 0)
      throw missing(printable(this.api.question ?? ""), this.#io, "--also", "userPool");
    const modes: ImportedMode[] = [];
    const lacking: MissingFlags[] = [];
    for (const mode of modeNames.filter((name) => declared.has(name))) {
      if (without.includes(mode)) {
        if (!also.includes(mode)) modes.push({ mode, code: "null" });
        continue;
      }
      try {
        modes.push({ mode, code: await this.#argumentOf(mode) });
      } catch (error) {
        if (!(error instanceof MissingFlags)) throw error;
        lacking.push(error);
      }
    }
    if (lacking.length > 0) {
      const names = lacking.flatMap((error) => error.names);
      throw new MissingFlags(
        lacking.flatMap(({ problems }) => problems),
        names,
        this.#io,
      );
    }
    if (modes.some(({ code }) => code !== "null")) return modes;
    const more = again(this.#io, "--also", "apiKey");
    throw new UsageError(`No mode is left. Say which the server takes:\n  ${more}`);
  }

  /** What prevents serving this mode alone with the argument; undefined if nothing does. */
  async #problemWith(mode: ModeName, argument: unknown): Promise<string | undefined> {
    const { api, also: additionalModes } = this.#options;
    const noModes = Object.fromEntries(Object.values(argumentOf).map((name) => [name, null]));
    const options = { ...noModes, api, additionalModes, [argumentOf[mode]]: argument };
    try {
      await fromAmplify(this.#file, defined(options));
      return undefined;
    } catch (error) {
      if (error instanceof TypeError) return sentenceOf(error);
      throw error;
    }
  }

  /**
   * @param flags those that were not given, each with the part of the argument that it stands for
   * @throws UsageError that names the flags that are needed
   */
  async #check(mode: ModeName, argument: object | undefined, flags: Flags): Promise<void> {
    const problem = await this.#problemWith(mode, argument);
    if (problem === undefined) return;
    if ((await this.#problemWith(mode, filled(argument, flags))) !== undefined) throw new UsageError(problem);
    const needed: ExampleName[] = [];
    for (const name of exampleNames.filter((one) => flags[one] !== undefined)) {
      const others = filled(argument, { ...flags, [name]: undefined });
      if ((await this.#problemWith(mode, others)) !== undefined) needed.push(name);
    }
    throw new MissingFlags([problem], needed, this.#io);
  }

  /** @returns code */
  async #argumentOf(mode: ModeName): Promise<string | undefined> {
    const { authorizer, authorizerEvent: event } = this.#options;
    switch (mode) {
      case "apiKey":
        // A key that is no placeholder stays good; else the server has keys of its own.
        return (await this.#problemWith(mode, undefined)) === undefined ? undefined : "storedKeys";
      case "iam": {
        const { region, guests } = this.#options;
        const given = defined({ region, guests: guests === undefined ? undefined : guests === "accept" });
        const flags = this.#missing({ region: { region: examples.region }, guests: { guests: false } });
        await this.#check(mode, { credentials: () => undefined, ...given }, flags);
        const members = Object.entries(given).map(([name, value]) => `${name}: ${literal(value)}, `);
        return `{ ${members.join("")}credentials: ${findAccessKey} }`;
      }
      case "userPool": {
        const { userPoolId, clientId } = examples;
        const pool = userPoolOf(this.#options);
        const flags = this.#missing({ userPoolId: { userPoolId }, clientId: { clientId } });
        await this.#check(mode, pool, flags);
        return pool && literal(pool);
      }
      case "oidc": {
        const { oidcIssuer: issuer, oidcAudience: audience } = examples;
        const provider = issuerOf(this.#options);
        const ages = { maxTokenAge: { maxTokenAgeSeconds: 1 }, maxAuthAge: { maxAuthAgeSeconds: 1 } };
        const byClient = this.#missing({
          oidcIssuer: { issuer },
          oidcClientId: { clientId: examples.oidcClientId },
          ...ages,
        });
        const byAudience = this.#missing({ oidcIssuer: { issuer }, oidcAudience: { audience }, ...ages });
        const canBeAudience = (await this.#problemWith(mode, filled(provider, byAudience))) === undefined;
        await this.#check(mode, provider, canBeAudience ? byAudience : byClient);
        return provider && literal(provider);
      }
      case "lambda": {
        const deny = { authorizer: () => ({ isAuthorized: false }) };
        const flags = this.#missing({ authorizer: deny, authorizerEvent: { event: "token" } });
        const given = { ...(authorizer && deny), ...(event && { event }) };
        await this.#check(mode, Object.keys(given).length === 0 ? undefined : given, flags);
        const where = isUrl(authorizer ?? "") ? `authorizer: ${literal({ url: authorizer })}` : "authorizer";
        return `{ ${where}${event === undefined ? "" : `, event: ${literal(event)}`} }`;
      }
      case "none": {
        if (this.#options.allowNone === true) return "true";
        const problem = await this.#problemWith(mode, undefined);
        throw new MissingFlags([problem ?? ""], ["allowNone"], this.#io);
      }
    }
  }

  #missing(flags: Flags): Flags {
    return Object.fromEntries(
      Object.entries(flags).filter(([name]) => this.#options[name as ExampleName] === undefined),
    );
  }
}

function filled(argument: object | undefined, flags: Flags): object {
  return Object.assign({}, argument, ...Object.values(flags)) as object;
}

/** The part of a mode's argument that each flag stands for, with the value of its example. */
type Flags = Partial<Record<ExampleName, object>>;

const exampleNames = Object.keys(examples) as readonly ExampleName[];

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
