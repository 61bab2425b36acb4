import type { SignatureCase } from "./case.ts";
import { headers } from "./headers.ts";
import { parsing } from "./parsing.ts";
import { pathAndQuery } from "./path-and-query.ts";
import { payload } from "./payload.ts";
import { presigned } from "./presigned.ts";
import { scopeAndKeys } from "./scope-and-keys.ts";
import { stores } from "./stores.ts";
import { time } from "./time.ts";

// What a verifier has to reject, by number. Every request is signed so that it would pass if its check were not there. Numbers
// that are missing are not this mode's to reject:
// 44 and 47 are headers that are never read.
// 69 is about parsers: no body is ever parsed here; the case below shows that a form is not merged into the query.
// 79 is about adapters: whether each of their branches authenticates is what the audits run against them.

export { refusals, type SignatureCase } from "./case.ts";
export { draftFor } from "./drafts.ts";
export { caseSecrets, configurations, known, temp } from "./server.ts";

export const signatureCases: readonly SignatureCase[] = [
  ...parsing,
  ...time,
  ...scopeAndKeys,
  ...headers,
  ...pathAndQuery,
  ...payload,
  ...presigned,
  ...stores,
];
