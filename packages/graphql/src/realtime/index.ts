export { createRealtime } from "./create.ts";
export type { Realtime } from "./create.ts";
export type { RealtimeOptions, SubscriptionStart } from "./options.ts";
