import { emptyBodyHash, presignDraft, signDraft } from "../sigv4-signer.ts";
import { broken, mismatch, refusedAs, type SignatureCase } from "./case.ts";
import { also, change } from "./drafts.ts";

/** Signed headers. */
export const headers: readonly SignatureCase[] = [
  {
    name: "38 host not signed",
    draft: ({ get }) => signDraft(get(), { signedHeaders: ["x-amz-date"] }),
    expects: refusedAs("host_unsigned"),
  },
  ...["x-amz-date", "x-amz-acl", "x-amz-meta-a", "x-amz-user-agent"].map((name): SignatureCase => ({
    name: `39 ${name} not signed`,
    draft: ({ get }) =>
      signDraft(get("/", ...(name === "x-amz-date" ? [] : [[name, "a"] as [string, string]])), {
        signedHeaders: name === "x-amz-date" ? ["host"] : ["host", "x-amz-date"],
      }),
    expects: refusedAs("header_unsigned"),
  })),
  {
    name: "39 an x-amz- header added to a presigned request",
    draft: ({ get }) => also(presignDraft(get()), ["X-Amz-Tagging", "a=b"]),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "39 a header that has to be signed and is not",
    on: "more headers required",
    draft: ({ get }) => also(signDraft(get()), ["content-type", "text/xml"]),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "39 the hash of the body, where that has to be signed by name",
    on: "more headers required",
    draft: ({ get }) => also(signDraft(get()), ["X-Amz-Content-Sha256", emptyBodyHash]),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "40 a signed header that was not sent",
    draft: ({ get }) => signDraft(get(), { signedHeaders: ["host", "x-amz-date", "x-tenant"] }),
    expects: refusedAs("signed_header_absent"),
  },
  {
    name: "40 a signed header that was not sent, signed as the text undefined",
    draft: ({ get }) => change(signDraft(get("/", ["X-Tenant", "undefined"])), "x-tenant", undefined),
    expects: refusedAs("signed_header_absent"),
  },
  {
    name: "41 a signed header changed",
    draft: ({ get }) => change(signDraft(get("/", ["X-Tenant", "a"])), "x-tenant", "b"),
    expects: mismatch,
  },
  {
    name: "41 a second value of a signed header",
    draft: ({ get }) => also(signDraft(get("/", ["X-Tenant", "a"])), ["X-Tenant", "b"]),
    expects: mismatch,
  },
  {
    name: "41 a signed header twice of which servers keep the first",
    draft: ({ post }) =>
      signDraft(post("{}", ["Content-Type", "text/xml"], ["Content-Type", "application/json"])),
    expects: broken("header_repeated"),
  },
  {
    name: "42 two Host",
    draft: ({ get, host }) => signDraft(get("/", ["Host", host])),
    expects: broken("header_repeated"),
  },
  ...["localhost", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:1"].map((host): SignatureCase => ({
    name: `43 signed for ${host}`,
    draft: (drafts) => change(signDraft(change(drafts.get(), "host", host)), "host", drafts.host),
    expects: mismatch,
  })),
  {
    name: "44 signed for the X-Forwarded-Host that anybody can send",
    draft: ({ get, host }) =>
      change(
        signDraft(change(get("/", ["X-Forwarded-Host", "api.example.com"]), "host", "api.example.com")),
        "host",
        host,
      ),
    expects: mismatch,
  },
  ...[
    ["empty", []],
    ["empty items", ["host", "", "x-amz-date"]],
    ["no order", ["x-amz-date", "host"]],
    ["one twice", ["host", "host", "x-amz-date"]],
    ["capitals", ["Host", "x-amz-date"]],
    ["a space", ["host ", "x-amz-date"]],
  ].map(([how, signedHeaders]): SignatureCase => ({
    name: `45 signed headers with ${String(how)}`,
    draft: ({ get }) => signDraft(get(), { signedHeaders: signedHeaders as string[] }),
    expects: broken("signed_headers_malformed"),
  })),
  {
    name: "46 a signed header that stands in the query only",
    draft: ({ get }) => {
      const draft = signDraft(get("/?x-tenant=a", ["X-Tenant", "a"]));
      return change(draft, "x-tenant", undefined);
    },
    expects: refusedAs("signed_header_absent"),
  },
  ...["http://other.example/books/7", "*", "//other.example@/a"].map((target): SignatureCase => ({
    name: `48 the target ${target}`,
    draft: ({ get }) => ({ ...signDraft(get(target)), method: target === "*" ? "OPTIONS" : "GET" }),
    expects: broken(target.startsWith("//") ? "path_ambiguous" : "target_malformed"),
  })),
];
