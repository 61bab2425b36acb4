// For tools that show what a server asks of requests, and why one is rejected.

export { type EventSubject, subjectOf } from "../auth/events.ts";
export { type GuardNote, guardNoteKey, guardNoteOf, noteGuard } from "./guard-note.ts";
export { policyOf, requestHeadersOf } from "./inspect-auth.ts";
export { type SignatureTexts, signatureTexts } from "./signature-texts.ts";
