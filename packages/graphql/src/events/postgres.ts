import { randomBytes } from "node:crypto";
import { checkOptionNames, must } from "@authmodes/core/options";
import type { Events } from "./events.ts";
import { SharedEvents } from "./shared.ts";

/** What is used of a `Pool` of `pg`. */
export interface PgEventsPool {
  /** By a callback, which runs before anything else can happen to the client. */
  connect(callback: (error: Error | undefined, client: PgListener | undefined) => void): void;
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** What is used of a client of such a pool. */
export interface PgListener {
  query(text: string): Promise<unknown>;
  on(event: "notification", listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  /** @param broken whether the pool has to close it */
  release(broken: boolean): void;
}

/** Options of `postgresEvents`. */
export interface PostgresEventsOptions {
  /** The channel of LISTEN and NOTIFY: letters, digits and `_`. APIs that share a database need one each. Default `authmodes_events`. */
  readonly channel?: string;
}

// A payload has less than 8,000 bytes, so that a longer event is sent in parts. PostgreSQL delivers the notifications of one
// transaction one after the other, in order, and none if it fails.
const partLength = 7900;
const notify = `
SELECT pg_notify($1, part) FROM unnest($2::text[]) WITH ORDINALITY AS parts (part, number) ORDER BY number`;

/**
 * Makes events for several instances that share a PostgreSQL database, by LISTEN and NOTIFY. While there are subscribers, it
 * keeps one client of the pool, which therefore has at least two. A pooler such as PgBouncer has to be in session mode.
 * @param pool a `Pool` of `pg`, which stays open when the events are closed
 * @throws TypeError if an option is unknown or invalid
 * @example
 * import { postgresEvents, publishMutations } from "@authmodes/graphql/events";
 * import pg from "pg";
 * const events = postgresEvents(new pg.Pool({ connectionString: process.env["DATABASE_URL"] }));
 * export const published = publishMutations(schema, { events });
 */
export function postgresEvents(pool: PgEventsPool, options: PostgresEventsOptions = {}): Events {
  checkOptionNames("postgresEvents()", options, ["channel"]);
  const { channel = "authmodes_events" } = options;
  must(/^\w{1,63}$/.test(channel), "postgresEvents(): channel has 1 to 63 letters, digits and _.");
  const isPool = typeof pool?.connect === "function" && typeof pool.query === "function";
  must(isPool, "postgresEvents() takes a Pool of pg: new Pool({ connectionString }).");
  return new SharedEvents({
    name: "PostgreSQL",
    send: (text) => pool.query(notify, [channel, toParts(text)]),
    async listen(receive, lost) {
      const client = await connected(pool, lost);
      const join = joining(receive, () => lost(new Error("a part of an event is missing")));
      client.on("notification", ({ payload = "" }) => join(payload));
      try {
        await client.query(`LISTEN "${channel}"`);
      } catch (error) {
        client.release(true);
        throw error;
      }
      return () => client.release(true);
    },
  });
}

/**
 * `lost` listens at once: a server may end a connection in the packet that opens it, and without a listener the event would end
 * the process.
 */
function connected(pool: PgEventsPool, lost: (error: Error) => void): Promise<PgListener> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (!client) return reject(error ?? new Error("the pool gave no client"));
      client.on("error", lost);
      resolve(client);
    });
  });
}

/** Each part starts with the id of the text, its number and how many there are: PostgreSQL drops equal payloads. */
function toParts(text: string): readonly string[] {
  // Then a character is a byte. Outside of JSON's texts there are only ASCII characters.
  const ascii = text.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const count = Math.ceil(ascii.length / partLength);
  const id = randomBytes(6).toString("hex");
  return Array.from({ length: count }, (_, i) => {
    const part = ascii.slice(i * partLength, (i + 1) * partLength);
    return `${id} ${i + 1}/${count} ${part}`;
  });
}

function joining(receive: (text: string) => void, lost: () => void): (payload: string) => void {
  let current = "";
  let parts: string[] = [];
  return (payload) => {
    const [, id = "", number, count, part = ""] = /^(\w+) (\d+)\/(\d+) (.*)$/s.exec(payload) ?? [];
    if (id !== current) parts = [];
    current = id;
    if (parts.push(part) !== Number(number)) lost();
    else if (number === count) receive(parts.join(""));
  };
}
