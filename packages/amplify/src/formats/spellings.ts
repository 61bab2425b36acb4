import type { Identity } from "@authmodes/core";
import { closest, must } from "@authmodes/core/options";
import { isPlaceholder } from "./placeholder.ts";
import { plain, type Value } from "./section.ts";

export type ModeName = Identity["mode"];

/** The enum of AppSync, which Amplify's files use; `NONE` is a word of the clients. */
const canonical: Record<ModeName, string> = {
  apiKey: "API_KEY",
  iam: "AWS_IAM",
  userPool: "AMAZON_COGNITO_USER_POOLS",
  oidc: "OPENID_CONNECT",
  lambda: "AWS_LAMBDA",
  none: "NONE",
};

// How else files, libraries, schemas and consoles of AWS write a mode.
const variants: Record<ModeName, readonly string[]> = {
  apiKey: [
    "apiKey",
    "AUTH_TYPE.API_KEY",
    ".apiKey",
    "publicApiKey",
    "publicApiKey()",
    "@aws_api_key",
    "API Key Authorization",
  ],
  iam: [
    "iam",
    "IAM",
    "identityPool",
    "AMAZON_COGNITO_IDENTITY_POOL",
    "guest()",
    "authenticated('identityPool')",
    ".awsIAM",
    "@aws_iam",
    "IAM Authorization",
  ],
  userPool: [
    "userPool",
    "userPools",
    "USER_POOL",
    "COGNITO_USER_POOL",
    "COGNITO_USER_POOLS",
    ".amazonCognitoUserPools",
    "@aws_cognito_user_pools",
    "User Pool Authorization",
  ],
  oidc: ["oidc", "OIDC", ".openIDConnect", "@aws_oidc", "Open ID Connect Authorization", "JWT"],
  lambda: [
    "lambda",
    "LAMBDA",
    "function",
    ".function",
    "custom",
    "CUSTOM",
    "@aws_lambda",
    "Lambda Authorization",
  ],
  none: ["none", ".none"],
};

/** The six modes, in the words of this project. */
export const modeNames: readonly ModeName[] = ["apiKey", "iam", "userPool", "oidc", "lambda", "none"];

/** Every spelling with its mode; the canonical ones first, so that they win as a suggestion. */
const modeOf: ReadonlyMap<string, ModeName> = new Map([
  ...modeNames.map((mode) => [canonical[mode], mode] as const),
  ...modeNames.flatMap((mode) => variants[mode].map((spelling) => [spelling, mode] as const)),
]);

/**
 * The mode that a configuration means.
 * @throws TypeError for a spelling that no part of AWS uses, with the right one
 */
export function readMode(value: Value): ModeName {
  const { path } = value;
  const text = plain(value);
  const mode = modeOf.get(text);
  if (mode !== undefined) return mode;
  const near = nearestMode(text);
  const all = Object.values(canonical).join(", ");
  must(
    near !== undefined || !isPlaceholder(text),
    `fromAmplify(): ${path} holds a placeholder; it is one of ${all}`,
  );
  const hint = near === undefined ? `it is one of ${all}` : `write '${canonical[near]}'`;
  throw new TypeError(`fromAmplify(): ${path} has the unknown mode '${text.slice(0, 60)}'; ${hint}`);
}

/** The mode that a misspelling is nearest to. Never `none` by accident: it lets every caller in. */
export function nearestMode(text: string): ModeName | undefined {
  const candidates = [...modeOf.keys()].filter((spelling) => modeOf.get(spelling) !== "none");
  if (/^\W*none\W*$/i.test(text)) return "none";
  return modeOf.get(closest(text, candidates) ?? "");
}
