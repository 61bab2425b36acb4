import { presignDraft, signDraft, testDate } from "../sigv4-signer.ts";
import { broken, refusedAs, type SignatureCase } from "./case.ts";
import { change } from "./drafts.ts";

/** Dates. */
export const time: readonly SignatureCase[] = [
  ...["20260115T115459Z", "20260115T120501Z"].map((date): SignatureCase => ({
    name: `13, 14 a request of ${date} at noon`,
    draft: ({ get }) => signDraft(get(), { date }),
    expects: refusedAs("date_skewed"),
  })),
  ...[
    "20260115t120000z",
    "20260115T12 000Z",
    "2026-01-15T12:00:00Z",
    "20260115T120000",
    "20260115T120000.0Z",
    "x",
  ].map((date): SignatureCase => ({
    name: `16 the date ${date}`,
    draft: ({ get }) => signDraft(get(), { date, scope: "20260115/us-east-1/execute-api/aws4_request" }),
    expects: broken("date_malformed"),
  })),
  ...["Thu, 15 Jan 2026 12:00:00", "15 Jan 2026 12:00:00 GMT", "Fri, 15 Jan 2026 12:00:00 GMT"].map(
    (date): SignatureCase => ({
      name: `16 the Date ${date}`,
      draft: ({ get }) => signDraft(get("/", ["Date", date]), { date: testDate }),
      expects: broken("date_malformed"),
    }),
  ),
  {
    name: "17 no date at all",
    draft: ({ get }) => change(signDraft(get(), { signedHeaders: ["host"] }), "x-amz-date", undefined),
    expects: broken("date_missing"),
  },
  {
    name: "18 two X-Amz-Date",
    draft: ({ get }) => signDraft(get("/", ["X-Amz-Date", testDate], ["X-Amz-Date", testDate])),
    expects: broken("header_repeated"),
  },
  {
    name: "18 two Date",
    draft: ({ get }) => {
      const date: [string, string] = ["Date", "Thu, 15 Jan 2026 12:00:00 GMT"];
      return signDraft(get("/", date, date), { signedHeaders: ["host"] });
    },
    expects: broken("header_repeated"),
  },
  {
    name: "19 an X-Amz-Date header that differs from the one in the query",
    draft: ({ get }) => presignDraft(get("/", ["X-Amz-Date", "20260115T120001Z"])),
    expects: broken("presigned_contradicted"),
  },
];
