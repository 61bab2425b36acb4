export * from "@authmodes/core";
export { createAllow, getAccess } from "./allow.ts";
export type { Allow, AllowOptions } from "./allow.ts";
export { authenticate, getIdentity, getView } from "./fastify.ts";
export { authModes } from "./plugin.ts";
export type { AuthModesOptions, AuthTypeProvider } from "./plugin.ts";
