export * from "@authmodes/core";
export { AuthModesModule } from "./auth-modes.module.ts";
export type { AuthModesAsyncOptions } from "./auth-modes.module.ts";
export { AUTH } from "./auth-modes.options.ts";
export type { AuthModesOptions } from "./auth-modes.options.ts";
export type { RouteArgs } from "./execution-context.ts";
export { Allow, AllowAnonymous, Groups, loadFrom, Modes, Scopes } from "./handler.decorators.ts";
export type { AllowOptions, LoadRecord, ModeName, ProvidedLoad } from "./handler.decorators.ts";
export { CurrentAccess, CurrentIdentity, CurrentView, RowFilter } from "./param.decorators.ts";
