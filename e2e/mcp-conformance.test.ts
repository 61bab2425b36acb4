import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKey, createAuth, oidc } from "@authmodes/core";
import { createTestKit } from "@authmodes/testing";
import { expect, it, onTestFinished } from "vitest";
import { addingProxy, conformanceApp } from "./support/conformance-server.ts";
import { run } from "./support/process.ts";
import { TestServer } from "./support/server.ts";
import { root } from "../scripts/files.js";

// Every server scenario of @modelcontextprotocol/conformance, whose client reaches a server behind our guard by a proxy that
// adds an API key; with PROOF=mcp (`npm run proof`) also a token.

const program = join(root, "e2e/node_modules/@modelcontextprotocol/conformance/dist/index.js");
const scenarios = 32;

/** It needs Node 22. */
function conformance(...args: readonly string[]) {
  const isNew = Number(process.versions.node.split(".")[0]) >= 22;
  const [command = "", ...before] = isNew
    ? [process.execPath]
    : ["npm", "exec", "--yes", "--package=node@22", "--", "node"];
  return run(command, [...before, program, ...args]);
}

async function serve() {
  const kit = await createTestKit();
  const auth = createAuth([apiKey(kit.apiKeys.options), oidc(kit.oidc.options)]);
  const reasons: unknown[] = [];
  auth.onEvent(({ reason }) => reasons.push(reason));
  const server = await TestServer.start(conformanceApp(auth));
  onTestFinished(() => server.stop());
  return { kit, server, reasons };
}

it.each(process.env["PROOF"] === "mcp" ? (["apiKey", "oidc"] as const) : (["apiKey"] as const))(
  "passes every scenario with credentials of %s",
  async (mode) => {
    const { kit, server, reasons } = await serve();
    const credentials =
      mode === "apiKey"
        ? { "x-api-key": kit.apiKeys.valid.key }
        : { authorization: `Bearer ${await kit.oidc.token()}` };
    const proxy = await TestServer.start(addingProxy(server.url, credentials));
    onTestFinished(() => proxy.stop());
    const results = await mkdtemp(join(tmpdir(), "mcp-conformance-"));
    onTestFinished(() => rm(results, { recursive: true }));
    const args = [`--url=${proxy.url}/mcp`, "--suite=all", `--output-dir=${results}`];
    const { stdout, code } = await conformance("server", ...args);
    const summary = stdout.slice(stdout.indexOf("=== SUMMARY ==="));
    expect(summary.match(/^✓ .*, 0 failed$/gm), summary).toHaveLength(scenarios);
    expect(code).toBe(0);
    // The SDK sends neither to clients of the protocol version that this scenario names.
    expect(await warnings(results)).toEqual(["server-sse-priming-event", "server-sse-retry-field"]);
    expect(new Set(reasons)).toEqual(new Set([undefined]));
  },
  180_000,
);

/** What the scenarios recommend. */
async function warnings(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith("checks.json"));
  expect(files).toHaveLength(scenarios);
  const checks = await Promise.all(files.map((path) => readFile(join(folder, path), "utf8")));
  return checks
    .flatMap((text) => JSON.parse(text) as readonly { readonly id: string; readonly status: string }[])
    .filter(({ status }) => status === "WARNING")
    .map(({ id }) => id);
}

it("passes none without credentials", async () => {
  const { server, reasons } = await serve();
  const { code } = await conformance("server", `--url=${server.url}/mcp`, "--scenario=ping");
  expect(code).toBe(1);
  expect(new Set(reasons)).toEqual(new Set(["no_credentials"]));
});
