import { apiModes, apiNames, argumentOf, fromAmplify } from "@authmodes/amplify";
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

/** Finds out what the server of one API has to be given. */
export class Importer {
  readonly #path: string;
  readonly #file: unknown;
  readonly #options: ImportOptions;
  readonly #io: Io;

  /** @param file what `fromAmplify` reads */
  constructor(path: string, file: unknown, options: ImportOptions, io: Io) {
    this.#path = path;
    this.#file = file;
    this.#options = options;
    this.#io = io;
  }

  /** @throws UsageError that names the flags for what is missing */
  async modes(): Promise<readonly ImportedMode[]> {
    const { also = [], without = [] } = this.#options;
    const declared = reading(this.#path, () => this.#declaredModes());
    const modes: ImportedMode[] = [];
    for (const mode of modeNames.filter((name) => declared.has(name))) {
      if (!without.includes(mode)) modes.push({ mode, code: await this.#argumentOf(mode) });
      else if (!also.includes(mode)) modes.push({ mode, code: "null" });
    }
    if (modes.some(({ code }) => code !== "null")) return modes;
    const more = again(this.#io, "--also", "apiKey");
    throw new UsageError(`No mode is left. Say which the server takes:\n  ${more}`);
  }

  #declaredModes(): ReadonlySet<ModeName> {
    const { api, also = [] } = this.#options;
    const names = apiNames(this.#file);
    if (api === undefined && names.length > 1) {
      const more = again(this.#io, "--api", names[0] ?? "");
      throw new UsageError(
        `The configuration has several APIs: ${names.map(printable).join(", ")}. Write\n  ${more}`,
      );
    }
    return new Set([...apiModes(this.#file, api), ...also]);
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

  async #check(mode: ModeName, argument: unknown, ...flags: readonly ExampleName[]): Promise<void> {
    const problem = await this.#problemWith(mode, argument);
    if (problem !== undefined) throw new MissingFlags(problem, flags, this.#io);
  }

  /** @returns code */
  async #argumentOf(mode: ModeName): Promise<string | undefined> {
    const { region, oidcClientId, authorizer, authorizerEvent: event, allowNone } = this.#options;
    switch (mode) {
      case "apiKey":
        // A key that is no placeholder stays good; else the server has keys of its own.
        return (await this.#problemWith(mode, undefined)) === undefined ? undefined : "storedKeys";
      case "iam":
        await this.#check(mode, { credentials: () => undefined, ...defined({ region }) }, "region");
        return `{ ${region === undefined ? "" : `region: ${literal(region)}, `}credentials: ${findAccessKey} }`;
      case "userPool": {
        const pool = userPoolOf(this.#options);
        await this.#check(mode, pool, ...this.#missing("userPoolId", "clientId"));
        return pool && literal(pool);
      }
      case "oidc": {
        const issuer = issuerOf(this.#options);
        const problem = await this.#problemWith(mode, issuer);
        const age = (["maxTokenAge", "maxAuthAge"] as const).find((name) =>
          problem?.includes(`${name}Seconds`),
        );
        const audience = oidcClientId === undefined ? this.#missing("oidcAudience") : [];
        await this.#check(
          mode,
          issuer,
          ...(age === undefined ? [...this.#missing("oidcIssuer"), ...audience] : [age]),
        );
        return issuer && literal(issuer);
      }
      case "lambda": {
        if (authorizer === undefined) await this.#check(mode, undefined, "authorizer");
        const deny = () => ({ isAuthorized: false });
        await this.#check(mode, { authorizer: deny, ...defined({ event }) }, "authorizerEvent");
        const where = isUrl(authorizer ?? "") ? `authorizer: ${literal({ url: authorizer })}` : "authorizer";
        return `{ ${where}${event === undefined ? "" : `, event: ${literal(event)}`} }`;
      }
      case "none":
        await this.#check(mode, allowNone === true ? true : undefined, "allowNone");
        return "true";
    }
  }

  #missing(...names: readonly (ExampleName & keyof ImportOptions)[]): readonly ExampleName[] {
    return names.filter((name) => this.#options[name] === undefined);
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
