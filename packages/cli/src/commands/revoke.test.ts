import { join } from "node:path";
import { fileStore, openRevocations } from "@authmodes/keys";
import type { TokenFacts } from "@authmodes/core";
import { describe, expect, it, vi } from "vitest";
import { cli, folderWith } from "../test/cli.ts";

const issuer = "https://id.example.com";
const token: TokenFacts = { iss: issuer, jti: "j", originJti: "o", sid: "s", sub: "alice", iat: 1000 };

/** A server with the store of the folder. */
async function serverIn(cwd: string) {
  return openRevocations(fileStore(join(cwd, "authmodes-keys.jsonl")));
}

describe("revoke", () => {
  it.each([
    [["--sub", "alice"], "Tokens with sub alice of any issuer issued until "],
    [["--jti", "j", "--issuer", issuer], `Tokens with jti j of ${issuer} are revoked, until `],
    [["--origin-jti", "o"], "Tokens with originJti o of any issuer are revoked, until "],
    [
      ["--sid", "s", "--reason", "stolen", "--expires-in-days", "1"],
      "Tokens with sid s of any issuer are revoked",
    ],
    [
      ["--issuer", issuer, "--issued-before", "1001"],
      `All tokens of ${issuer} issued until 1970-01-01 00:16 UTC`,
    ],
    [["--sub", "alice", "--issued-before", "1970-01-01T01:16:41+01:00"], "issued until 1970-01-01 00:16 UTC"],
  ])("%j", async (args, said) => {
    const cwd = await folderWith({});
    const server = await serverIn(cwd);
    expect(server.isRevoked(token)).toBe(false);
    const { code, out, err } = await cli(["revoke", ...args], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(said);
    await vi.waitFor(() => expect(server.isRevoked(token)).toBe(true), { timeout: 5000, interval: 50 });
    await server.close();
  });

  it("prints one object with --json", async () => {
    const cwd = await folderWith({});
    const { out } = await cli(["revoke", "--sid", "s", "--reason", "stolen", "--json"], { cwd });
    expect(JSON.parse(out)).toMatchObject({
      claim: "sid",
      value: "s",
      issuer: null,
      issuedBefore: null,
      reason: "stolen",
    });
  });

  it.each([
    [[], "takes one of jti, originJti, sid and sub"],
    [["--sub", "a", "--jti", "b"], "takes one of"],
    [["--sub", "a", "--issued-before", "yesterday"], "Write a time such as"],
    [["--sub", "a", "--issued-before", "2026-11-29T12:00"], "Write a time such as"],
    [["--sub", "a", "--issued-before", "1700000000000"], "Write a time such as"],
    [["--sub", "a", "--expires-in-days", "0"], "Write whole days from 1 to 3650"],
  ])("rejects %j", async (args, message) => {
    const { code, out, err } = await cli(["revoke", ...args], { cwd: await folderWith({}) });
    expect([code, out]).toEqual([2, ""]);
    expect(err.toLowerCase()).toContain(message.toLowerCase());
  });

  it("needs the issuer if servers met several", async () => {
    const cwd = await folderWith({});
    const server = await serverIn(cwd);
    server.isRevoked(token);
    await vi.waitFor(
      async () => {
        server.isRevoked({ ...token, iss: "https://b.example.com" });
        const { code, err } = await cli(["revoke", "--sub", "bob"], { cwd });
        expect(code).toBe(2);
        expect(err).toContain(
          "ssuer is missing, and there are several: https://b.example.com, https://id.example.com",
        );
      },
      { timeout: 10_000 },
    );
    expect((await cli(["revoke", "--sub", "bob", "--issuer", issuer], { cwd })).code).toBe(0);
    await server.close();
  });
});
