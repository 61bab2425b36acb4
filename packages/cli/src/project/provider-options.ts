import type { Command } from "commander";
import { flagOf } from "../again.ts";
import { defined } from "../values.ts";
import { wholeNumber } from "../whole-number.ts";

/** The flags of `init` and `import` about user pools and issuers. */
export interface ProviderOptions {
  readonly userPoolId?: string;
  readonly clientId?: readonly string[];
  readonly oidcIssuer?: string;
  readonly oidcAudience?: string;
  readonly oidcClientId?: string;
  readonly maxTokenAge?: number;
  readonly maxAuthAge?: number;
}

const readSeconds = wholeNumber(1, 999_999_999, "Write a number of seconds, such as 3600.");

export function addProviderOptions(command: Command): Command {
  return command
    .option("--user-pool-id <id>", "userPool: the pool")
    .option("--client-id <id...>", "userPool: its app clients")
    .option("--oidc-issuer <url>", "oidc: the issuer, as it stands in iss")
    .option("--oidc-audience <audience>", "oidc: what aud holds")
    .option("--oidc-client-id <id>", "oidc: what azp or aud holds")
    .option("--max-token-age <seconds>", "oidc: how old a token may be", readSeconds)
    .option("--max-auth-age <seconds>", "oidc: how long ago the sign-in may be", readSeconds);
}

/** Values that a flag could have. */
export const examples = {
  userPoolId: "us-east-1_AbCdEfGhI",
  clientId: "1h57kf5cpq17m0eml12EXAMPLE",
  oidcIssuer: "https://id.example.com",
  oidcAudience: "my-api",
  oidcClientId: "my-client",
  maxTokenAge: "3600",
  maxAuthAge: "86400",
  region: "us-east-1",
  authorizer: "./authorizer.ts",
  authorizerEvent: "token",
  guests: "reject",
  allowNone: undefined,
} as const;

export type ExampleName = keyof typeof examples;

/** A flag and a value that it could have. */
export function flagWithExample(name: ExampleName): readonly string[] {
  const example = examples[name];
  return example === undefined ? [flagOf(name)] : [flagOf(name), example];
}

/** The options of `userPool()` that are given; undefined if none is. */
export function userPoolOf({ userPoolId, clientId }: ProviderOptions): object | undefined {
  return given({ userPoolId, clientId: clientId?.length === 1 ? clientId[0] : clientId });
}

/** The options of `oidc()` that are given; undefined if none is. */
export function issuerOf(options: ProviderOptions): object | undefined {
  return given({
    issuer: options.oidcIssuer,
    audience: options.oidcAudience,
    clientId: options.oidcClientId,
    maxTokenAgeSeconds: options.maxTokenAge,
    maxAuthAgeSeconds: options.maxAuthAge,
  });
}

function given(options: object): object | undefined {
  const found = defined(options);
  return Object.keys(found).length === 0 ? undefined : found;
}
