import { type App, main } from "@authmodes/app-shared";
import { afterEach, describe, expect, it, vi } from "vitest";

const never = new Promise<never>(() => undefined);

/** Runs further instances of the app. */
export function tableContract(app: App): void {
  describe("npm start -- --once", () => {
    afterEach(() => void vi.restoreAllMocks());

    it.each(["problem", "apigateway", "appsync"])(
      "shows what is allowed and rejected, in 80 columns, and exits with 0 (%s)",
      async (format) => {
        let out = "";
        vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
        const load = { app: async () => app };
        expect(await main(["--once", "--port=0", `--error-format=${format}`], load, never)).toBe(0);
        const lines = out.split("\n");
        expect(lines.filter((line) => line.startsWith("✓ ")).length).toBeGreaterThan(30);
        expect(out).not.toContain("✗");
        expect(out).not.toContain("\u001b");
        expect(lines.filter((line) => line.length > 80)).toEqual([]);
      },
      60_000,
    );
  });
}
