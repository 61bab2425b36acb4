import { join } from "node:path";
import { fileStore, openRevocations } from "@authmodes/keys";
import type { TokenFacts } from "@authmodes/core";
import { describe, expect, it, vi } from "vitest";
import { cli, folderWith, unwrapped } from "../test/cli.ts";

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
    expect(unwrapped(out)).toContain(said);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
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
    [[], "Write one of --sub, --jti, --origin-jti and --sid, or --issuer with --issued-before"],
    [["--sub", "a", "--jti", "b"], "Write one of"],
    [["--issuer", "a"], "Write one of"],
    [["--jti", "a", "--issued-before", "1001"], "--issued-before goes with sub, or with issuer alone"],
    [["--sub", ""], "--sub is text, as in the token"],
    [["--sub", "a", "--reason", "a\nb"], "--reason is one line"],
    [["--sub", "a", "--issued-before", "yesterday"], "Write a time such as"],
    [["--sub", "a", "--issued-before", "2026-11-29T12:00"], "Write a time such as"],
    [["--sub", "a", "--issued-before", "1700000000000"], "Write a time such as"],
    [["--sub", "a", "--expires-in-days", "0"], "Write whole days from 1 to 3650"],
  ])("rejects %j", async (args, message) => {
    const { code, out, err } = await cli(["revoke", ...args], { cwd: await folderWith({}) });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
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
          "--issuer is missing, and servers accepted tokens of several. Write one of these:\n" +
            "  https://b.example.com\n  https://id.example.com\n",
        );
      },
      { timeout: 10_000 },
    );
    const args = ["revoke", "--sub", "bob", "--issuer"];
    expect(await cli([...args, `${issuer}/`], { cwd })).toMatchObject({ code: 0, err: "" });
    // Misspelt, it would revoke nothing.
    const { code, out, err } = await cli([...args, "https://typo.example.com"], { cwd });
    expect(code).toBe(0);
    expect(unwrapped(out)).toContain("of https://typo.example.com issued until");
    expect(err).toBe(
      "No server with this store has accepted a token of https://typo.example.com. Tokens were of:\n" +
        "  https://b.example.com\n  https://id.example.com\n",
    );
    await server.close();
  });
});
