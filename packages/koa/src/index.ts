export * from "@authmodes/core";
export { createAllow, getAccess } from "./allow.ts";
export type { Allow, AllowContext, AllowOptions } from "./allow.ts";
export { authenticate, getIdentity, getView } from "./koa.ts";
export type { AuthState } from "./koa.ts";
