export * from "@authmodes/core";
export { authenticate, authErrorHandler, getIdentity, keepRawBody } from "./express.ts";
export type { AuthenticateOptions } from "./express.ts";
