import { isDeepStrictEqual } from "node:util";
import type { IdentityBase } from "@authmodes/core";
import { checkBoot, type Finding, type Policy, type PolicyOptions } from "@authmodes/rules";
import { analyser } from "./analyse.ts";
import type { RunningRules, SchemaFile, State } from "./api.ts";
import type { Settings } from "./options.ts";
import { credentialHeaders } from "./prove.ts";

const noOptions: PolicyOptions = {};

/** The server as the page shows it. */
export class ServerState {
  readonly #settings: Settings;
  readonly #analyse = analyser();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  of(file: SchemaFile, caller: IdentityBase | undefined): State {
    const { auth, policy, write } = this.#settings;
    return {
      file,
      write,
      modes: auth.describe(),
      credentialHeaders: credentialHeaders(auth),
      running: policy === undefined ? null : this.#running(policy, file),
      findings: policy === undefined ? [] : findingsOf(this.#settings, policy),
      caller: caller === undefined ? null : `${caller.id ?? caller.mode} (${caller.mode})`,
      now: Date.now(),
    };
  }

  /** What keeps a text from being the server's rules: each with its place. */
  flawsOf(text: string): readonly Finding[] {
    return this.#analyse(text, this.#settings.policy?.options ?? noOptions).errors;
  }

  #running({ schema, options, providers }: Policy, { text }: SchemaFile): RunningRules {
    const stale = !isDeepStrictEqual(plain(this.#analyse(text, options).schema), plain(schema));
    return { options, providers, stale };
  }
}

/** As JSON, in which a builder's rules and a file's look alike. */
function plain(schema: Policy["schema"] | undefined): unknown {
  return schema && JSON.parse(JSON.stringify(schema));
}

function findingsOf({ auth, production }: Settings, policy: Policy): readonly Finding[] {
  const modes = auth
    .describe()
    .map(({ mode, issuers }) => ({ name: mode, issuers: issuers.map(({ issuer }) => issuer) }));
  return checkBoot({ policy, modes, production });
}
