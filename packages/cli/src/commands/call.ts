import { createAuthFetch } from "@authmodes/core/outbound";
import type { Command } from "commander";
import { again } from "../again.ts";
import { refusalIdOf } from "../explain/refusal-log.ts";
import { type Io, printable, printableLines, printJson, UsageError } from "../io.ts";
import { asObject, asText, parseJson } from "../values.ts";
import { addCallerOptions, secretsHelp } from "../outgoing/options.ts";
import { type PlannedRequest, plannedRequest, type RequestOptions } from "../outgoing/request.ts";
import { type CallerOptions, type CallerSource, overHttps, sourceOf } from "../outgoing/source.ts";
import { coloured } from "../terminal.ts";

interface CallOptions extends CallerOptions, RequestOptions {
  readonly include?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  npx authmodes call --as apiKey GET /books
  npx authmodes call --as iam --region us-east-1 /orders -d '{"bookId":"101"}'
  npx authmodes call --as userPool --from-file token.txt /whoami
${secretsHelp}
Redirects are followed; another host gets no credentials.
Exit codes: 0 done, 1 rejected or failed, 2 wrong usage or no answer`;

export function addCall(program: Command, io: Io): void {
  const command = program
    .command("call")
    .description("Make a call in a mode and print the answer.")
    .argument("<request...>", "GET /books, or the path or URL alone")
    .showHelpAfterError("For example:\n  npx authmodes call --as apiKey GET /books");
  addCallerOptions(command)
    .option("-i, --include", "print the headers of the answer too")
    .option("--json", "print status, headers and body as JSON")
    .addHelpText("after", help)
    .action(async (words: readonly string[], options: CallOptions) => {
      const request = await plannedRequest(words, options, io);
      const caller = await sourceOf(options, request.url, io);
      const response = await send(request, caller, options, io);
      await printAnswer(response, options, io);
      if (response.status >= 400) io.exitCode = 1;
    });
}

async function send(
  { method, url, headers, body }: PlannedRequest,
  { source }: CallerSource,
  { allowInsecureHttp = [] }: CallerOptions,
  io: Io,
): Promise<Response> {
  const allowed = { allowInsecureHttp: allowInsecureHttp.filter((host) => host === url.host) };
  const call = overHttps(url.href, io, () => createAuthFetch(source, { origins: [url.origin], ...allowed }));
  try {
    return await call(url, { method, headers, ...(body !== undefined && { body }) });
  } catch (error) {
    // The reason of a failed fetch is in its cause.
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    if (!(cause instanceof Error)) throw new UsageError(printable(message), { cause: error });
    // An error of several addresses has no message.
    const why = "code" in cause && cause.message === "" ? String(cause.code) : cause.message;
    throw new UsageError(
      `There is no answer from ${url.origin} (${printable(why)}). Start the server, or name another:\n` +
        `  ${again(io, "--url", "https://api.example.com")}`,
      { cause: error },
    );
  }
}

async function printAnswer(response: Response, { include, json }: CallOptions, io: Io): Promise<void> {
  const { status, statusText, headers } = response;
  const text = await response.text();
  const body = parseJson(text);
  if (json) {
    const shown = body === undefined ? text : body;
    return printJson({ status, headers: Object.fromEntries(headers), body: shown }, io);
  }
  // To stderr, so that a pipe gets the body alone.
  const line = `${status} ${statusText}`.trim();
  io.stderr.write(`${coloured(status < 400 ? "green" : "red", printable(line), io)}\n`);
  if (include) for (const [name, value] of headers) io.stderr.write(`${name}: ${printable(value)}\n`);
  const shown = io.stdout.isTTY === true ? printableLines(text) : text;
  if (shown !== "") io.stdout.write(shown.endsWith("\n") ? shown : `${shown}\n`);
  // The error formats have it in different places.
  const id = refusalIdOf(asText(asObject(body)?.["instance"]) || headers.get("x-amzn-requestid") || "");
  if (id !== undefined) {
    io.stderr.write(`The server's log has the reason:\n  npx authmodes explain ${id} --log server.log\n`);
  }
}
