import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startBookstore } from "./support/app.ts";
import { run } from "./support/process.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));

describe("npm start", () => {
  it("-- --json prints one line and serves", async () => {
    const running = await startBookstore();
    const { url, ...about } = running.bookstore;
    const health: unknown = await (await fetch(`${url}/health`)).json();
    await running.stop();
    expect(health).toEqual({ ok: true });
    expect(about).toMatchObject({ app: "express", region: "us-east-1", identityPoolEndpoint: null });
    expect(running.furtherOutput).toEqual([]);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("-- --once makes its calls, all as expected, and ends", async () => {
    const once = ["start", "--silent", "--", "--once", "--port", "0"];
    const { code, stdout } = await run("npm", once, { cwd: repository });
    const rows = stdout.split("\n").filter((line) => /^\S+ .* \d{3} +\d{3} /.test(line));
    expect(rows.length).toBeGreaterThanOrEqual(14);
    expect(code).toBe(0);
  });
});
