// For tools that show what a server requires of requests, and why it rejects one.

export { type EventSubject, subjectOf } from "../auth/events.ts";
export { type GuardNote, guardNoteKey, guardNoteOf, noteGuard } from "./guards.ts";
export { policyOf, requestHeadersOf } from "./guards.ts";
export { type SignatureTexts, signatureTexts } from "./signature-texts.ts";
