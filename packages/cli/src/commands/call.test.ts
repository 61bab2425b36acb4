import { describe, expect, it } from "vitest";
import { cli, folderWith } from "../test/cli.ts";
import { bind, region, startServer } from "../test/server.ts";

describe("authmodes call", () => {
  it("calls in each mode, with credentials from variables", async () => {
    const { url, kit } = await startServer();
    const { machine } = kit.accessKeys;
    const env = {
      AUTHMODES_URL: url,
      AUTHMODES_API_KEY: kit.apiKeys.valid.key,
      AWS_ACCESS_KEY_ID: machine.accessKeyId,
      AWS_SECRET_ACCESS_KEY: machine.secretAccessKey,
      AWS_REGION: region,
      USER: await kit.userPool.token(),
      OTTO: await kit.oidc.token(),
      LAMBDA: kit.authorizer.tokens.authorized,
    };
    const modes = [
      ["apiKey"],
      ["iam"],
      ["userPool", "--from-env", "USER"],
      ["oidc", "--from-env", "OTTO"],
      ["lambda", "--from-env", "LAMBDA"],
      ["none"],
    ];
    for (const [mode = "", ...more] of modes) {
      const { code, out, err } = await cli(["call", "--as", mode, ...more, "GET", "/books?a=1"], { env });
      expect({ code, err }).toEqual({ code: 0, err: "200 OK\n" });
      expect(JSON.parse(out)).toMatchObject({ mode, method: "GET", target: "/books?a=1" });
    }
  });

  it("sends a body, signed with all of it", async () => {
    const { url, kit } = await startServer();
    const folder = await folderWith({
      "key.json": JSON.stringify(kit.accessKeys.user),
      "order.json": '{"bookId":"7"}',
    });
    const { code, out } = await cli(
      [
        "call",
        "--as",
        "iam",
        "--from-file",
        "key.json",
        "--region",
        region,
        "--url",
        url,
        "/orders",
        "-d",
        "@order.json",
      ],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ mode: "iam", method: "POST", body: '{"bookId":"7"}' });
  });

  it("gets a token as a client of an issuer", async () => {
    const { server, url: issuer } = await bind();
    const { url, kit } = await startServer({ oidc: { issuer } });
    await kit.listen(server);
    const args = ["call", "--as", "oidc", "--issuer", issuer, "--client-id", kit.oidc.clientId, "/"];
    const env = { AUTHMODES_URL: url, AUTHMODES_CLIENT_SECRET: kit.oidc.clientSecret };
    const { code, out } = await cli(args, { env });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ mode: "oidc", id: kit.oidc.clientId });
  });

  it("exits with 1 if the server rejects it, and says how to find the reason", async () => {
    const { url } = await startServer();
    const env = { AUTHMODES_API_KEY: "amk_wrong" };
    const { code, out, err } = await cli(["call", "--as", "apiKey", "--url", url, "/"], { env });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^401 Unauthorized\nThe server's log has the reason:\n {2}npx authmodes explain [\da-f-]{36} --log server.log\n$/,
    );
    expect(JSON.parse(out)).toMatchObject({ code: "credentials_refused" });
    expect(out + err).not.toContain("amk_wrong");
  });

  it("prints JSON", async () => {
    const { url } = await startServer();
    const { out, err } = await cli(["call", "--as", "none", "--url", url, "--json", "/"]);
    expect(JSON.parse(out)).toMatchObject({ status: 200, body: { mode: "none" } });
    expect(err).toBe("");
  });

  it("shows control characters of an answer at a terminal", async () => {
    const { url } = await startServer();
    const args = [
      "call",
      "--as",
      "none",
      "--url",
      url,
      "PUT",
      "/",
      "-d",
      "\u001B[2Jx",
      "-H",
      "content-type: text/plain",
    ];
    const { out } = await cli(args, { isTTY: true });
    expect(out).not.toContain("\u001B");
  });

  it("asks for a key at a terminal", async () => {
    const { url, kit } = await startServer();
    const ask = { password: async () => kit.apiKeys.valid.key } as never;
    const { code } = await cli(["call", "--as", "apiKey", "--url", url, "/"], { ask });
    expect(code).toBe(0);
  });

  it.each([
    {
      what: "no key",
      args: ["--as", "apiKey", "GET", "/books"],
      says: "  npx authmodes call --as apiKey GET /books --from-file secret.txt\n",
    },
    {
      what: "no access key",
      args: ["--as", "iam", "--region", "x", "/books"],
      says: "  npx authmodes call --as iam --region x /books --from-file access-key.json\n",
    },
    {
      what: "no region",
      args: ["--as", "iam", "/b"],
      says: "  npx authmodes call --as iam /b --region us-east-1\n",
    },
    {
      what: "no client",
      args: ["--as", "oidc", "--issuer", "https://id.example.com", "/"],
      says: "--issuer https://id.example.com / --client-id my-client\n",
    },
    {
      what: "no server",
      args: ["--as", "none", "--url", "http://127.0.0.1:9", "/"],
      says: "  npx authmodes call --as none --url http://127.0.0.1:9 / --url https://api.example.com\n",
    },
    {
      what: "plain http",
      args: ["--as", "none", "--url", "http://0.0.0.0:9", "/"],
      says: "--url http://0.0.0.0:9 / --allow-insecure-http 0.0.0.0:9\n",
    },
    {
      what: "plain http that is allowed, and no server",
      args: ["--as", "none", "--url", "http://0.0.0.0:9", "/", "--allow-insecure-http", "0.0.0.0:9"],
      says: "There is no answer from http://0.0.0.0:9",
    },
    { what: "no path", args: ["--as", "none"], says: "npx authmodes call --as apiKey GET /books" },
    { what: "half a path", args: ["--as", "none", "books"], says: "write /books" },
    { what: "a body in a GET", args: ["--as", "none", "GET", "/", "-d", "x"], says: "write POST" },
    { what: "a password in the URL", args: ["--as", "none", "http://a:b@x/"], says: "send a header instead" },
    { what: "another mode", args: ["--as", "cookie", "/"], says: "Allowed choices are apiKey" },
  ])("says with $what what would work", async ({ args, says }) => {
    const { code, out, err } = await cli(["call", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });

  it("sends no client secret over plain http", async () => {
    const args = ["call", "--as", "oidc", "--issuer", "http://0.0.0.0:9", "--client-id", "a", "/"];
    const { code, err } = await cli(args, { env: { AUTHMODES_CLIENT_SECRET: "s-hidden" } });
    expect(code).toBe(2);
    expect(err).toContain("--client-id a / --allow-insecure-http 0.0.0.0:9\n");
    expect(err).not.toContain("hidden");
  });

  it("quotes no file that it cannot use", async () => {
    const cwd = await folderWith({ "key.json": '{ "secret": "wJalr" ', "key.txt": "amk_a\namk_b" });
    for (const args of [
      ["--as", "iam", "--region", "x", "--from-file", "key.json"],
      ["--as", "apiKey", "--from-file", "key.txt"],
    ]) {
      const { code, out, err } = await cli(["call", ...args, "/"], { cwd });
      expect(code).toBe(2);
      expect(out + err).not.toMatch(/wJalr|amk_/);
    }
  });
});
