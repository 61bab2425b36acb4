import { hashApiKey, type NewApiKey } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { cli } from "../test/cli.ts";

async function newKey(...args: readonly string[]): Promise<NewApiKey> {
  const { code, out, err } = await cli(["keys", "new", "--json", ...args]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as NewApiKey;
}

describe("keys new", () => {
  it("prints the key once and the hash to store", async () => {
    const { code, out } = await cli(["keys", "new", "--expires-in-days", "90", "--id", "partner"]);
    expect(code).toBe(0);
    const [key = "", ...more] = out.match(/amk_[0-9a-f]{64}/g) ?? [];
    expect(more).toEqual([]);
    expect(out).toContain(`{"id":"partner","hash":"${await hashApiKey(key)}","expiresAt":`);
  });

  it("counts days from now", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { stored } = await newKey("--expires-in-days", "2");
    const after = Math.floor(Date.now() / 1000);
    expect(stored.expiresAt).toBeGreaterThanOrEqual(before + 2 * 86_400);
    expect(stored.expiresAt).toBeLessThanOrEqual(after + 2 * 86_400);
  });

  it("makes keys that do not end, in words alone", async () => {
    const { key, stored } = await newKey("--expires-in-days", "never");
    expect(stored).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      hash: await hashApiKey(key),
      expiresAt: null,
    });
    const { out } = await cli(["keys", "new", "--expires-in-days", "never"]);
    expect(out).toContain("It has no expiry.");
  });

  it("takes several scopes, each once", async () => {
    const { stored } = await newKey(
      "--scopes",
      "books/read",
      "books/write",
      "books/read",
      "--expires-in-days",
      "1",
    );
    expect(stored.scopes).toEqual(["books/read", "books/write"]);
  });

  it.each([
    { what: "no end", args: [], says: "required option '--expires-in-days <days|never>'" },
    { what: "no days", args: ["--expires-in-days", "0"], says: "whole days from 1 to 36500, or never" },
    { what: "negative days", args: ["--expires-in-days=-1"], says: "whole days" },
    { what: "parts of days", args: ["--expires-in-days", "1.5"], says: "whole days" },
    { what: "days as hexadecimal", args: ["--expires-in-days", "0x10"], says: "whole days" },
    { what: "empty days", args: ["--expires-in-days", ""], says: "whole days" },
    { what: "another century", args: ["--expires-in-days", "36501"], says: "whole days" },
    { what: "an empty id", args: ["--expires-in-days", "1", "--id", ""], says: "letters, digits" },
    { what: "an id of two lines", args: ["--expires-in-days", "1", "--id", "a\nb"], says: "letters, digits" },
    { what: "scopes in one word", args: ["--expires-in-days", "1", "--scopes", "a,b"], says: "by spaces" },
    {
      what: "scopes in one argument",
      args: ["--expires-in-days", "1", "--scopes", "a b"],
      says: "by spaces",
    },
  ])("exits with 2 for $what, and makes no key", async ({ args, says }) => {
    const { code, out, err } = await cli(["keys", "new", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
