export * from "@authmodes/core";
export type { GuardedApiHandler, WithApiAuth } from "./api-route.ts";
export { createNextAuth } from "./next-auth.ts";
export type { AuthSource, NextAuth, NextAuthOptions } from "./next-auth.ts";
export type { PageAccessOptions, ReadAccess, ReadIdentity } from "./page.ts";
export type { OptimisticCheck } from "./proxy.ts";
export type {
  Allow,
  AllowedCaller,
  AllowOptions,
  AnyRouteContext,
  Caller,
  ErrorResponse,
  GuardedHandler,
  RouteHandler,
  RouteOptions,
  WithAuth,
} from "./route.ts";
export { nextView } from "./view.ts";
