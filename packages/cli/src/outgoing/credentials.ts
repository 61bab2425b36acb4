import type { AwsCredentials } from "@authmodes/core/outbound";
import { again } from "../again.ts";
import { type Io, readInput, UsageError } from "../io.ts";
import { asObject, asText, parseJson } from "../values.ts";
import { readText } from "../files.ts";
import { quoted } from "../shell.ts";

// Reads keys and tokens for commands. Never from their arguments: other users of the machine can list those, and shells keep
// a history.

export interface SecretOptions {
  readonly fromEnv?: string;
  readonly fromFile?: string;
}

/** A key or a token, and how a shell could put it in. */
export interface Secret {
  readonly value: string;
  /** Inside double quotes; undefined if it was typed in. */
  readonly reference: string | undefined;
}

/** The name of a secret in messages, and the variable that holds it by default. */
export interface Wanted {
  readonly what: string;
  readonly variable: string;
}

/** @throws UsageError with the command that would work */
export async function readSecret(
  { what, variable }: Wanted,
  { fromEnv, fromFile }: SecretOptions,
  io: Io,
): Promise<Secret> {
  if (fromFile !== undefined) {
    const { text, name } = await readSecretText(fromFile, io);
    const reference = fromFile === "-" ? undefined : `$(cat ${quoted(fromFile)})`;
    return { value: usable(text.trim(), what, name), reference };
  }
  const name = fromEnv ?? variable;
  const value = io.env[name];
  if (value !== undefined && value !== "") return { value: usable(value, what, name), reference: `$${name}` };
  if (fromEnv === undefined && io.ask !== undefined) {
    const typed = await io.ask.password({ message: `The ${what}:` });
    return { value: usable(typed, what, "that"), reference: undefined };
  }
  throw new UsageError(
    `There is no ${what}: the variable ${name} is empty. Put it into a file and write\n` +
      `  ${again(io, "--from-file", "secret.txt")}\n` +
      `or export ${name} and call again.`,
  );
}

async function readSecretText(
  path: string,
  io: Io,
): Promise<{ readonly text: string; readonly name: string }> {
  if (path === "-") return { text: (await readInput(io)).toString("utf8"), name: "standard input" };
  return { text: await readText(path, io), name: path };
}

function usable(value: string, what: string, where: string): string {
  if (value === "") throw new UsageError(`There is no ${what} in ${where}: it is empty.`);
  if (!/^[\x20-\x7e]+$/.test(value)) {
    throw new UsageError(
      `The ${what} in ${where} has line breaks or other characters that no header can hold.`,
    );
  }
  return value;
}

/** @throws UsageError with the command that would work */
export async function readAccessKey({ fromFile }: SecretOptions, io: Io): Promise<AwsCredentials> {
  if (fromFile !== undefined) {
    const { text, name } = await readSecretText(fromFile, io);
    return accessKeyOf(text, name);
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = io.env;
  const sessionToken = io.env["AWS_SESSION_TOKEN"];
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  }
  throw new UsageError(
    "There is no access key: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set. " +
      `Put the key into a file as JSON, { "accessKeyId": …, "secretAccessKey": …, "sessionToken": … }, and write\n` +
      `  ${again(io, "--from-file", "access-key.json")}\n` +
      "or export these variables, as for the AWS CLI, and call again.",
  );
}

/** As this project writes it, as the AWS CLI prints it, and what a `credential_process` prints. */
function accessKeyOf(text: string, source: string): AwsCredentials {
  const data = asObject(parseJson(text)) ?? {};
  const inner = asObject(data["AccessKey"]) ?? asObject(data["Credentials"]) ?? data;
  const read = (name: string) =>
    asText(inner[name] ?? inner[name[0]?.toUpperCase() + name.slice(1)]) || undefined;
  const accessKeyId = read("accessKeyId");
  const secretAccessKey = read("secretAccessKey");
  const sessionToken = read("sessionToken");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new UsageError(
      `${source} holds no access key; it is JSON such as { "accessKeyId": …, "secretAccessKey": …, "sessionToken": … }`,
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
