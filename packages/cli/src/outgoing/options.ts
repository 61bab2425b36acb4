import { type Command, Option } from "commander";
import { modeNames } from "./source.ts";

/** The options that `sign` and `call` share. */
export function addCallerOptions(command: Command): Command {
  return command
    .addOption(new Option("--as <mode>", "the mode to call in").choices(modeNames).makeOptionMandatory())
    .option("-H, --header <line...>", "send this header: 'name: value'")
    .option("-d, --data <data>", "send this body; @file sends a file, @- what comes in")
    .option("--url <base>", "where paths lead: AUTHMODES_URL, else http://127.0.0.1:4000")
    .option("--allow-insecure-http <host...>", "send credentials to this host:port over http, not https")
    .option("--from-env <name>", "the variable that holds the key or token")
    .option("--from-file <file>", "the file that holds it, - for standard input; for iam JSON")
    .option("--region <region>", "iam: the region to sign for: of the host, else AWS_REGION")
    .option("--service <service>", "iam: the service to sign for", "execute-api")
    .option("--key-header <name>", "apiKey: the header; default x-api-key")
    .option("--scheme <word>", "the word before a token; oidc has Bearer, the others none")
    .option("--issuer <url>", "oidc: get a token there, as a client with a secret")
    .option("--client-id <id>", "oidc: the client; its secret is in AUTHMODES_CLIENT_SECRET")
    .option("--scope <scope...>", "oidc: the scopes to ask for")
    .option("--audience <audience>", "oidc: the audience to ask for");
}

export const secretsHelp = `
Keys and tokens come from variables (AUTHMODES_API_KEY, AUTHMODES_TOKEN,
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), from files, or are asked for.
No option takes one: others on this machine can read the arguments of programs.`;
