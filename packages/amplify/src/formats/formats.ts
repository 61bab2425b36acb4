import { must } from "@authmodes/core/options";
import { formatNames } from "./choose.ts";
import { constructedApi } from "./appsync-construct.ts";
import { describedApis } from "./appsync-description.ts";
import { definedApi, definitionKeys } from "./authorization-modes.ts";
import type { ListedApi } from "./definition.ts";
import { exportedKeys, javascriptApis } from "./javascript.ts";
import { nativeApis } from "./native.ts";
import { outputsApis } from "./outputs.ts";
import { Section } from "./section.ts";

interface Format {
  /** A configuration with one of these keys has this format, unless it has an earlier one. */
  readonly keys: readonly string[];
  /** A key that other formats have too, with a member that only this one has. */
  readonly within?: readonly [key: string, member: string];
  apis(file: Section): readonly ListedApi[];
}

const formats: readonly Format[] = [
  {
    keys: ["version", "data", "custom", "rest_api"],
    within: ["auth", "user_pool_id"],
    apis: outputsApis,
  },
  {
    keys: ["api", "auth", "awsAPIPlugin", "awsCognitoAuthPlugin", "CognitoUserPool", "AppSync"],
    apis: nativeApis,
  },
  { keys: ["graphqlApi", "graphqlApis", "authenticationType"], apis: describedApis },
  { keys: ["authorizationConfig"], apis: constructedApi },
  { keys: definitionKeys, apis: definedApi },
  { keys: ["API", "Auth", ...exportedKeys], apis: javascriptApis },
];

/** Keys that no other settings of a project have. */
const telling = formats
  .flatMap(({ keys }) => keys)
  .filter((key) => !["version", "data", "custom", "api", "auth"].includes(key));
/** Members of keys that other settings may have too. */
const tellingWithin = [
  ["data", "default_authorization_type"],
  ["auth", "user_pool_id"],
  ["auth", "plugins"],
  ["api", "plugins"],
  ["custom", "API"],
  ["custom", "events"],
] as const;

/** Whether an object has the keys of a configuration, as opposed to settings that hold one. */
export function isConfiguration(data: object): boolean {
  const section = new Section("", data);
  return (
    telling.some((key) => Object.hasOwn(data, key)) ||
    tellingWithin.some(([key, member]) => section.hasWithin(key, member))
  );
}

/**
 * The APIs in a configuration, whatever its format.
 * @throws TypeError if the format is not known
 */
export function listedApis(file: Section): readonly ListedApi[] {
  const format = formats.find(
    ({ keys, within }) => file.has(...keys) || (within !== undefined && file.hasWithin(...within)),
  );
  if (format === undefined) file.checkKeys(formats.flatMap(({ keys }) => keys));
  must(format !== undefined, `fromAmplify() reads ${formatNames}; this is none of them`);
  return format.apis(file);
}
