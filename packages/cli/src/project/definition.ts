import { Code, readConfiguration } from "@authmodes/amplify";
import { parseJson } from "../values.ts";

// The `authorizationModes` in a backend's code (CDK, Gen 2) are copied into the written module, because that code is not
// deployed with the server.

/** The literal parts of a definition in code; undefined for files that the server can read itself. */
export function definitionIn(text: string): object | undefined {
  const data = readConfiguration(text);
  const { apiName, authorizationModes, authorizationConfig } = data as Readonly<Record<string, unknown>>;
  const defined =
    authorizationModes === undefined ? { authorizationConfig } : { apiName, authorizationModes };
  const modes = authorizationModes ?? authorizationConfig;
  if (parseJson(text) !== undefined || modes === undefined || modes instanceof Code) return undefined;
  return literalsOf(defined);
}

/**
 * Removes code, which options replace. A mode that is set up by code stays a mode, and a limit on the age of tokens stays
 * code, so that it is asked for.
 */
function literalsOf(data: object): object {
  const entries = Object.entries(data).flatMap(([key, value]: readonly [string, unknown]) => {
    const literal = literalOf(key, value);
    if (!(literal instanceof Code) || isAge(key)) return [[key, literal]];
    return /(?:Config|Mode)$/.test(key) && key !== "defaultAuthorizationMode" ? [[key, {}]] : [];
  });
  return Object.fromEntries(entries) as object;
}

function literalOf(key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Code) return value;
  if (Array.isArray(value)) return value.map((item) => literalOf(key, item));
  // As plain numbers AppSync's ages of tokens are milliseconds, other times seconds.
  if ("toMilliseconds" in value && typeof value.toMilliseconds === "function") {
    const milliseconds = Number(value.toMilliseconds());
    return isAge(key) ? milliseconds : milliseconds / 1000;
  }
  return literalsOf(value);
}

function isAge(key: string): boolean {
  return key.startsWith("tokenExp");
}
