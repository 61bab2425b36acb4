// What apps answer with, without the shop's database and issuers: Next bundles this entry point.

export { errorReply, HttpError, type HttpReply } from "./http/http-error.ts";
export { countBytes, describeIdentity, maxBodyBytes } from "./http/whoami.ts";
export { liveMessages, type LiveMessages } from "./page/live.ts";
