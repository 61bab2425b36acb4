import { signDraft } from "../sigv4-signer.ts";
import { mismatch, type SignatureCase } from "./case.ts";

/** Stores that fail, and a signature made with another secret. */
export const stores: readonly SignatureCase[] = [
  ...(["throwing", "rejecting"] as const).map((on): SignatureCase => ({
    name: `78 a key source that is ${on}`,
    on,
    draft: ({ get }) => signDraft(get()),
    expects: ["unavailable", "verification_failed"],
  })),
  {
    name: "78 a replay store that does not answer true or false",
    on: "a replay store that forgets to answer",
    draft: ({ post }) => signDraft(post("price=1")),
    expects: ["unavailable", "verification_failed"],
  },
  {
    name: "a signature made with another secret",
    draft: ({ get }) => signDraft(get(), { secret: "another" }),
    expects: mismatch,
  },
];
