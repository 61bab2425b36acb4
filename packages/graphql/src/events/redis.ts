import { checkOptionNames, must } from "@authmodes/core/options";
import type { Events } from "./events.ts";
import { messageOf } from "./publisher.ts";
import { SharedEvents } from "./shared.ts";

/** What is used of a client of ioredis. */
export interface RedisClient {
  publish(channel: string, message: string): Promise<unknown>;
  duplicate(override: RedisListenerOptions): RedisListener;
}

/** The options of the connection that listens: when it is lost, it is not opened again behind our back. */
export interface RedisListenerOptions {
  readonly enableOfflineQueue: true;
  readonly retryStrategy: () => null;
}

/** What is used of the connection that listens. */
export interface RedisListener {
  subscribe(channel: string): Promise<unknown>;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  disconnect(): void;
}

/** Options of `redisEvents`. */
export interface RedisEventsOptions {
  /** The channel of Redis. APIs that share a Redis need one each. Default `authmodes:events`. */
  readonly channel?: string;
}

/**
 * Makes events for several instances that share Redis or Valkey, by its pub/sub. While there are subscribers, it has one
 * connection of its own.
 * @param client a client of ioredis, which stays open when the events are closed
 * @throws TypeError if an option is unknown or invalid
 * @example
 * import { publishMutations, redisEvents } from "@authmodes/graphql/events";
 * import { Redis } from "ioredis";
 * const events = redisEvents(new Redis("redis://127.0.0.1:6379"));
 * export const published = publishMutations(schema, { events });
 */
export function redisEvents(client: RedisClient, options: RedisEventsOptions = {}): Events {
  checkOptionNames("redisEvents()", options, ["channel"]);
  const { channel = "authmodes:events" } = options;
  must(typeof channel === "string" && channel !== "", "redisEvents(): channel is a name.");
  const isClient = typeof client?.publish === "function" && typeof client.duplicate === "function";
  must(isClient, 'redisEvents() takes a client of ioredis: new Redis("redis://…").');
  return new SharedEvents({
    name: "Redis",
    async send(text) {
      try {
        await client.publish(channel, text);
      } catch (error) {
        throw plain(error);
      }
    },
    async listen(receive, lost) {
      const listener = client.duplicate({ enableOfflineQueue: true, retryStrategy: () => null });
      listener.on("error", (error) => lost(plain(error)));
      listener.on("close", () => lost(new Error("the connection was closed")));
      listener.on("message", (_channel, message) => receive(message));
      try {
        await listener.subscribe(channel);
      } catch (error) {
        listener.disconnect();
        throw plain(error);
      }
      return () => listener.disconnect();
    },
  });
}

/** Errors of ioredis have the arguments of the command, such as a password, and servers quote them if they do not know it. */
function plain(error: unknown): Error {
  return new Error(messageOf(error).replace(/,? with args beginning with.*/, ""));
}
