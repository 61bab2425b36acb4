import { basename } from "node:path";
import { StoreError } from "@authmodes/keys";
import { PolicyError } from "@authmodes/rules";
import { CommanderError } from "commander";
import { requestLines } from "../page/request-log.ts";
import { whenSaved } from "../rules/reload-rules.ts";
import type { CreateStudio } from "../rules/studio.ts";
import type { App } from "../shop.ts";
import { type RunningShop, startShop } from "../start.ts";
import { type Call, type CallResult, createCalls, makeCall, printed } from "./calls.ts";
import { type AppName, frameworks, parseOptions, type StartOptions } from "./options.ts";
import { paintFor } from "./paint.ts";

/** Modules that are loaded only if an option asks for them. */
export interface Loaders {
  readonly app: (name: AppName) => Promise<App>;
  readonly studio?: () => Promise<CreateStudio>;
}

const { stdout } = process;
const paint = paintFor(stdout);
const print = (line = "") => stdout.write(`${line}\n`);
const forever = new Promise<never>(() => undefined);

/**
 * The command behind `npm start`: runs the shop, shows what it allows and rejects, and serves.
 * @param argv without node and the script
 * @param stopped settles when the shop is to stop, which requests in flight may delay by ten seconds; default: on SIGINT
 * (Ctrl-C) and SIGTERM
 * @returns the exit code of the process
 */
export async function main(
  argv: readonly string[],
  load: Loaders,
  stopped: Promise<unknown> = untilSignal(),
): Promise<number> {
  try {
    const options = parseOptions(argv);
    let shop: RunningShop | undefined;
    const interrupted = stopped.then(async () => {
      // An interrupted table is not a success.
      if (options.once) return 130;
      await shop?.close();
      return 0;
    });
    return await Promise.race([run(load, options, (running) => (shop = running)), interrupted]);
  } catch (error) {
    // commander has shown its sentence already
    if (error instanceof CommanderError) return error.exitCode;
    const sentence = complaint(error, argv.join(" "));
    console.error(sentence === undefined ? error : `error: ${sentence}`);
    return 1;
  }
}

async function untilSignal(): Promise<void> {
  await new Promise<unknown>((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
  });
}

/** What the user can fix; undefined for a bug. */
function complaint(error: unknown, words: string): string | undefined {
  const { code, port, message } = Object(error) as Readonly<Record<string, unknown>>;
  if (error instanceof PolicyError) return `--schema: ${error.message}`;
  const isAboutStore = error instanceof StoreError || /^(?:open\w+|\w+Store)\(\): /.test(String(message));
  if (isAboutStore) return `--store: ${String(message)}`;
  if (code === "EADDRINUSE") return `Port ${String(port)} is in use. --port 0 picks a free one`;
  const isUnreadable = ["ENOENT", "EISDIR", "EACCES"].includes(String(code)) && words.includes("--schema");
  return isUnreadable ? `--schema: ${String(message)}` : undefined;
}

async function run(
  load: Loaders,
  { app, json, once, mcp, schema: schemaFile, studio: wantsStudio, ...others }: StartOptions,
  started: (shop: RunningShop) => void,
): Promise<number> {
  if (!json)
    print(`${paint("bold", "The bookstore")} on ${frameworks[app]}, in every mode and both directions`);
  const studio = wantsStudio ? await load.studio?.() : undefined;
  const shop = await startShop(await load.app(app), {
    ...others,
    schemaFile,
    supplier: await load.app("express"),
    ...(studio !== undefined && { studio }),
  });
  started(shop);
  if (json) {
    print(JSON.stringify(shop.ready));
    if (shop.studioUrl !== undefined) console.error(shop.studioUrl);
  } else {
    const allAsExpected = await showTable(shop);
    if (once) {
      await shop.close();
      return allAsExpected ? 0 : 1;
    }
    showHints(shop);
    if (mcp) showMcp(shop);
    shop.log.listen((request) => print(requestLines(request, paint)));
  }
  const output = json ? process.stderr : stdout;
  whenSaved(shop.schemaFile, () => {
    output.write(`${[`${basename(shop.schemaFile)} was saved:`, ...shop.reloadRules()].join("\n  ")}\n`);
  });
  return forever;
}

/** @returns whether every call ended as expected */
async function showTable(shop: RunningShop): Promise<boolean> {
  const started = performance.now();
  const outcomes: boolean[] = [];
  for (const [title, calls] of createCalls(shop)) {
    print(`\n${paint("bold", title)}`);
    const width = Math.max(18, ...calls.map(([, , request]) => printed(request).length));
    for (const call of calls) {
      const result = await makeCall(call, shop);
      outcomes.push(result.asExpected);
      print(line(call, result, width));
    }
  }
  const good = outcomes.filter(Boolean).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const summary = `${good} of ${outcomes.length} calls as expected, in ${seconds} s`;
  const isGood = good === outcomes.length;
  print(`\n${isGood ? paint("green", `✓ ${summary}`) : paint("red", `✗ ${summary}`)}`);
  return isGood;
}

/** ✓ if the answer was as expected, which a rejection can be. At most 80 columns wide then. */
function line([caller, mode, request]: Call, { got, asExpected, note }: CallResult, width: number): string {
  const good = got !== undefined && got < 400 ? "green" : "yellow";
  return [
    paint(asExpected ? good : "red", `${asExpected ? "✓" : "✗"} ${got ?? "---"}`),
    caller.padEnd(9),
    mode.padEnd(8),
    printed(request).padEnd(width),
    paint(asExpected ? "dim" : "red", note),
  ].join("  ");
}

function showHints({ url, studioUrl, identityProvider }: RunningShop): void {
  print(`\nOpen ${paint("cyan", url)} in a browser. Requests are shown here; Ctrl-C stops the shop.`);
  if (studioUrl !== undefined) print(`See and change the rules: ${paint("cyan", studioUrl)}`);
  print(paint("dim", `Keys and revocations are in the ${identityProvider.keys.name}`));
  print(paint("dim", "Credentials for your own client: npm start --silent -- --json\n"));
}

const signingIn = `Clients that sign in by themselves, such as Claude Code, Cursor and VS Code,
need only the URL: they sign in at the issuer of auth.ts. Use one of yours,
since the issuer of this demo has no page to sign in at.
`;

/** What to paste into an MCP client. The key and the token are the demo's own, valid while it runs. */
function showMcp({ url, ready: { credentials } }: RunningShop): void {
  const server = (headers: object) => ({ type: "http", url: `${url}/mcp`, headers });
  const mcpServers = {
    bookstore: server({ "x-api-key": credentials.apiKey }),
    "bookstore-alice": server({ Authorization: `Bearer ${credentials.alice.accessToken}` }),
  };
  print("For MCP clients: partners may search books, alice may also order them.");
  print(JSON.stringify({ mcpServers }, null, 2));
  print(paint("dim", signingIn));
}
