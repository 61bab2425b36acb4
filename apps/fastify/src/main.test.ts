import { main } from "@authmodes/bookstore";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fastifyApp } from "./index.ts";

let out = "";
const never = new Promise<never>(() => undefined);

beforeEach(() => {
  out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("npm start -- --app fastify", () => {
  it.each(["problem", "apigateway", "appsync"])(
    "shows with --once what is allowed and refused, and exits with 0 (%s)",
    async (format) => {
      const apps = { fastify: async () => fastifyApp };
      const options = ["--app=fastify", "--once", "--port=0", `--error-format=${format}`];
      expect(await main(options, apps, never)).toBe(0);
      expect(out.split("\n").filter((line) => line.startsWith("✓ ")).length).toBeGreaterThan(30);
      expect(out).not.toContain("✗");
    },
    60_000, // the very first start makes a database
  );
});
