import { describe, expect, it } from "vitest";
import { newSigner } from "../test/signer.ts";
import { KeySet } from "./key-set.ts";
import { keySetAt } from "./key-source.ts";
import { recall, type Remembered } from "./token-verifier.ts";

const { jwk, kid } = newSigner("Ed25519");
const now = 1_800_000_000_000;

async function entry(): Promise<Remembered<string>> {
  const keys = new KeySet(keySetAt("https://x"), { fetch: async () => Response.json({ keys: [jwk] }) });
  const [key] = await keys.find({ header: { alg: "Ed25519", kid, typ: undefined }, claims: {} }, now);
  if (key === undefined) throw new Error("expected a key");
  return { token: "t", identity: "alice", check: undefined, keys, key, since: now, until: now + 1000 };
}

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
