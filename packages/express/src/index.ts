export * from "@authmodes/core";
export { authenticate, authErrorHandler, getIdentity, getView, keepRawBody } from "./express.ts";
export type { AuthenticateOptions } from "./express.ts";
