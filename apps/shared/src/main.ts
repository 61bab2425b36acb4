import { basename } from "node:path";
import { PolicyError } from "@authmodes/rules";
import { CommanderError } from "commander";
import { type Call, type CallGroup, type CallResult, createCalls, makeCall } from "./calls.ts";
import { type AppName, parseOptions, type StartOptions } from "./options.ts";
import { whenSaved } from "./reload-rules.ts";
import { requestLine } from "./request-log.ts";
import type { App } from "./shop.ts";
import { type RunningShop, startShop } from "./start.ts";
import type { CreateStudio } from "./studio.ts";
import { type Column, createTable, paintFor, widest } from "./table.ts";

/** What is loaded once an option asks for it. */
export interface Loaders {
  readonly app: (name: AppName) => Promise<App>;
  readonly studio?: () => Promise<CreateStudio>;
}

const { stdout } = process;
const paint = paintFor(stdout);
const print = (line = "") => stdout.write(`${line}\n`);

/**
 * The command behind `npm start`: runs the shop, shows what it allows and refuses, and serves.
 * @param argv without node and the script
 * @param stopped settles when it has to end, which requests in flight may delay by ten seconds; default: on SIGINT
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
    if (!options.json)
      print(`${paint("bold", "The bookstore")} on ${options.app}, in every mode and both ways`);
    let shop: RunningShop | undefined;
    const interrupted = stopped.then(async () => {
      // A table that was interrupted is not a success.
      if (options.once) return 130;
      await shop?.close();
      return 0;
    });
    const started = (running: RunningShop) => void (shop = running);
    return await Promise.race([run(load, options, started), interrupted]);
  } catch (error) {
    // commander has shown its sentence already
    if (error instanceof CommanderError) return error.exitCode;
    console.error(error instanceof Complaint ? `error: ${error.message}` : error);
    return 1;
  }
}

async function untilSignal(): Promise<void> {
  await new Promise<unknown>((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
  });
}

/** Something that whoever started the shop can put right. */
class Complaint extends Error {}

async function run(
  load: Loaders,
  options: StartOptions,
  started: (shop: RunningShop) => void,
): Promise<number> {
  const { app, studio: wantsStudio, schema: schemaFile, ...others } = options;
  const studio = wantsStudio ? await load.studio?.() : undefined;
  const shop = await startShop(await load.app(app), {
    ...others,
    schemaFile,
    supplier: await load.app("express"),
    ...(studio !== undefined && { studio }),
  }).catch((error: unknown) => {
    if (error instanceof PolicyError) throw new Complaint(error.message);
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw isTaken
      ? new Complaint(`port ${options.port} is taken; write --port with another one, or 0 for a free one`)
      : error;
  });
  started(shop);
  if (options.json) {
    print(JSON.stringify(shop.ready));
  } else {
    const allAsExpected = await showTable(shop);
    if (options.once) {
      await shop.close();
      return allAsExpected ? 0 : 1;
    }
    showHints(shop);
    shop.log.listen((request) => print(requestLine(request, paint)));
  }
  whenSaved(shop.schemaFile, () => showRules(shop, options.json ? process.stderr : stdout));
  return forever;
}

function showRules(shop: RunningShop, output: NodeJS.WritableStream): void {
  output.write(`${[`${basename(shop.schemaFile)} was saved:`, ...shop.reloadRules()].join("\n  ")}\n`);
}

const forever = new Promise<never>(() => undefined);

/** @returns whether every call ended as expected */
async function showTable(shop: RunningShop): Promise<boolean> {
  const started = performance.now();
  const groups = await createCalls(shop);
  const table = createTable(columnsFor(groups), paint);
  const results: CallResult[] = [];
  print(`\n${table.head}`);
  for (const { title, calls } of groups) {
    print(`\n${paint("bold", title)}`);
    for (const call of calls) {
      const result = await makeCall(call, shop);
      results.push(result);
      print(table.line(result));
    }
  }
  const good = results.filter(({ asExpected }) => asExpected).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const summary = `${good} of ${results.length} calls as expected, in ${seconds} s`;
  print(good === results.length ? paint("green", `\n✓ ${summary}`) : paint("red", `\n✗ ${summary}`));
  return good === results.length;
}

function columnsFor(groups: readonly CallGroup[]): readonly Column<CallResult>[] {
  const calls = groups.flatMap((group) => group.calls);
  const width = (text: (call: Call) => string) => widest(calls.map(text));
  const colour = ({ asExpected }: CallResult) => (asExpected ? "green" : "red");
  return [
    { title: " ", text: ({ asExpected }) => (asExpected ? "✓" : "✗"), style: colour },
    { title: "caller", width: width(({ caller }) => caller), text: ({ call }) => call.caller },
    { title: "mode", width: width(({ mode }) => mode), text: ({ call }) => call.mode },
    { title: "request", width: width(({ request }) => request), text: ({ call }) => call.request },
    { title: "expected", text: ({ expected }) => String(expected) },
    { title: "got", text: ({ got }) => String(got ?? "-"), style: colour },
    {
      title: "what it means",
      text: ({ note }) => note,
      style: ({ asExpected }) => (asExpected ? "dim" : "red"),
    },
  ];
}

function showHints({ url, studioUrl }: RunningShop): void {
  print(`\nOpen ${paint("cyan", url)} in a browser. Requests are shown here as they come; Ctrl-C ends it.`);
  if (studioUrl !== undefined) print(`See and change who may do what: ${paint("cyan", studioUrl)}`);
  print(paint("dim", "Credentials for a client of your own: npm start --silent -- --json\n"));
}
