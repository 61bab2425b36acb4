import { describe, expect, it } from "vitest";
import { newSigner } from "../test/signer.ts";
import { KeySet } from "./key-set.ts";
import { recall, type Remembered, RememberedTokens } from "./remembered.ts";

const { jwk, kid } = newSigner("Ed25519");
const now = 1_800_000_000_000;

async function entry(): Promise<Remembered<string>> {
  const keys = new KeySet({ jwksUri: "https://x" }, { fetch: async () => Response.json({ keys: [jwk] }) });
  const key = await keys.find({ alg: "Ed25519", kid, typ: undefined }, now);
  return { identity: "alice", keys, key, since: now, until: now + 1000 };
}

describe("RememberedTokens", () => {
  it("finds a token by the whole of it, not by its end", async () => {
    const tokens = new RememberedTokens<string>();
    const remembered = await entry();
    const end = "e".repeat(100);
    tokens.add(`a.${end}`, remembered);
    expect(tokens.get(`a.${end}`)).toBe(remembered);
    expect(tokens.get(`b.${end}`)).toBeUndefined();
    expect(tokens.get(end)).toBeUndefined();
  });

  it("lets the oldest go where there are too many characters", async () => {
    const tokens = new RememberedTokens<string>(300);
    const remembered = await entry();
    const token = (letter: string, length = 100) => letter.repeat(length);
    for (const letter of ["a", "b", "c"]) tokens.add(token(letter), remembered);
    expect(tokens.get(token("a"))).toBe(remembered);
    tokens.add(token("d"), remembered);
    expect(["a", "b", "c", "d"].map((letter) => tokens.get(token(letter)) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    tokens.add(token("e", 301), remembered);
    expect(["b", "c", "d"].some((letter) => tokens.get(token(letter)) !== undefined)).toBe(false);
    expect(tokens.get(token("e", 301))).toBeUndefined();
    tokens.add(token("f"), remembered);
    expect(tokens.get(token("f"))).toBe(remembered);
  });

  it("counts a token once that is added again", async () => {
    const tokens = new RememberedTokens<string>(300);
    const remembered = await entry();
    tokens.add("a".repeat(100), remembered);
    for (let i = 0; i < 10; i++) tokens.add("b".repeat(100), remembered);
    expect(tokens.get("a".repeat(100))).toBe(remembered);
  });
});

describe("recall", () => {
  it("gives the identity from the moment it was proven until it ends", async () => {
    const remembered = await entry();
    expect(recall(remembered, now)).toBe("alice");
    expect(recall(remembered, now + 999)).toBe("alice");
    expect(recall(remembered, now + 1000)).toBeUndefined();
    expect(recall(remembered, now - 1)).toBeUndefined();
    expect(recall(undefined, now)).toBeUndefined();
  });
});
