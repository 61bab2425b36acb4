import { randomBytes } from "node:crypto";
import { newApiKey } from "@authmodes/core";
import { type AddedLines, textIfThere } from "../files.ts";
import type { Io } from "../io.ts";
import { quoted } from "../shell.ts";
import type { Plan } from "./plan.ts";

export const serverFile = ".env";
export const callerFile = "caller.env";

/** A variable of the server, and those of a caller that go with it. */
interface Credential {
  readonly variable: string;
  readonly value: string;
  readonly caller: Readonly<Record<string, string>>;
}

/**
 * The first credentials: what the server keeps of them, and what a caller has. They go into files and are never printed.
 * A variable that the server's file has already keeps its value.
 */
export async function secretLines(plan: Plan, io: Io): Promise<readonly AddedLines[]> {
  const env = (await textIfThere(serverFile, io)) ?? "";
  const isSet = (name: string) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*\\S`, "m").test(env);
  const added = (await credentialsOf(plan)).filter(({ variable }) => !isSet(variable));
  if (added.length === 0) return [];
  const callers = added.flatMap(({ caller }) => Object.entries(caller));
  const secret = (path: string, reader: string, lines: readonly string[]): AddedLines => ({
    path,
    lines: [`# For ${reader}. Keep it out of version control.`, ...lines],
    secret: true,
  });
  const server = added.map(({ variable, value }) => `${variable}=${value}`);
  const caller = callers.map(([name, value]) => `export ${name}=${quoted(value)}`);
  const ignored = await ignoring(io);
  return [
    secret(serverFile, "the server", server),
    secret(callerFile, "the caller", caller),
    ...(ignored.lines.length === 0 ? [] : [ignored]),
  ];
}

async function ignoring(io: Io): Promise<AddedLines> {
  const path = ".gitignore";
  const text = await textIfThere(path, io);
  const there = text?.split("\n").map((line) => line.trim().replace(/^\//, "")) ?? [];
  const lines = [...(text === undefined ? ["node_modules/"] : []), serverFile, callerFile];
  return { path, lines: lines.filter((line) => !there.includes(line)) };
}

async function credentialsOf({ modes, apiKeyDays, region }: Plan): Promise<readonly Credential[]> {
  const credentials: Credential[] = [];
  if (modes.includes("apiKey")) {
    const { key, stored } = await newApiKey({ expiresInSeconds: apiKeyDays * 86_400, id: "first" });
    const value = `'${JSON.stringify([stored])}'`;
    credentials.push({ variable: "API_KEYS", value, caller: { AUTHMODES_API_KEY: key } });
  }
  if (modes.includes("iam")) {
    const letters = Array.from(randomBytes(16), (byte) =>
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(byte % 32),
    );
    const accessKeyId = `AKIA${letters.join("")}`;
    const secretAccessKey = randomBytes(30).toString("base64");
    const accountId = "000000000000";
    const key = { secretAccessKey, accountId, userArn: `arn:aws:iam::${accountId}:role/machine` };
    credentials.push({
      variable: "ACCESS_KEYS",
      value: `'${JSON.stringify({ [accessKeyId]: key })}'`,
      caller: {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_REGION: region,
      },
    });
  }
  if (modes.includes("lambda")) {
    const token = randomBytes(24).toString("hex");
    credentials.push({ variable: "AUTHORIZER_TOKEN", value: token, caller: { AUTHMODES_TOKEN: token } });
  }
  return credentials;
}
