import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Bookstore, startBookstore } from "./support/app.ts";
import { run } from "./support/process.ts";
import { root } from "../scripts/files.js";

describe("npm start", () => {
  it("-- --json prints one line and serves", async () => {
    const running = await startBookstore();
    const { url, ...about } = running.bookstore;
    const health: unknown = await (await fetch(`${url}/health`)).json();
    await running.stop();
    expect(health).toEqual({ ok: true });
    const identityPoolEndpoint = `${url}/identity-pool`;
    expect(about).toMatchObject({ app: "express", region: "us-east-1", identityPoolEndpoint });
    expect(running.furtherOutput).toEqual([]);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it.each([".", "apps/express", "apps/fastify", "apps/koa", "apps/nestjs", "apps/next"])(
    "-- --once in %s makes its calls, all as expected, and ends",
    async (folder) => {
      const once = ["start", "--silent", "--", "--once", "--port", "0"];
      const { code, stdout } = await run("npm", once, { cwd: join(root, folder) });
      const rows = stdout.split("\n").filter((line) => /^✓ \d{3} /.test(line));
      expect(rows.length).toBeGreaterThanOrEqual(14);
      expect(code).toBe(0);
    },
  );

  it.each(["express", "fastify", "koa", "nestjs", "next"])(
    "--app %s answers the uploads in flight on SIGTERM, and exits with 0",
    async (app) => {
      const child = spawn("node", ["scripts/start.js", "--json", "--port=0", `--app=${app}`], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      const exited = once(child, "exit");
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { url, credentials } = JSON.parse(line) as Bookstore;
      // The server says "continue" once it has the request.
      const headers = { "x-api-key": credentials.apiKey, "content-length": "4", expect: "100-continue" };
      const uploads = Array.from({ length: 20 }, () => request(`${url}/whoami`, { method: "POST", headers }));
      await Promise.all(
        uploads.map((upload) => {
          upload.flushHeaders();
          return once(upload, "continue");
        }),
      );
      child.kill("SIGTERM");
      await new Promise((resolve) => setTimeout(resolve, 500));
      const answers = uploads.map(async (upload) => {
        upload.end("body");
        const [{ statusCode }] = (await once(upload, "response")) as [IncomingMessage];
        return statusCode;
      });
      expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => 200));
      expect(await exited).toEqual([0, null]);
    },
  );
});
