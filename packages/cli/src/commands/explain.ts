import type { Command } from "commander";
import { again } from "../again.ts";
import { assumedIdentity } from "../explain/assumed.ts";
import { decisionOf, type DecisionOptions, rulesQuestion } from "../explain/decision.ts";
import { readGiven } from "../explain/given.ts";
import { findRefusal } from "../explain/refusal-log.ts";
import { renderReport } from "../explain/render.ts";
import { reportOnRequest, type RequestReport } from "../explain/request-report.ts";
import { viewOf, type WrittenRequest } from "../explain/request.ts";
import { readTextIf } from "../files.ts";
import { type Io, printResult, readInput, UsageError } from "../io.ts";
import { findAuthFile, loadAuth, loadEnv } from "../load/auth.ts";

interface ExplainOptions extends DecisionOptions {
  readonly auth?: string;
  readonly envFile?: string;
  readonly log?: string;
  readonly canonicalRequest?: string;
  readonly stringToSign?: string;
  readonly json?: boolean;
}

const help = `
Examples:
  pbpaste | npx authmodes explain -
  npx authmodes explain request.txt --model Order --operation list
  npx authmodes explain request.txt --canonical-request client.txt
  npx authmodes explain 0b8c7a52-7a3c-4c1f-9a51-0d5d1f0c6f11 --log server.log

The input is a token, an Authorization value, a curl line, a presigned URL, or a
request in HTTP's text form. The auth verifies it as the server does; keys,
tokens and signatures are never shown.
Exit codes: 0 accepted, or not verified, 1 rejected or denied, 2 wrong usage or
input`;

export function addExplain(program: Command, io: Io): void {
  program
    .command("explain")
    .description("Explain why a request is accepted or rejected: the mode, the check, the rule.")
    .argument("[input]", "a file, - for standard input, or the id of a rejection")
    .option("--auth <file>", "the module with the auth; default auth.ts, auth.js or src/auth.ts")
    .option("--env-file <file>", "variables to set for it first, such as .env")
    .option("--log <file>", "the log that holds the id of a rejection; default standard input")
    .option("--model <model>", "ask the rules about this model too")
    .option("--operation <operation>", "get, list, create, update, delete, …")
    .option("--record <file>", "the record of the question, JSON")
    .option("--input <file>", "the input of a create or update, JSON")
    .option("--schema <file>", "the rules, if the auth has none")
    .option("--canonical-request <file>", "the client's, to compare line by line")
    .option("--string-to-sign <file>", "the client's, to compare line by line")
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action(async (input: string | undefined, options: ExplainOptions) => {
      const given = await readGiven(input, io);
      if (typeof given === "string") return explainById(given, options, io);
      await explainWritten(given, options, io);
    });
}

async function explainById(id: string, options: ExplainOptions, io: Io): Promise<void> {
  const { log } = options;
  if (log === undefined && io.stdin.isTTY === true) {
    throw new UsageError(`Where is the server's log? Write\n  npx authmodes explain ${id} --log server.log`);
  }
  const text = (await readTextIf(log, io)) ?? (await readInput(io)).toString("utf8");
  print(findRefusal(id, text, log ?? "standard input"), options, io);
}

async function explainWritten(request: WrittenRequest, options: ExplainOptions, io: Io): Promise<void> {
  loadEnv(options.envFile, io);
  const path = options.auth ?? (await findAuthFile(io));
  const auth = path === undefined ? undefined : (await loadAuth(path, io)).auth;
  const question = await rulesQuestion(options, auth, io);
  const { report, identity } = await reportOnRequest(viewOf(request, auth?.publicUrl?.host), auth, {
    canonicalRequest: await readTextIf(options.canonicalRequest, io),
    stringToSign: await readTextIf(options.stringToSign, io),
  });
  const caller = auth === undefined ? assumedIdentity(request) : identity;
  const decision = question === undefined ? undefined : decisionOf(question, caller, auth !== undefined);
  if (auth === undefined) {
    io.stderr.write(`note: to have it verified, write\n  ${again(io, "--auth", "src/auth.ts")}\n`);
  }
  print({ ...report, decision }, options, io);
}

function print(report: RequestReport, options: ExplainOptions, io: Io): void {
  printResult(options, report, renderReport(report, io), io);
  if (report.verdict === "refused" || report.decision?.verdict === "denied") io.exitCode = 1;
}
