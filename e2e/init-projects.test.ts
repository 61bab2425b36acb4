import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "./support/process.ts";
import { type Stock, stockOf } from "./support/stock-projects.ts";
import { installing, packed } from "./support/tarballs.ts";
import { root } from "../scripts/files.js";
import { onFreePort } from "../scripts/free-port.ts";

// `authmodes init` and `authmodes import` in the projects that people have: what they write compiles, what they print
// works, and the first calls are answered. One project here; all of them with PROOF=init (`npm run proof`).

const frameworks = ["express", "koa", "fastify", "nestjs", "next"] as const;
const all = frameworks.flatMap((framework) =>
  (["ts", "js"] as const).map((extension) => ({ framework, extension })),
);
const cases = process.env["PROOF"] === "init" ? all : all.slice(0, 1);

interface Step {
  readonly what: string;
  readonly lines: readonly string[];
}

let tarballs: ReadonlyMap<string, string>;
let tools: string;
const folders: string[] = [];
const servers: ChildProcess[] = [];

beforeAll(async () => {
  tarballs = await packed(["amplify", "core", "keys", "rules", "cli", ...frameworks]);
  tools = await newFolder({ "package.json": "{}" });
  await sh(tools, "npm install authmodes @authmodes/rules graphql@16");
}, 180_000);
afterAll(async () => {
  for (const { pid, exitCode } of servers) if (pid !== undefined && exitCode === null) process.kill(-pid);
  for (const folder of folders) await rm(folder, { recursive: true, maxRetries: 3 });
});

async function newFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-init-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

async function sh(cwd: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const whole = `[ ! -f caller.env ] || . ./caller.env\n${installing(script, tarballs)}`;
  const { code, stdout, stderr } = await run("sh", ["-ec", whole], { cwd, env, timeout: 600_000 });
  if (code !== 0) throw new Error(`${script}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs a command of authmodes and returns the steps that it prints. */
async function authmodes(cwd: string, ...args: readonly string[]): Promise<readonly Step[]> {
  const program = join(tools, "node_modules/.bin/authmodes");
  const { code, stdout, stderr } = await run(program, [...args, "--json"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return (JSON.parse(stdout) as { readonly steps: readonly Step[] }).steps;
}

/** Adds what is printed to a module of NestJS. */
async function addTo(path: string, lines: readonly string[]): Promise<void> {
  const text = await readFile(path, "utf8");
  const imports = lines.filter((line) => line.startsWith("import "));
  const decorator = lines.find((line) => line.startsWith("@Module(")) ?? "";
  await writeFile(path, `${imports.join("\n")}\n${text.replace(/@Module\(\{[^]*?\}\)/, decorator)}`);
}

/** @returns the URL of the server */
async function serve(cwd: string, line: string, port: number): Promise<string> {
  const PORT = String(port);
  const child = spawn("sh", ["-c", `exec env ${line.replace("4000", PORT)}`], {
    cwd,
    env: { ...process.env, PORT, NEXT_TELEMETRY_DISABLED: "1" },
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  servers.push(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const url = `http://127.0.0.1:${port}`;
  // Another process that took the port would answer too.
  const isUp = () =>
    fetch(`${url}/whoami`).then(
      ({ status }) => status !== 404,
      () => false,
    );
  for (let waited = 0; !(await isUp()); waited += 250) {
    if (child.exitCode !== null || waited > 120_000) throw new Error(`${line} does not serve:\n${errors}`);
    await sleep(250);
  }
  return url;
}

/** The commands of a step. */
function linesOf(steps: readonly Step[], start: string): readonly string[] {
  return steps.find(({ what }) => what.startsWith(start))?.lines ?? [];
}

async function compile(cwd: string, stock: Stock): Promise<void> {
  if (stock.compile === "tsc") {
    const tsc = join(root, "node_modules/.bin/tsc");
    const { stdout } = await run(tsc, ["--noEmit", "--pretty", "false"], { cwd });
    expect(stdout).toBe("");
  } else if (stock.compile !== undefined) {
    await sh(cwd, stock.compile, { NEXT_TELEMETRY_DISABLED: "1" });
  }
}

it.each(cases)(
  "what is written for $framework in $extension compiles, starts and answers its first calls",
  async ({ framework, extension }) => {
    const stock = stockOf(framework, extension);
    const project = await newFolder({ ...stock.files, "amplify_outputs.json": outputs });
    if (stock.files["package.json"] !== undefined) await sh(project, "npm install --loglevel=error");

    const options = ["--framework", framework, ...(extension === "js" ? ["--javascript"] : [])];
    const steps = await authmodes(project, "init", "--yes", "--modes", "apiKey", "iam", "lambda", ...options);
    for (const step of ["Make a project", "Let its files", "Install"]) {
      for (const line of linesOf(steps, step)) await sh(project, line);
    }
    const nest = `src/app.module.${extension}`;
    if (framework === "nestjs") await addTo(join(project, nest), linesOf(steps, `Add to ${nest}`));

    const imported = `${stock.folder}imported.${extension}`;
    const authorizer = `${stock.folder}authorizer.${extension}`;
    const importing = await authmodes(
      project,
      "import",
      "amplify_outputs.json",
      "--out",
      imported,
      "--schema",
      "schema.graphql",
      "--also",
      "lambda",
      "--authorizer",
      authorizer,
    );
    for (const line of linesOf(importing, "Install")) await sh(project, line);

    await compile(project, stock);
    const [start = ""] = linesOf(steps, "Start it");
    const AUTHMODES_URL = await onFreePort((port) => serve(project, start, port));
    const [, ...calls] = linesOf(steps, "Call it");
    const answers = await sh(project, calls.join("\n"), { AUTHMODES_URL });
    const callers = answers.trim().split("\n");
    expect(callers.map((line) => (JSON.parse(line) as { readonly mode: string }).mode)).toEqual([
      "apiKey",
      "iam",
      "lambda",
    ]);
  },
  900_000,
);

const outputs = JSON.stringify({
  version: "1.3",
  auth: { aws_region: "us-east-1", user_pool_id: "us-east-1_AbCdEfGhI", user_pool_client_id: "abc" },
  data: {
    aws_region: "us-east-1",
    url: "https://example.appsync-api.us-east-1.amazonaws.com/graphql",
    api_key: "da2-abcdefghijklmnopqrstuvwxyz",
    default_authorization_type: "API_KEY",
    authorization_types: ["AMAZON_COGNITO_USER_POOLS", "AWS_IAM"],
  },
});
