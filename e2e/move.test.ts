import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { root } from "../scripts/files.js";
import { run } from "./support/process.ts";

const rules = readFileSync(join(root, "move/amplify/schema.graphql"), "utf8");
const isInstalled = existsSync(join(root, "move/amplify/node_modules/.package-lock.json"));

const move = (...options: readonly string[]): ReturnType<typeof run> =>
  run(process.execPath, ["move/run.js", ...options], { cwd: root });

/** Of a module whose types are installed apart. */
type StartBackend = (
  sdl: string,
  settings: Readonly<Record<"userPoolId" | "clientId" | "apiKey", string>>,
) => Promise<{ readonly url: string; stop(): Promise<void> }>;

/** Runs the move with a server that decides by other rules. */
async function moveWith(from: string, to: string): ReturnType<typeof run> {
  expect(rules.split(from)).toHaveLength(2);
  const folder = await mkdtemp(join(tmpdir(), "move-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "schema.graphql");
  writeFileSync(file, rules.replace(from, to));
  return move("--rules", file);
}

// Amplify's transformer, simulator and client are installed apart; a machine without a registry cannot.
describe.skipIf(!isInstalled)(
  "npm run move (it needs npm ci --prefix move/amplify)",
  { timeout: 180_000 },
  () => {
    it("moves the client by the line of its endpoint", async () => {
      const { code, stdout } = await move();
      expect(stdout).toContain("17 requests, 0 differing decisions");
      expect(stdout.match(/^[-+] .*/gm)).toEqual([
        expect.stringMatching(/^- +"url": "http:\/\/127\.0\.0\.1:\d+\/graphql",$/),
        expect.stringMatching(/^\+ +"url": "http:\/\/127\.0\.0\.1:\d+\/graphql",$/),
      ]);
      expect(stdout).toContain("17 answers, 0 different from AppSync's; AppSync received 0 requests");
      expect(code).toBe(0);
    });

    it("opens the simulator, which believes every token, to this machine alone", async () => {
      const backend: { startBackend: StartBackend } = await import(join(root, "move/amplify/backend.js"));
      const settings = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "web", apiKey: "da2-key" };
      const { url, stop } = await backend.startBackend(rules, settings);
      onTestFinished(stop);
      const { hostname, port } = new URL(url);
      expect(hostname).toBe("127.0.0.1");
      expect((await fetch(url, { method: "POST" })).status).toBeGreaterThan(0);
      const others = Object.values(networkInterfaces()).flatMap((addresses = []) =>
        addresses.flatMap(({ address, internal }) => (internal ? [] : [address])),
      );
      for (const host of ["127.0.0.2", "::1", ...others]) {
        const socket = connect(Number(port), host);
        onTestFinished(() => void socket.destroy());
        await expect(once(socket, "connect")).rejects.toThrow();
      }
    });

    it("names the request and the reason if our server decides differently, and does not switch", async () => {
      const { code, stdout } = await moveWith(
        "{ allow: owner },",
        "{ allow: owner }, { allow: private, operations: [read] },",
      );
      expect(stdout).toContain("17 requests, 2 differing decisions\n");
      expect(stdout).toContain("listOrders by alice is decided differently:");
      expect(stdout).toContain("getOrder of-bob by alice is decided differently:");
      expect(stdout).toContain("because  Query.getOrder: Order: userPool callers may get");
      expect(stdout).not.toContain("The endpoint switches");
      expect(code).toBe(1);
    });
  },
);
