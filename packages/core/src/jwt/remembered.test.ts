import { describe, expect, it } from "vitest";
import { newSigner } from "../test/signer.ts";
import { KeySet } from "./key-set.ts";
import { recall, type Remembered, RememberedTokens } from "./remembered.ts";

const { jwk, kid } = newSigner("Ed25519");
const now = 1_800_000_000_000;

async function entry(): Promise<Remembered<string>> {
  const keys = new KeySet({ jwksUri: "https://x" }, { fetch: async () => Response.json({ keys: [jwk] }) });
  const [key] = await keys.find({ header: { alg: "Ed25519", kid, typ: undefined }, claims: {} }, now);
  if (key === undefined) throw new Error("expected a key");
  return { identity: "alice", check: undefined, keys, key, since: now, until: now + 1000 };
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

  const token = (letter: string, length = 100) => letter.repeat(length);
  const known = (tokens: RememberedTokens<string>, letters: string) =>
    letters
      .split("")
      .filter((letter) => tokens.get(token(letter)) !== undefined)
      .join("");

  it("lets the older half go where there are too many characters", async () => {
    const tokens = new RememberedTokens<string>(400);
    const remembered = await entry();
    for (const letter of "abcd") tokens.add(token(letter), remembered);
    expect(known(tokens, "abcd")).toBe("abcd");
    tokens.add(token("e"), remembered);
    expect(known(tokens, "abcde")).toBe("cde");
    tokens.add(token("f", 200), remembered);
    expect(known(tokens, "abcde")).toBe("e");
    expect(tokens.get(token("f", 200))).toBe(remembered);
  });

  it("never holds more characters than it may", async () => {
    const tokens = new RememberedTokens<string>(1000);
    const remembered = await entry();
    const added: string[] = [];
    for (let i = 0; i < 500; i++) {
      const text = `${i}`.padStart(20 + ((i * 37) % 150), "x");
      added.push(text);
      tokens.add(text, remembered);
      const held = added.filter((one) => tokens.get(one) !== undefined);
      expect(held).toContain(text);
      expect(held.join("").length).toBeLessThanOrEqual(1000);
    }
  });

  it("counts a token once that is added again", async () => {
    const tokens = new RememberedTokens<string>(400);
    const remembered = await entry();
    tokens.add(token("a"), remembered);
    for (let i = 0; i < 10; i++) tokens.add(token("b"), remembered);
    tokens.add(token("c"), remembered);
    tokens.add(token("d"), remembered);
    expect(known(tokens, "abcd")).toBe("abcd");
  });
});

describe("recall", () => {
  it("gives the entry from the moment it was proven until it ends", async () => {
    const remembered = await entry();
    expect(recall(remembered, now)).toBe(remembered);
    expect(recall(remembered, now + 999)).toBe(remembered);
    expect(recall(remembered, now + 1000)).toBeUndefined();
    expect(recall(remembered, now - 1)).toBeUndefined();
    expect(recall(undefined, now)).toBeUndefined();
  });
});
