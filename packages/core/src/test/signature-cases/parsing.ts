import { presignDraft, signDraft } from "../sigv4-signer.ts";
import { broken, type SignatureCase } from "./case.ts";
import { also, authorization } from "./drafts.ts";
import { longToken } from "./server.ts";

/** The syntax of a signature, and its place. */
export const parsing: readonly SignatureCase[] = [
  { name: "1 no credentials", draft: ({ get }) => get(), expects: ["missing", "no_credentials"] },
  {
    name: "2 an empty Authorization",
    draft: ({ get }) => get("/", ["Authorization", ""]),
    expects: ["unread", "mode_not_served"],
  },
  ...["Bearer abc", "AWS AKIDEXAMPLE:c2lnbmF0dXJl"].map((value): SignatureCase => ({
    name: `3 ${value}`,
    draft: ({ get }) => get("/", ["Authorization", value]),
    expects: ["unread", "mode_not_served"],
  })),
  ...[
    "AWS4-HMAC-SHA1",
    "AWS4-ECDSA-P256-SHA256",
    "aws4-hmac-sha256",
    "AWS4-HMAC-SHA2566",
    "AWS4-HMAC-SHA256,",
  ].map((algorithm): SignatureCase => ({
    name: `3, 4 the algorithm ${algorithm}`,
    draft: ({ get }) => authorization(signDraft(get()), (old) => old.replace("AWS4-HMAC-SHA256", algorithm)),
    expects: broken("algorithm_unsupported"),
  })),
  {
    name: "5 a parameter without =",
    draft: ({ get }) => authorization(signDraft(get()), (old) => `${old}, Signature`),
    expects: broken("authorization_pair_malformed"),
  },
  {
    name: "5 a comma at the end",
    draft: ({ get }) => authorization(signDraft(get()), (old) => `${old},`),
    expects: broken("authorization_pair_malformed"),
  },
  ...["Credential", "SignedHeaders", "Signature"].map((name): SignatureCase => ({
    name: `6 no ${name}`,
    draft: ({ get }) =>
      authorization(signDraft(get()), (old) =>
        old.replace(new RegExp(`,? ?${name}=[^,]*`), "").replace("256,", "256"),
      ),
    expects: broken("authorization_parameter_missing"),
  })),
  {
    name: "6 the algorithm alone",
    draft: ({ get }) => authorization(signDraft(get()), () => "AWS4-HMAC-SHA256"),
    expects: broken("authorization_parameter_missing"),
  },
  ...["Credential", "SignedHeaders", "Signature"].map((name): SignatureCase => ({
    name: `7 ${name} twice`,
    draft: ({ get }) =>
      authorization(signDraft(get()), (old) => `${old}, ${new RegExp(`${name}=[^,]*`).exec(old)?.[0]}`),
    expects: broken("authorization_parameter_unexpected"),
  })),
  {
    name: "7 a parameter that is not known",
    draft: ({ get }) => authorization(signDraft(get()), (old) => `${old}, Region=us-east-1`),
    expects: broken("authorization_parameter_unexpected"),
  },
  {
    name: "8 two Authorization headers",
    draft: ({ get }) => {
      const draft = signDraft(get());
      return also(draft, ["Authorization", draft.headers.at(-1)?.[1] ?? ""]);
    },
    expects: broken("authorization_repeated"),
  },
  {
    name: "9 signed in the header and in the query",
    draft: ({ get }) => signDraft(presignDraft(get())),
    expects: ["ambiguous", "several_credentials"],
  },
  {
    name: "10 another Authorization beside a good presigned query",
    draft: ({ get }) => also(presignDraft(get()), ["Authorization", "garbage"]),
    expects: ["ambiguous", "several_credentials"],
  },
  ...(
    [
      ["empty", () => ""],
      ["in capitals", (signature) => signature.toUpperCase()],
      ["of 63 digits", (signature) => signature.slice(1)],
      ["of 65 digits", (signature) => `${signature}0`],
      ["with a letter that is no digit", (signature) => `g${signature.slice(1)}`],
      ["of as many characters, but more bytes", (signature) => `é${signature.slice(1)}`],
    ] as readonly (readonly [string, (signature: string) => string])[]
  ).map(([how, edit]): SignatureCase => ({
    name: `11 a signature ${how}`,
    draft: ({ get }) =>
      authorization(signDraft(get()), (old) =>
        old.replace(/Signature=(.*)/, (_all, s: string) => `Signature=${edit(s)}`),
      ),
    expects: broken("signature_malformed"),
  })),
  {
    name: "12 an Authorization over 8 KiB",
    draft: ({ get }) => authorization(signDraft(get()), (old) => old.replace(", ", `,${" ".repeat(8192)}`)),
    expects: broken("authorization_too_long"),
  },
  {
    name: "12 a session token over 8 KiB",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIALONG", token: longToken }),
    expects: broken("session_token_too_long"),
  },
  {
    name: "12 a session token over 8 KiB in the query",
    draft: ({ get }) => presignDraft(get(), { accessKeyId: "ASIALONG", token: longToken }),
    expects: broken("session_token_too_long"),
  },
];
