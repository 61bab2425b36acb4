import { isDeepStrictEqual } from "node:util";
import type { IdentityBase } from "@authmodes/core";
import { checkBoot, createPolicy, type Finding, type Policy, PolicyError } from "@authmodes/rules";
import { parseSchema, parseWithPositions } from "@authmodes/rules/sdl";
import type { RunningRules, SchemaFile, State } from "./api.ts";
import type { Settings } from "./options.ts";
import { credentialHeaders } from "./prove.ts";

export function stateOf(settings: Settings, file: SchemaFile, caller: IdentityBase | undefined): State {
  const { auth, policy, write } = settings;
  return {
    file,
    write,
    modes: auth.describe(),
    credentialHeaders: credentialHeaders(auth),
    running: policy === undefined ? null : runningRules(policy, file),
    findings: policy === undefined ? [] : findingsOf(settings, policy),
    caller: caller === undefined ? null : `${caller.id ?? caller.mode} (${caller.mode})`,
    now: Date.now(),
  };
}

function runningRules({ schema, options, providers }: Policy, file: SchemaFile): RunningRules {
  return { options, providers, stale: !isDeepStrictEqual(readOrNothing(file.text), plain(schema)) };
}

function readOrNothing(text: string): unknown {
  try {
    return plain(parseSchema(text));
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}

/** As JSON, in which a builder's rules and a file's look alike. */
function plain(schema: Policy["schema"]): unknown {
  return JSON.parse(JSON.stringify(schema));
}

function findingsOf({ auth, production }: Settings, policy: Policy): readonly Finding[] {
  const modes = auth
    .describe()
    .map(({ mode, issuers }) => ({ name: mode, issuers: issuers.map(({ issuer }) => issuer) }));
  return checkBoot({ policy, modes, production });
}

/** What keeps a text from being the server's rules: each with its place. */
export function flawsOf(text: string, policy: Policy | undefined): readonly Finding[] {
  let locate = (finding: Finding): Finding => finding;
  try {
    const parsed = parseWithPositions(text);
    ({ locate } = parsed);
    createPolicy(parsed.schema, policy?.options ?? {});
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.errors.map(locate);
    throw error;
  }
}
