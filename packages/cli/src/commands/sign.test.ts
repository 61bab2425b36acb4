import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { cli } from "../test/cli.ts";
import { region, startServer } from "../test/server.ts";

const run = promisify(execFile);

const aws = {
  AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "a-secret-that-is-hidden",
  AWS_SESSION_TOKEN: "a-session-token",
  AWS_REGION: "eu-west-1",
};

describe("authmodes sign", () => {
  it("prints the headers of each mode", async () => {
    const env = { ...aws, AUTHMODES_API_KEY: "amk_1", AUTHMODES_TOKEN: "t0ken" };
    const headers = async (...args: readonly string[]) =>
      (await cli(["sign", "--as", ...args, "/"], { env })).out;
    expect(await headers("apiKey")).toBe("x-api-key: amk_1\n");
    expect(await headers("apiKey", "--key-header", "X-Key")).toBe("x-key: amk_1\n");
    expect(await headers("userPool")).toBe("authorization: t0ken\n");
    expect(await headers("oidc")).toBe("authorization: Bearer t0ken\n");
    expect(await headers("lambda", "--scheme", "Custom")).toBe("authorization: Custom t0ken\n");
    expect(await headers("none")).toBe("");
    expect(await headers("iam")).toMatch(
      /^authorization: AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d+\/eu-west-1/,
    );
  });

  it("finds the region in the host of an Amazon service", async () => {
    const url = "https://abc.execute-api.ap-south-1.amazonaws.com/prod/books";
    const { out } = await cli(["sign", "--as", "iam", url], { env: aws });
    expect(out).toContain("/ap-south-1/execute-api/aws4_request");
  });

  it("leaves secrets of a curl line to the shell", async () => {
    const { url, kit } = await startServer();
    const { user } = kit.accessKeys;
    const env = {
      AWS_ACCESS_KEY_ID: user.accessKeyId,
      AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
      AWS_SESSION_TOKEN: user.sessionToken ?? "",
      AUTHMODES_API_KEY: kit.apiKeys.valid.key,
    };
    const body = `{"title":"It's a book, isn't it?"}`;
    for (const mode of ["iam", "apiKey"]) {
      const args = [
        "sign",
        "--as",
        mode,
        "--curl",
        "--region",
        region,
        "--url",
        url,
        "/books?q=a%20b",
        "-d",
        body,
      ];
      const { code, out } = await cli(args, { env });
      expect(code).toBe(0);
      for (const secret of [user.secretAccessKey, user.sessionToken ?? "", kit.apiKeys.valid.key]) {
        expect(out).not.toContain(secret);
      }
      const answer = await run("sh", ["-c", `${out.trim()} -s`], { env: { ...process.env, ...env } });
      expect(JSON.parse(answer.stdout)).toMatchObject({ mode, method: "POST", body });
    }
  });

  it("hides keys and tokens at a terminal, unless they are asked for", async () => {
    const env = { ...aws, AUTHMODES_API_KEY: "amk_1", AUTHMODES_TOKEN: "t0ken" };
    for (const mode of ["apiKey", "userPool", "oidc", "lambda", "iam"]) {
      for (const format of [[], ["--json"], ["--curl"]]) {
        const { out, err } = await cli(["sign", "--as", mode, ...format, "/"], { env, isTTY: true });
        expect(out).not.toMatch(/amk_1|t0ken|a-session-token|a-secret/);
        if (format[0] !== "--curl") expect(err).toBe("A secret is hidden; --show-secrets prints it.\n");
      }
    }
    const shown = await cli(["sign", "--as", "apiKey", "--show-secrets", "/"], { env, isTTY: true });
    expect(shown).toMatchObject({ out: "x-api-key: amk_1\n", err: "" });
  });

  it("presigns a URL", async () => {
    const { url, kit } = await startServer();
    const { accessKeyId, secretAccessKey } = kit.accessKeys.machine;
    const env = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
    };
    const { out } = await cli(["sign", "--as", "iam", "--presign", "60", `${url}/books?a=1`], { env });
    const answer = await fetch(out.trim());
    expect(await answer.json()).toMatchObject({ mode: "iam" });
  });

  it.each([
    { args: ["--as", "apiKey", "--presign", "60", "/"], says: "Only signed requests fit into a URL" },
    { args: ["--as", "iam", "--presign", "0", "/"], says: "(a week): --presign 300" },
    { args: ["/"], says: "required option '--as <mode>' not specified" },
    { args: ["--as", "none"], says: "npx authmodes sign --as iam --region us-east-1 GET /books" },
  ])("says with $args what would work", async ({ args, says }) => {
    const { code, out, err } = await cli(["sign", ...args], { env: { AUTHMODES_API_KEY: "amk_1" } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
