import { type Events, memoryEvents, postgresEvents, redisEvents } from "@authmodes/graphql/events";

/** Events that shops with the same store share, and how to close them. */
export interface OpenEvents {
  readonly events: Events;
  close(): Promise<void>;
}

/** @param store `redis://…` or `postgres://…`. Otherwise events stay in this process. */
export async function openEvents(store = ""): Promise<OpenEvents> {
  // Loaded only if they are used. The events report the errors of their connections.
  if (/^rediss?:/i.test(store)) {
    const { Redis } = await import("ioredis");
    const client = new Redis(store).on("error", () => undefined);
    return closing(redisEvents(client), () => client.disconnect());
  }
  if (/^postgres(?:ql)?:/i.test(store)) {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: store, max: 4 }).on("error", () => undefined);
    return closing(postgresEvents(pool), () => pool.end());
  }
  return closing(memoryEvents(), () => undefined);
}

function closing(events: Events, disconnect: () => unknown): OpenEvents {
  return {
    events,
    async close() {
      await events.close();
      void disconnect(); // not awaited: the server may be down
    },
  };
}
