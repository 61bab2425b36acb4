// For adapters, which connect a framework with core. CONTRIBUTING.md lists the calls in order.

export { Adapter, admitRoute, createGuard, readJson, type Guard } from "./adapter.ts";
export {
  admits,
  authorize,
  carriesCredentials,
  guardAnswer,
  logRejections,
  readsBody,
  verifyAhead,
} from "./around-guards.ts";
export { tell } from "../auth/events.ts";
export { checkAuth, checkRequirements } from "../auth/requirements.ts";
export { type GuardNote, guardNoteKey, noteGuard } from "../inspect/guards.ts";
export { Cache } from "../lib/cache.ts";
export { maxNesting, nestsTooDeeply, parseObject } from "../lib/json.ts";
export { isPromise, within } from "../lib/promises.ts";
export { RouteAccess } from "../policy/access.ts";
export { guardedRoute, isList, routeGuards } from "../policy/guarded-route.ts";
export type { GuardedRoute, RouteOptions } from "../policy/guarded-route.ts";
export { invalidInput } from "../refusal/error.ts";
export { PreflightAnswer } from "../refusal/preflight.ts";
export { isForBrowsers, clearAnswer } from "../refusal/reply.ts";
export { letParsersRead } from "../request/hand-built.ts";
export { DelegatingView, partView } from "../request/part-view.ts";
export { AdapterSlot, knownState, RequestState, stateOf } from "../request/state.ts";
