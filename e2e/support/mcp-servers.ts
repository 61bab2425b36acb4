import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { blocksOf, pages } from "../../scripts/blocks.ts";
import { root } from "../../scripts/files.js";
import { onFreePort } from "../../scripts/free-port.ts";
import { startShop } from "../next-base-path/serve.js";

// The servers of docs/guides/mcp.md as they are written there, in processes of their own, with other URLs and another key.

/** The file of the page that starts each server. */
const mains = {
  express: "server.ts",
  koa: "koa.ts",
  fastify: "fastify.ts",
  nestjs: "nest.ts",
  next: "app/mcp/route.ts",
};

export type McpFramework = keyof typeof mains;
export const mcpFrameworks: readonly McpFramework[] = ["express", "koa", "fastify", "nestjs", "next"];

export interface McpServerProcess {
  readonly origin: string;
  /** What clients call, and what their tokens are for. */
  readonly resource: string;
  stop(): Promise<void>;
}

interface McpServerOptions {
  /** Of its tokens. */
  readonly issuer: string;
  /** Of the API key that it accepts. */
  readonly apiKeyHash: string;
}

export function startMcpServer(
  framework: McpFramework,
  options: McpServerOptions,
): Promise<McpServerProcess> {
  return onFreePort((port) => startAt(port, framework, options)); // the port is in its code
}

async function startAt(
  port: number,
  framework: McpFramework,
  options: McpServerOptions,
): Promise<McpServerProcess> {
  const origin = `http://localhost:${port}`;
  const folder = join(root, "e2e/.cache", `mcp-${framework}`);
  await rm(folder, { recursive: true, force: true });
  const guide = pages().filter(({ path }) => path === "docs/guides/mcp.md");
  for (const { file, code } of guide.flatMap(blocksOf)) {
    if (file === undefined) continue;
    const text = code
      .replaceAll(/\b3000\b/g, String(port))
      .replaceAll("https://api.example.com", origin)
      .replaceAll("https://id.example.com", options.issuer)
      .replaceAll('process.env["API_KEY_HASH"] ?? ""', JSON.stringify(options.apiKeyHash));
    await writeIn(folder, file, text);
  }
  const stop = framework === "next" ? await startNext(folder, port) : await start(folder, framework, origin);
  return { origin, resource: `${origin}/mcp`, stop };
}

async function writeIn(folder: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

async function start(folder: string, framework: McpFramework, origin: string): Promise<() => Promise<void>> {
  const outfile = join(folder, "server.js");
  buildSync({
    entryPoints: [join(folder, mains[framework])],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  });
  const child = spawn(process.execPath, [outfile], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const end = () => void child.kill();
  process.once("exit", end); // if the tests are interrupted
  // Another process that took the port would answer too.
  const isUp = () =>
    fetch(`${origin}/.well-known/oauth-protected-resource/mcp`).then(
      async (answer) => (await answer.text()).includes(`${origin}/mcp`),
      () => false,
    );
  for (let waited = 0; !(await isUp()); waited += 50) {
    if (child.exitCode !== null || waited > 30_000)
      throw new Error(`the server on ${framework} did not start:\n${errors}`);
    await sleep(50);
  }
  return async () => {
    process.off("exit", end);
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  };
}

async function startNext(folder: string, port: number): Promise<() => Promise<void>> {
  const paths = { "@/*": ["./*"] };
  const settings = {
    extends: "../../next-base-path/tsconfig.json",
    compilerOptions: { paths },
    include: ["app", "mcp.ts"],
  };
  await writeIn(folder, "tsconfig.json", JSON.stringify(settings));
  await writeIn(folder, "package.json", JSON.stringify({ private: true, type: "module" }));
  await writeIn(
    folder,
    "next.config.js",
    `const root = ${JSON.stringify(root)};
export default { turbopack: { root }, outputFileTracingRoot: root };
`,
  );
  const fromNext = createRequire(join(root, "packages/next/package.json"));
  return (await startShop(folder, fromNext.resolve("next/dist/bin/next"), port)).stop;
}
