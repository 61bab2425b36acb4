export { type Events, EventsLost } from "./events.ts";
export { memoryEvents } from "./memory.ts";
export { type PgEventsPool, type PgListener, postgresEvents } from "./postgres.ts";
export type { PostgresEventsOptions } from "./postgres.ts";
export { publishMutations, type PublishOptions } from "./publish-mutations.ts";
export { type RedisClient, redisEvents, type RedisListener } from "./redis.ts";
export type { RedisEventsOptions, RedisListenerOptions } from "./redis.ts";
