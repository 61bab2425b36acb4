import { expect, it } from "vitest";
import { newSigner } from "../test/signer.ts";
import { KeySet } from "./key-set.ts";
import { keySetAt } from "./key-source.ts";
import { VerifiedToken } from "./token-verifier.ts";

const { jwk, kid } = newSigner("Ed25519");
const now = 1_800_000_000_000;

it("is valid from the second of its verification until it expires, at most five minutes", async () => {
  const keys = new KeySet(keySetAt("https://x"), { fetch: async () => Response.json({ keys: [jwk] }) });
  const [key] = await keys.find({ header: { alg: "Ed25519", kid, typ: undefined }, claims: {} }, now);
  if (key === undefined) throw new Error("expected a key");
  for (const [until, seconds] of [
    [now / 1000 + 1, 1],
    [now / 1000 + 1.5, 1.5],
    [now / 1000 + 1000, 300],
  ] as const) {
    const verified = new VerifiedToken("t", "alice", undefined, keys, key, now + 400, until);
    const end = now + seconds * 1000;
    expect([now - 1, now, now + 400, end - 1, end].map((time) => verified.isValid(time))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  }
});
