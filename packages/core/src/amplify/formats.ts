import { must } from "../options.ts";
import { describedApi } from "./appsync-description.ts";
import { definedApi, definitionKeys } from "./authorization-modes.ts";
import type { ListedApi } from "./definition.ts";
import { exportedKeys, javascriptApis } from "./javascript.ts";
import { nativeApis } from "./native.ts";
import { outputsApis } from "./outputs.ts";
import type { Section } from "./section.ts";

interface Format {
  /** A configuration with one of these keys has this format, unless it has an earlier one. */
  readonly keys: readonly string[];
  apis(file: Section): readonly ListedApi[];
}

const formats: readonly Format[] = [
  { keys: ["version", "data", "custom"], apis: outputsApis },
  { keys: ["api", "auth", "awsAPIPlugin", "awsCognitoAuthPlugin", "CognitoUserPool"], apis: nativeApis },
  { keys: ["graphqlApi", "authenticationType"], apis: describedApi },
  { keys: definitionKeys, apis: definedApi },
  { keys: ["API", "Auth", ...exportedKeys], apis: javascriptApis },
];

/**
 * The APIs in a configuration, whatever its format.
 * @throws TypeError where the format is not known
 */
export function listedApis(file: Section): readonly ListedApi[] {
  const format = formats.find(({ keys }) => file.has(...keys));
  if (format === undefined) file.checkKeys(formats.flatMap(({ keys }) => keys));
  must(
    format !== undefined,
    "fromAmplify() reads amplifyconfiguration.json and .dart, aws-exports.js, amplify_outputs.json, the configuration " +
      "of Amplify.configure(), authorizationModes of a CDK or Gen 2 backend, and what `aws appsync get-graphql-api` " +
      "prints; this is none of them",
  );
  return format.apis(file);
}
