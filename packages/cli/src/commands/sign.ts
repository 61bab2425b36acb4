import { type HeaderSource, type OutboundRequest, presign } from "@authmodes/core/outbound";
import { type Command, Option } from "commander";
import { missing } from "../again.ts";
import { type Io, printResult } from "../io.ts";
import type { Secret } from "../outgoing/credentials.ts";
import { curlLine } from "../outgoing/curl-line.ts";
import { addCallerOptions, secretsHelp } from "../outgoing/options.ts";
import { type PlannedRequest, plannedRequest, type RequestOptions } from "../outgoing/request.ts";
import { type CallerOptions, type CallerSource, sourceOf } from "../outgoing/source.ts";
import { masked } from "../terminal.ts";
import { wholeNumber } from "../whole-number.ts";

interface SignOptions extends CallerOptions, RequestOptions {
  readonly curl?: boolean;
  readonly presign?: number;
  readonly json?: boolean;
  readonly showSecrets?: boolean;
}

const help = `
Examples:
  npx authmodes sign --as iam --region us-east-1 --curl GET /books
  npx authmodes sign --as iam --presign 300 https://api.example.com/books
  curl -H @<(npx authmodes sign --as apiKey /books) http://127.0.0.1:4000/books
${secretsHelp}
At a terminal they are hidden; a pipe gets them whole.
Exit codes: 0 done, 2 wrong usage or input`;

export function addSign(program: Command, io: Io): void {
  const command = program
    .command("sign")
    .description("Print the headers, or the curl line, of a request in a mode.")
    .argument("<request...>", "GET /books, or the path or URL alone")
    .showHelpAfterError("For example:\n  npx authmodes sign --as iam --region us-east-1 GET /books");
  addCallerOptions(command)
    .addOption(new Option("--curl", "print a curl line").conflicts("presign"))
    .option("--presign <seconds>", "iam: print a URL that is valid for so long", readSeconds)
    .option("--json", "print JSON")
    .option("--show-secrets", "print keys and tokens at a terminal too")
    .addHelpText("after", help)
    .action(async (words: readonly string[], options: SignOptions) => {
      const request = await plannedRequest(words, options, io);
      const caller = await sourceOf(options, request.url, io);
      if (options.presign !== undefined) {
        const url = await presigned(request, caller, options.presign, io);
        printResult(options, { url }, `${url}\n`, io);
      } else printSigned(request, await headersFrom(caller.source, request), caller, options, io);
    });
}

const readSeconds = wholeNumber(1, 604_800, "Write seconds, up to 604800 (a week): --presign 300.");

async function headersFrom(
  source: HeaderSource,
  { method, url, headers, body }: PlannedRequest,
): Promise<Headers> {
  const request: OutboundRequest = { method, url, headers: new Headers(headers), body, refused: undefined };
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(await source(request))) all.set(name, value);
  return all;
}

async function presigned(
  { method, url }: PlannedRequest,
  { signing }: CallerSource,
  expiresInSeconds: number,
  io: Io,
): Promise<string> {
  if (signing === undefined) throw missing("Only signed requests fit into a URL", io, "--as", "iam");
  return (await presign({ ...signing, method, url, expiresInSeconds })).href;
}

function printSigned(
  request: PlannedRequest,
  headers: Headers,
  { secrets }: CallerSource,
  { curl = false, json, showSecrets = false, data }: SignOptions,
  io: Io,
): void {
  const isHidden = io.stdout.isTTY === true && !showSecrets;
  const shown = isHidden ? withoutSecrets(headers, secrets, curl) : headers;
  const lines = curl
    ? [curlLine(request, shown, { secrets, data })]
    : Array.from(shown, ([name, value]) => `${name}: ${value}`);
  const value = curl ? { curl: lines[0] } : Object.fromEntries(shown);
  printResult({ json }, value, lines.map((line) => `${line}\n`).join(""), io);
  const isMissing = isHidden && [...shown].some(([name, value]) => headers.get(name) !== value);
  if (isMissing) io.stderr.write("A secret is hidden; --show-secrets prints it.\n");
}

/** Signatures are shown: they are valid for one request and a few minutes. */
function withoutSecrets(headers: Headers, secrets: readonly Secret[], curl: boolean): Headers {
  const shown = new Headers();
  for (const [name, value] of headers) {
    const secret = secrets.find((one) => value.includes(one.value));
    const isReferred = curl && secret?.reference !== undefined;
    // A token that was fetched is not among the secrets that were given.
    const isToken = name === "authorization" && !value.startsWith("AWS4-");
    const hides = (secret !== undefined || isToken) && !isReferred;
    // Headers hold ASCII.
    shown.set(name, hides ? masked(value).replace("…", "...") : value);
  }
  return shown;
}
