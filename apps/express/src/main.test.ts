import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "@authmodes/app-shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { app } from "./index.ts";

let out = "";
/** As MCP clients have it in their configuration. */
interface McpServerEntry {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const load = { app: async () => app };

beforeEach(() => {
  out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("npm start", () => {
  it("prints with --json one line, and serves until it is stopped", async () => {
    const stop = new AbortController();
    const stopped = once(stop.signal, "abort");
    const code = main(["--json", "--port=0"], load, stopped);
    await vi.waitUntil(() => out !== "", { timeout: 15_000 });
    expect(out.match(/\n/g)).toHaveLength(1);
    const { url, credentials }: { url: string; credentials: { apiKey: string } } = JSON.parse(out);
    expect((await fetch(`${url}/health`)).status).toBe(200);

    // A request in flight is answered before it ends.
    const headers = { "x-api-key": credentials.apiKey, "content-length": "4", expect: "100-continue" };
    const upload = request(`${url}/whoami`, { method: "POST", headers });
    upload.flushHeaders();
    await once(upload, "continue");
    stop.abort();
    expect(await Promise.race([code, new Promise((resolve) => setTimeout(resolve, 300, "open"))])).toBe(
      "open",
    );
    upload.end("body");
    const [{ statusCode }] = (await once(upload, "response")) as [IncomingMessage];
    expect(statusCode).toBe(200);
    expect(await code).toBe(0);
  });

  it("prints with --mcp what MCP clients need, which works", async () => {
    const stop = new AbortController();
    const ended = main(["--mcp", "--port=0"], load, once(stop.signal, "abort"));
    await vi.waitUntil(() => out.includes("Clients that sign in"), { timeout: 30_000 });
    const [json = ""] = /^\{\n[^]*^\}$/m.exec(out) ?? [];
    const { mcpServers } = JSON.parse(json) as { mcpServers: Record<string, McpServerEntry> };
    expect(Object.keys(mcpServers)).toEqual(["bookstore", "bookstore-alice"]);
    for (const { url, headers } of Object.values(mcpServers)) {
      const protocol = { "content-type": "application/json", accept: "application/json, text/event-stream" };
      const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"my_orders"}}';
      const answer = await fetch(url, { method: "POST", headers: { ...protocol, ...headers }, body });
      expect(answer.status).toBe(200);
      expect((await answer.text()).includes("isError")).toBe("x-api-key" in headers);
    }
    stop.abort();
    expect(await ended).toBe(0);
  }, 60_000);

  it("puts the rules in force that are saved while it runs, and prints what they change", async () => {
    let err = "";
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
    const folder = mkdtempSync(join(tmpdir(), "bookstore-"));
    const file = join(folder, "schema.graphql");
    copyFileSync(new URL("../../shared/schema.graphql", import.meta.url), file);
    const rules = readFileSync(file, "utf8");
    const save = async (text: string): Promise<string> => {
      err = "";
      writeFileSync(file, text);
      await vi.waitUntil(() => err !== "", { timeout: 15_000 });
      return err;
    };

    const stop = new AbortController();
    const ended = main(["--json", "--port=0", "--schema", file], load, once(stop.signal, "abort"));
    await vi.waitUntil(() => out !== "", { timeout: 15_000 });
    const ready: { url: string; credentials: { apiKey: string } } = JSON.parse(out);
    const headers = { "x-api-key": ready.credentials.apiKey };
    const status = async () => (await fetch(`${ready.url}/reports`, { headers })).status;
    expect(await status()).toBe(403);

    const custom = "{ allow: custom, provider: function, operations: [read] }";
    expect(rules).toContain(custom);
    const wider = rules.replace(custom, `${custom} { allow: public, operations: [read] }`);
    expect(await save(wider)).toMatch(
      /was saved:\n {2}\+ Report: apiKey:public may read id, title, revenue, profit\n$/,
    );
    expect(await status()).toBe(200);
    expect(await save(wider.replace("allow: custom", "allow: costum"))).toContain(
      "The rules stay as they were.",
    );
    expect(await save(wider.replace("profit: Float", "profit: Int"))).toContain("Report has other fields");
    expect(await status()).toBe(200);
    expect(await save(rules)).toContain("- Report: apiKey:public may no longer read");
    expect(await status()).toBe(403);

    stop.abort();
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
