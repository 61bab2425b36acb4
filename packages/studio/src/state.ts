import { isDeepStrictEqual } from "node:util";
import type { IdentityBase } from "@authmodes/core";
import { policyOf } from "@authmodes/core/inspect";
import { checkBoot, type Finding, type Policy, type PolicyOptions } from "@authmodes/rules";
import { analyser } from "./analyse.ts";
import type { Force, SchemaFile, State } from "./api.ts";
import type { Settings } from "./options.ts";
import { credentialHeaders } from "./prove.ts";
import type { SchemaStore } from "./schema-file.ts";

const noOptions: PolicyOptions = {};

/** How long a server that reloads its rules may take, in milliseconds. */
const reloadTime = 4000;

/** The server as the page shows it. */
export class ServerState {
  readonly #settings: Settings;
  readonly #store: SchemaStore;
  readonly #analyse = analyser();
  #compared: { readonly file: unknown; readonly running: unknown; readonly stale: boolean } | undefined;

  constructor(settings: Settings, store: SchemaStore) {
    this.#settings = settings;
    this.#store = store;
  }

  async read(caller: IdentityBase | undefined): Promise<State> {
    const { auth, policy, write } = this.#settings;
    const file = await this.#store.read();
    const force = await this.force(file);
    return {
      file,
      write,
      modes: auth.describe(),
      credentialHeaders: credentialHeaders(auth),
      running: policy && force ? { options: policy.options, providers: policy.providers, ...force } : null,
      hasOwnPolicy: policy === undefined && policyOf(auth) !== undefined,
      findings: policy === undefined ? [] : findingsOf(this.#settings, policy),
      caller: caller === undefined ? null : `${caller.id ?? caller.mode} (${caller.mode})`,
      now: Date.now(),
    };
  }

  /** Whether the server decides by the file; undefined if it has no rules. */
  async force({ text }: SchemaFile): Promise<Force | undefined> {
    const { policy } = this.#settings;
    if (policy === undefined) return undefined;
    const stale = this.#isStale(text, policy);
    const age = Date.now() - (await this.#store.changedAt());
    return { stale, needsRestart: stale && age > reloadTime };
  }

  /** Asked every second while a page is open. */
  #isStale(text: string, { schema: running, options }: Policy): boolean {
    const { schema: file } = this.#analyse(text, options);
    if (this.#compared?.file !== file || this.#compared?.running !== running) {
      this.#compared = { file, running, stale: !isDeepStrictEqual(plain(file), plain(running)) };
    }
    return this.#compared.stale;
  }

  /** What keeps a text from being the server's rules: each with its place. */
  flawsOf(text: string): readonly Finding[] {
    return this.#analyse(text, this.#settings.policy?.options ?? noOptions).errors;
  }
}

/** As JSON, in which the rules of a builder and those of a file look alike. */
function plain(schema: Policy["schema"] | undefined): unknown {
  return schema && JSON.parse(JSON.stringify(schema));
}

function findingsOf({ auth, production }: Settings, policy: Policy): readonly Finding[] {
  const modes = auth
    .describe()
    .map(({ mode, issuers }) => ({ name: mode, issuers: issuers.map(({ issuer }) => issuer) }));
  return checkBoot({ policy, modes, production });
}
