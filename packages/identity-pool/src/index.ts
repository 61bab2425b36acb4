export { createIdentityPool } from "./create.ts";
export type { IdentityPool } from "./create.ts";
export type { IdentityPoolOptions } from "./options.ts";
export type { RoleMapping, RoleRule } from "./roles.ts";
