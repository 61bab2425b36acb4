import { presignDraft } from "../sigv4-signer.ts";
import { broken, mismatch, refusedAs, type SignatureCase } from "./case.ts";
import { retarget } from "./drafts.ts";
import { temp, token } from "./server.ts";

/** Presigned requests. */
export const presigned: readonly SignatureCase[] = [
  {
    name: "70 a presigned request that has ended",
    draft: ({ get }) => presignDraft(get(), { date: "20260115T115859Z" }),
    expects: refusedAs("presigned_expired"),
  },
  {
    name: "70 one without X-Amz-Expires, beyond the clock skew",
    draft: ({ get }) => presignDraft(get(), { date: "20260115T115459Z", expires: null }),
    expects: refusedAs("date_skewed"),
  },
  ...["0", "-1", "604801", "abc", "1e9", "1.5", "", " 60", "0x10", "060", "60s", "NaN"].map(
    (expires): SignatureCase => ({
      name: `71 X-Amz-Expires '${expires}'`,
      on: "presigned writes",
      draft: ({ get }) => presignDraft(get(), { expires }),
      expects: broken("expires_malformed"),
    }),
  ),
  {
    name: "71 X-Amz-Expires beyond what the server gives",
    draft: ({ get }) => presignDraft(get(), { expires: "901" }),
    expects: refusedAs("presigned_too_long"),
  },
  {
    name: "72 a presigned request from the future",
    draft: ({ get }) => presignDraft(get(), { date: "20260115T120501Z" }),
    expects: refusedAs("date_skewed"),
  },
  ...["Algorithm", "Credential", "Date", "SignedHeaders", "Signature"].map((name): SignatureCase => ({
    name: `73 no X-Amz-${name}`,
    draft: ({ get }) =>
      retarget(presignDraft(get("/?a=1")), (target) =>
        target.replace(new RegExp(`&X-Amz-${name}=[^&]*`), ""),
      ),
    expects: broken("parameter_missing"),
  })),
  {
    name: "73 another algorithm in the query",
    draft: ({ get }) => retarget(presignDraft(get()), (target) => target.replace("SHA256", "SHA1")),
    expects: broken("algorithm_unsupported"),
  },
  {
    name: "74 a presigned GET used for PUT",
    on: "presigned writes",
    draft: ({ get }) => ({ ...presignDraft(get()), method: "PUT" }),
    expects: mismatch,
  },
  {
    name: "74 a presigned PUT where only GET and HEAD may be",
    draft: ({ get }) => presignDraft({ ...get(), method: "PUT" }),
    expects: refusedAs("presigned_method_not_accepted"),
  },
  {
    name: "75 a presigned request where none is accepted",
    on: "no presigned",
    draft: ({ get }) => presignDraft(get()),
    expects: refusedAs("presigned_not_accepted"),
  },
  {
    name: "76 the token taken off",
    draft: ({ get }) =>
      retarget(presignDraft(get(), temp), (target) => target.replace(/&X-Amz-Security-Token=[^&]*/, "")),
    expects: refusedAs("session_token_missing"),
  },
  {
    name: "76 a token put on after signing",
    draft: ({ get }) =>
      retarget(
        presignDraft(get(), { accessKeyId: "ASIATEMPORARY" }),
        (target) => `${target}&X-Amz-Security-Token=${encodeURIComponent(token)}`,
      ),
    expects: mismatch,
  },
  {
    name: "76 a body with a presigned request that was signed without one",
    on: "presigned writes",
    draft: ({ get }) => ({ ...presignDraft({ ...get(), method: "PUT" }), body: "price=1" }),
    expects: mismatch,
  },
];
