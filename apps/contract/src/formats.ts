import { describe, expect, it } from "vitest";
import { running } from "./running.ts";

// Rejections in the formats of the AWS services, by further instances of the app.

export function formatsContract(): void {
  describe("other formats of errors", () => {
    it.each(["apigateway", "appsync"] as const)("answers as %s does", async (errorFormat) => {
      const other = await running.start({ errorFormat });
      const rejected = await fetch(`${other.url}/whoami`);
      expect(rejected.headers.get("x-amzn-errortype")).toBe("UnauthorizedException");
      expect(rejected.headers.get("content-type")).toContain("application/json");
      const missing = await fetch(`${other.url}/nowhere`);
      expect([missing.status, missing.headers.get("x-amzn-errortype")]).toEqual([404, "NotFoundException"]);
      await other.close();
    });

    it.each([
      ["apigateway", 200, "Bearer resource_metadata="],
      ["appsync", 404, "Bearer"],
    ] as const)(
      "in the format of %s, answers %i for the metadata of /mcp",
      async (errorFormat, status, challenge) => {
        const other = await running.start({ errorFormat });
        const metadata = await fetch(`${other.url}/.well-known/oauth-protected-resource/mcp`);
        expect(metadata.status).toBe(status);
        const rejected = await fetch(`${other.url}/mcp`, { method: "POST" });
        expect([rejected.status, rejected.headers.get("www-authenticate")]).toEqual([
          401,
          expect.stringContaining(challenge),
        ]);
        await other.close();
      },
    );

    it.each([
      ["apigateway", 403],
      ["appsync", 401],
    ] as const)("denies by rules as %s does", async (errorFormat, status) => {
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
