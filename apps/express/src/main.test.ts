import { once } from "node:events";
import { main } from "@authmodes/bookstore";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { expressApp } from "./index.ts";

let out = "";
const apps = { express: async () => expressApp };
const never = new Promise<never>(() => undefined);

beforeEach(() => {
  out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("npm start", () => {
  it.each(["problem", "apigateway", "appsync"])(
    "shows with --once what is allowed and refused, in 100 columns, and exits with 0 (%s)",
    async (format) => {
      expect(await main(["--once", "--port=0", `--error-format=${format}`], apps, never)).toBe(0);
      const lines = out.split("\n");
      expect(lines.filter((line) => line.startsWith("✓ ")).length).toBeGreaterThan(30);
      expect(out).not.toContain("✗");
      expect(out).not.toContain("\u001b");
      expect(lines.filter((line) => line.length > 100)).toEqual([]);
    },
    60_000, // the very first start makes a database
  );

  it("prints with --json one line, and serves until it is stopped", async () => {
    const stop = new AbortController();
    const stopped = once(stop.signal, "abort");
    const code = main(["--json", "--port=0"], apps, stopped);
    await vi.waitUntil(() => out !== "", { timeout: 15_000 });
    expect(out.match(/\n/g)).toHaveLength(1);
    const { url }: { url: string } = JSON.parse(out);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    stop.abort();
    expect(await code).toBe(0);
  });
});
