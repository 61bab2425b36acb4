import { presignDraft, signDraft, testSecret } from "../sigv4-signer.ts";
import { broken, mismatch, refusedAs, type SignatureCase } from "./case.ts";
import { otherToken, temp, token } from "./server.ts";

/** Scopes, keys and session tokens. */
export const scopeAndKeys: readonly SignatureCase[] = [
  ...[
    "20260115/us-east-1/execute-api",
    "20260115/us-east-1/execute-api/aws4_request/",
    "20260115/us-east-1/x/execute-api/aws4_request",
  ].map((scope): SignatureCase => ({
    name: `22 the scope ${scope}`,
    draft: ({ get }) => signDraft(get(), { scope }),
    expects: broken("credential_malformed"),
  })),
  ...["", "AKID/EXAMPLE", "AKID EXAMPLE", `A${"K".repeat(128)}`].map((accessKeyId): SignatureCase => ({
    name: `22 the access key id '${accessKeyId.slice(0, 20)}'`,
    draft: ({ get }) => signDraft(get(), { accessKeyId }),
    expects: broken("credential_malformed"),
  })),
  ...["20260114", "2026011", "", "202601155"].map((day): SignatureCase => ({
    name: `23 a scope of the day '${day}' in a request of another`,
    draft: ({ get }) => signDraft(get(), { scope: `${day}/us-east-1/execute-api/aws4_request` }),
    expects: refusedAs("scope_date_differs"),
  })),
  ...["eu-west-1", "US-EAST-1", ""].map((region): SignatureCase => ({
    name: `25 the region '${region}'`,
    draft: ({ get }) => signDraft(get(), { scope: `20260115/${region}/execute-api/aws4_request` }),
    expects: refusedAs("region_not_accepted"),
  })),
  ...["s3", "Execute-Api", ""].map((service): SignatureCase => ({
    name: `26 the service '${service}'`,
    draft: ({ get }) => signDraft(get(), { scope: `20260115/us-east-1/${service}/aws4_request` }),
    expects: refusedAs("service_not_accepted"),
  })),
  ...["aws3_request", "AWS4_REQUEST", ""].map((term): SignatureCase => ({
    name: `27 the terminator '${term}'`,
    draft: ({ get }) => signDraft(get(), { scope: `20260115/us-east-1/execute-api/${term}` }),
    expects: refusedAs("scope_not_terminated"),
  })),
  ...["AKIDUNKNOWN", "akidexample", "__proto__", "constructor", "toString"].map(
    (accessKeyId): SignatureCase => ({
      name: `28, 31 the unknown key ${accessKeyId}`,
      draft: ({ get }) => signDraft(get(), { accessKeyId }),
      expects: refusedAs("access_key_unknown"),
    }),
  ),
  ...["__proto__", "constructor", "toString", "hasOwnProperty"].map((accessKeyId): SignatureCase => ({
    name: `31 the key ${accessKeyId}, looked up in a plain object`,
    on: "keys in an object",
    draft: ({ get }) => signDraft(get(), { accessKeyId, secret: "undefined" }),
    expects: ["unavailable", "verification_failed"],
  })),
  ...(
    [
      ["AKIDEMPTY", ""],
      ["AKIDNOSECRET", "undefined"],
      ["AKIDTEXT", "undefined"],
      ["AKIDNAN", testSecret],
    ] as const
  ).map(([accessKeyId, secret]): SignatureCase => ({
    name: `29 half a key from the store: ${accessKeyId}`,
    draft: ({ get }) => signDraft(get(), { accessKeyId, secret }),
    expects: ["unavailable", "verification_failed"],
  })),
  {
    name: "29 temporary credentials of which the store does not say when they end",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "AKIDFOREVER", token }),
    expects: ["unavailable", "verification_failed"],
  },
  {
    name: "30 a disabled key",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "AKIDDISABLED" }),
    expects: refusedAs("access_key_disabled"),
  },
  {
    name: "30 a key that has ended",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "AKIDENDED" }),
    expects: ["expired", "access_key_expired"],
  },
  {
    name: "32 temporary credentials without their token",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIATEMPORARY" }),
    expects: refusedAs("session_token_missing"),
  },
  {
    name: "33 the token of another key",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIATEMPORARY", token: otherToken }),
    expects: refusedAs("session_token_mismatch"),
  },
  {
    name: "33 an empty token",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIATEMPORARY", token: "" }),
    expects: refusedAs("session_token_mismatch"),
  },
  {
    name: "34 temporary credentials that have ended",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIAENDED", token }),
    expects: ["expired", "session_expired"],
  },
  {
    name: "34 temporary credentials that have ended, with a signature that does not hold",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIAENDED", token, secret: "another" }),
    expects: mismatch,
  },
  {
    name: "35 a token with a long-term key",
    draft: ({ get }) => signDraft(get(), { token }),
    expects: refusedAs("session_token_unexpected"),
  },
  {
    name: "36 a token that is not signed",
    draft: ({ get }) => signDraft(get(), { ...temp, signedHeaders: ["host", "x-amz-date"] }),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "37 tokens that differ in the header and the query",
    draft: ({ get }) => presignDraft(get("/", ["X-Amz-Security-Token", otherToken]), temp),
    expects: broken("presigned_contradicted"),
  },
  {
    name: "37 a token in the header of a presigned request that has none in its query",
    draft: ({ get }) =>
      presignDraft(get("/", ["X-Amz-Security-Token", token]), { accessKeyId: "ASIATEMPORARY" }),
    expects: broken("presigned_contradicted"),
  },
];
