import { gzipSync } from "node:zlib";
import { emptyBodyHash, sha256, signDraft } from "../sigv4-signer.ts";
import { broken, mismatch, refusedAs, type SignatureCase } from "./case.ts";
import { change } from "./drafts.ts";

/** Bodies and their hashes. */
export const payload: readonly SignatureCase[] = [
  {
    name: "59 a byte of the body changed, its hash kept",
    draft: ({ post }) => ({
      ...signDraft(post("price=1", ["X-Amz-Content-Sha256", sha256("price=1")])),
      body: "price=2",
    }),
    expects: refusedAs("body_hash_mismatch"),
  },
  {
    name: "60 the body and its hash changed",
    draft: ({ post }) => {
      const draft = signDraft(post("price=1", ["X-Amz-Content-Sha256", sha256("price=1")]));
      return { ...change(draft, "x-amz-content-sha256", sha256("price=2")), body: "price=2" };
    },
    expects: mismatch,
  },
  {
    name: "60 the body and its hash changed, the hash not among the signed headers",
    draft: ({ post }) => {
      const unsigned = post("price=1", ["X-Amz-Content-Sha256", sha256("price=1")]);
      const draft = signDraft(unsigned, { signedHeaders: ["host", "x-amz-date"] });
      return { ...change(draft, "x-amz-content-sha256", sha256("price=2")), body: "price=2" };
    },
    expects: mismatch,
  },
  {
    name: "61 the body changed where no hash is sent",
    draft: ({ post }) => ({ ...signDraft(post("price=1")), body: "price=2" }),
    expects: mismatch,
  },
  {
    name: "61 a body added to a request without one",
    draft: ({ post }) => ({ ...signDraft(post("")), body: "price=2" }),
    expects: mismatch,
  },
  {
    name: "62 the hash of no body, and a body",
    draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", emptyBodyHash])),
    expects: refusedAs("body_hash_mismatch"),
  },
  {
    name: "63 an unsigned payload",
    draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"])),
    expects: refusedAs("payload_unsigned"),
  },
  {
    name: "63 an unsigned payload, unsaid",
    draft: ({ post }) => signDraft(post("price=1"), { payload: "UNSIGNED-PAYLOAD" }),
    expects: mismatch,
  },
  ...[
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
  ].map((payload): SignatureCase => ({
    name: `64 ${payload}`,
    on: "unsigned payloads",
    draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", payload])),
    expects: refusedAs("payload_streaming"),
  })),
  ...["unsigned-payload", "", "none", sha256("price=1").toUpperCase(), sha256("price=1").slice(1)].map(
    (payload): SignatureCase => ({
      name: `65 the payload hash '${payload.slice(0, 20)}'`,
      on: "unsigned payloads",
      draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", payload])),
      expects: broken("payload_hash_malformed"),
    }),
  ),
  {
    name: "66 a GET with a body that is not signed",
    draft: ({ get }) => ({ ...signDraft(get()), body: "price=1" }),
    expects: mismatch,
  },
  {
    name: "67 the hash of a body before it was compressed",
    draft: ({ post }) =>
      signDraft(
        post(gzipSync("price=1"), ["Content-Encoding", "gzip"], ["X-Amz-Content-Sha256", sha256("price=1")]),
      ),
    expects: refusedAs("body_hash_mismatch"),
  },
  {
    name: "68 a body over the cap",
    on: "a small cap",
    draft: ({ post }) => signDraft(post("price=1&stock=1")),
    expects: ["tooLarge", "body_too_large"],
  },
  {
    name: "68 a body over the cap, whose hash is signed",
    on: "a small cap",
    draft: ({ post }) =>
      signDraft(post("price=1&stock=1", ["X-Amz-Content-Sha256", sha256("price=1&stock=1")])),
    expects: ["tooLarge", "body_too_large"],
  },
  {
    name: "68 a body over the cap: a bad signature over its hash comes first, nothing is read",
    on: "a small cap",
    draft: ({ post }) =>
      signDraft(post("price=1&stock=1", ["X-Amz-Content-Sha256", sha256("price=1&stock=1")]), {
        secret: "another",
      }),
    expects: mismatch,
  },
  {
    name: "69 a form that was signed as if it were the query",
    draft: ({ post }) => {
      const draft = post("a=1", ["Content-Type", "application/x-www-form-urlencoded"]);
      return signDraft(draft, { query: "a=1", payload: emptyBodyHash });
    },
    expects: mismatch,
  },
];
