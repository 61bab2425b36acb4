import { Code, readConfiguration } from "@authmodes/amplify";
import { parseJson } from "../values.ts";

// The `authorizationModes` in a backend's code (CDK, Gen 2) are copied into the written module, because that code is not
// deployed with the server.

/**
 * The definition of an API in code, of which constants are evaluated; undefined for files that the server can read itself.
 * What only running the code would tell is `Code`, so that it is asked for.
 * @param api its name, if there are several
 */
export function definitionIn(text: string, api: string | undefined): object | undefined {
  const data = readConfiguration(text, api);
  const isDefined = Object.entries(data).some(
    ([key, value]) => defining.includes(key) && !(value instanceof Code),
  );
  if (parseJson(text) !== undefined || !isDefined) return undefined;
  return Object.fromEntries(entriesOf(data).filter(([key]) => copied.has(key)));
}

/** Keys of the objects that define an API; the last is that of `CfnGraphQLApi`. */
const defining = ["authorizationModes", "authorizationConfig", "authenticationType"];
const copied = new Set([
  ...defining,
  "apiName",
  "name",
  "additionalAuthenticationProviders",
  "userPoolConfig",
  "openIdConnectConfig",
  "lambdaAuthorizerConfig",
]);

function entriesOf(data: object): readonly (readonly [string, unknown])[] {
  return Object.entries(data).map(([key, value]: readonly [string, unknown]) => [key, plainOf(key, value)]);
}

/** A `Duration` of the CDK as a number. */
function plainOf(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plainOf(key, item));
  if (!isObject(value) || value instanceof Code) return value;
  // As plain numbers AppSync's ages of tokens are milliseconds, other times seconds.
  if ("toMilliseconds" in value && typeof value.toMilliseconds === "function") {
    const milliseconds = Number(value.toMilliseconds());
    return key.startsWith("tokenExp") ? milliseconds : milliseconds / 1000;
  }
  return Object.fromEntries(entriesOf(value));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
