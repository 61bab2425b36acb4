export * from "@authmodes/core";
export { createAllow, getAccess } from "./allow.ts";
export type { Allow, AllowOptions } from "./allow.ts";
export { authenticate, authErrorHandler, getIdentity, getView, keepRawBody } from "./express.ts";
export type { AuthenticateOptions } from "./express.ts";
