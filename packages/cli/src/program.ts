import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addAccessKeys } from "./commands/access-keys.ts";
import { addCall } from "./commands/call.ts";
import { addCheck } from "./commands/check.ts";
import { addExplain } from "./commands/explain.ts";
import { addImport } from "./commands/import.ts";
import { addInit } from "./commands/init.ts";
import { addKeys } from "./commands/keys.ts";
import { addMatrix } from "./commands/matrix.ts";
import { addRevoke } from "./commands/revoke.ts";
import { addSign } from "./commands/sign.ts";
import { type Io, UsageError } from "./io.ts";

const commands = [
  addInit,
  addImport,
  addCheck,
  addMatrix,
  addKeys,
  addAccessKeys,
  addRevoke,
  addSign,
  addCall,
  addExplain,
];

const help = `
Examples:
  npx authmodes init
  npx authmodes check --env-file .env
  npx authmodes explain request.txt
  npx authmodes call --as apiKey GET /books
  npx authmodes matrix schema.graphql Post
  npx authmodes matrix --diff old.graphql schema.graphql
  npx authmodes keys create --name partner

Exit codes: 0 done, 1 a finding or a rejection, 2 wrong usage or input`;

/** Builds the command line. `parseAsync` throws if its arguments are wrong. */
export function buildProgram(io: Io): Command {
  // In usage and examples too: npx finds a program of the project, which no PATH has, and one that is installed globally.
  const program = new Command("npx authmodes")
    .description("Authorization modes and rules from the command line.")
    .version(versionOf())
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .exitOverride()
    .showHelpAfterError("Add --help for usage and examples.")
    .addHelpText("after", help);
  for (const add of commands) add(program, io);
  return program;
}

/** Runs the command line and sets `io.exitCode`; never throws. */
export async function run(io: Io): Promise<void> {
  try {
    await buildProgram(io).parseAsync(io.args, { from: "user" });
  } catch (error) {
    io.exitCode = report(error, io);
  }
}

function report(error: unknown, io: Io): number {
  // Commander has written its message. Help and the version are thrown too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  // The user pressed Ctrl-C at a question.
  if (error instanceof Error && error.name === "ExitPromptError") return 130;
  const text =
    error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error);
  io.stderr.write(`${text}\n`);
  return 2;
}

function versionOf(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
