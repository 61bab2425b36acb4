import { describe, expect, it } from "vitest";
import { running } from "./running.ts";

// Refusals as the services give them: instances of the app beside the one that is tested.

export function formatsContract(): void {
  describe("other formats of errors", () => {
    it.each(["apigateway", "appsync"] as const)("answers as %s does", async (errorFormat) => {
      const other = await running.start({ errorFormat });
      const refused = await fetch(`${other.url}/whoami`);
      expect(refused.headers.get("x-amzn-errortype")).toBe("UnauthorizedException");
      expect(refused.headers.get("content-type")).toContain("application/json");
      const missing = await fetch(`${other.url}/nowhere`);
      expect([missing.status, missing.headers.get("x-amzn-errortype")]).toEqual([404, "NotFoundException"]);
      await other.close();
    });

    it.each([
      ["apigateway", 403],
      ["appsync", 401],
    ] as const)("refuses by rules as %s does", async (errorFormat, status) => {
      const other = await running.start({ errorFormat });
      const token = other.ready.credentials.bob.accessToken;
      const headers = { authorization: token };
      expect((await fetch(`${other.url}/orders/101`, { headers })).status).toBe(status);
      const missing = await fetch(`${other.url}/orders/999`, { headers });
      expect([missing.status, missing.headers.get("x-amzn-errortype")]).toEqual([404, "NotFoundException"]);
      await other.close();
    });
  });
}
