import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { Server } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, promisify } from "node:util";
import { newApiKey } from "@authmodes/core";
import { Logger } from "@nestjs/common";
import type * as Pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Block, blocksOf, pages } from "../scripts/blocks.ts";
import { serveRoute } from "./test/next-routes.ts";
import { createWorld } from "./test/world.ts";

// A program logs to its standard output: here that is the console, which the steps read.
vi.mock("pino", async (original) => {
  const { pino } = await original<typeof Pino>();
  const stream = { write: (line: string) => console.log(line.trimEnd()) };
  return { pino: (options: Pino.LoggerOptions = {}) => pino(options, stream) };
});

// Runs the programs of the pages as they are written. A program is a block of TypeScript that what it prints follows, as a
// block of text, or `curl` lines, each with its answer. "…" stands for any text in it, a line "…" for any lines.

const cache = new URL("../.cache/pages/", import.meta.url);
const kinds = new Set(["ts", "sh", "text"]);

interface Step {
  readonly line: number;
  readonly program: Block | undefined;
  readonly curl: string | undefined;
  readonly expected: string;
}

function stepsOf(blocks: readonly Block[]): readonly Step[] {
  let waiting: Block | undefined;
  return blocks.flatMap((block, i): Step[] => {
    const next = blocks[i + 1];
    const expected = next?.language === "text" ? next.code : "";
    const isCurl = block.language === "sh" && block.code.startsWith("curl ");
    if (block.language === "ts") waiting = block;
    const isRun = isCurl || (block.language === "ts" && expected !== "");
    if (!isRun) return [];
    const program = waiting;
    waiting = undefined;
    return [{ line: block.line, program, curl: isCurl ? block.code : undefined, expected }];
  });
}

/** Every part in its order, and nothing else. */
function pattern(expected: string): RegExp {
  const lines = expected.trim().split("\n");
  const parts = lines.map((line) =>
    line.trim() === "…" ? "[^]*?" : line.split("…").map(escaped).join(".*"),
  );
  return new RegExp(`^${parts.join("\\s*")}\\s*$`);
}

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);

/** The servers that programs start: each on a free port, whatever port it asks for. */
const servers: Server[] = [];
const { listen } = Server.prototype;
const { Request, Response } = globalThis;
const { key, stored } = await newApiKey({ expiresInSeconds: null });

beforeAll(async () => {
  await rm(cache, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  // How decorators are compiled.
  const settings = { extends: "../../tsconfig.base.json", include: ["."] };
  await writeFile(new URL("tsconfig.json", cache), JSON.stringify(settings));
  Logger.overrideLogger(false);
  const { fetch, variables } = await createWorld();
  vi.stubGlobal("fetch", fetch);
  const environment = { ...variables, API_KEY: key, API_KEY_HASH: stored.hash };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(console, "log").mockImplementation((...words) => void lines.push(format(...words)));
  vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server, ...args: unknown[]) {
    servers.push(this);
    const done = args.find((arg) => typeof arg === "function") as (() => void) | undefined;
    return Reflect.apply(listen, this, [0, "127.0.0.1", done]) as Server;
  });
});

afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const server of servers) server.close();
});

/** A page may show one file several times: each version has its own place. */
function placeOf({ line }: Block, folder: URL): string {
  return fileURLToPath(new URL(`line-${line}.ts`, folder));
}

/** The code of a block, which imports the last version of a file that the page shows before it. */
function codeOf(block: Block, blocks: readonly Block[], folder: URL): string {
  const code = (block.setup?.code ?? "") + block.code;
  return code.replaceAll(/"(@|\.)\/([\w/-]+)(?:\.[jt]s)?"/g, (whole, from: string, name: string) => {
    const file = from === "@" ? `${name}.ts` : join(dirname(block.file ?? ""), `${name}.ts`);
    const version = blocks.findLast((other) => other.file === file && other.line < block.line);
    return version === undefined ? whole : `"${placeOf(version, folder)}"`;
  });
}

/** What programs printed since the last step. */
const lines: string[] = [];

/** Loads a program, and waits until it listens if it is a server. */
async function run(program: Block, folder: URL, isServer: boolean): Promise<void> {
  const count = servers.length;
  const exported = (await import(placeOf(program, folder))) as Readonly<Record<string, unknown>>;
  if (program.file?.endsWith("/route.ts")) serveRoute(program.file, exported);
  if (!isServer) return;
  await vi.waitUntil(() => servers.length > count && servers.at(-1)?.listening, 10_000);
  lines.length = 0; // what it printed when it started
}

const exec = promisify(execFile);

async function curl(script: string): Promise<string> {
  const server = servers.at(-1);
  const address = server?.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const { stdout } = await exec("sh", ["-ec", script.replaceAll("localhost:3000", `127.0.0.1:${port}`)]);
  return stdout.replaceAll("\r", "");
}

const programs = pages()
  .filter(({ path }) => /^docs\/(?:(?:getting-started|guides|reference)\/)?[^/]+\.md$/.test(path))
  .map((page) => ({ page: page.path, blocks: blocksOf(page).filter(({ language }) => kinds.has(language)) }))
  .map(({ page, blocks }) => ({ page, blocks, steps: stepsOf(blocks) }))
  .filter(({ steps }) => steps.length > 0);

describe.each(programs)("$page", ({ page, blocks, steps }) => {
  const folder = new URL(`${page}/`, cache);

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    for (const block of blocks.filter(({ language }) => language === "ts")) {
      await writeFile(placeOf(block, folder), codeOf(block, blocks, folder));
    }
  });

  // Hono's server replaces them.
  afterAll(() => void Object.assign(globalThis, { Request, Response }));

  it.each(steps)("line $line does as it says", async ({ program, curl: script, expected }) => {
    lines.length = 0;
    if (program !== undefined) await run(program, folder, script !== undefined);
    const answer = script === undefined ? [] : [await curl(script)];
    expect([...answer, ...lines].join("\n")).toMatch(pattern(expected));
  });
});

it("finds the programs", () => expect(programs.length).toBeGreaterThan(5));
