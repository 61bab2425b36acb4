import { randomBytes } from "node:crypto";
import { newApiKey } from "@authmodes/core";
import type { Plan } from "./plan.ts";
import type { NewFile } from "../files.ts";

export const serverFile = ".env";
export const callerFile = "caller.env";

/**
 * The first credentials: what the server keeps of them, and what a caller has. They go into files and are never printed.
 */
export async function secretFiles(plan: Plan): Promise<readonly NewFile[]> {
  const server: string[] = [];
  const caller: string[] = [];
  if (plan.modes.includes("apiKey")) {
    const { key, stored } = await newApiKey({ expiresInSeconds: plan.apiKeyDays * 86_400, id: "first" });
    server.push(`API_KEYS='${JSON.stringify([stored])}'`);
    caller.push(`export AUTHMODES_API_KEY=${key}`);
  }
  if (plan.modes.includes("iam")) {
    const accessKeyId = `AKIA${randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}`;
    const secretAccessKey = randomBytes(30).toString("base64");
    const key = {
      secretAccessKey,
      accountId: "000000000000",
      userArn: "arn:aws:iam::000000000000:role/machine",
    };
    server.push(`ACCESS_KEYS='${JSON.stringify({ [accessKeyId]: key })}'`);
    caller.push(
      `export AWS_ACCESS_KEY_ID=${accessKeyId}`,
      `export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
      `export AWS_REGION=${plan.region}`,
    );
  }
  if (plan.modes.includes("lambda")) {
    const token = randomBytes(24).toString("hex");
    server.push(`AUTHORIZER_TOKEN=${token}`);
    caller.push(`export AUTHMODES_TOKEN=${token}`);
  }
  if (server.length === 0) return [];
  const file = (path: string, whom: string, lines: readonly string[]): NewFile => ({
    path,
    text: `# For ${whom}. Keep it out of version control.\n${lines.join("\n")}\n`,
    secret: true,
  });
  return [file(serverFile, "the server", server), file(callerFile, "the caller", caller)];
}

function randomText(alphabet: string, length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}
