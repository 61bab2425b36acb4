import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { troubleOf } from "./error.ts";
import { redisCounts, type RunScript } from "./redis-counts.ts";
import {
  type Changes,
  FormatCheck,
  keptSeconds,
  type Row,
  serverUrl,
  type Store,
  storeFormat,
} from "./store.ts";
import { Wakes } from "./wakes.ts";

// One hash for the state of the store, and for each kind a hash of its records, and two sorted sets: by version, and by
// expiry. A braced name keeps them on one node of a cluster. Scripts run alone, so they are atomic.
const prefix = "{authmodes}";
const channel = `${prefix}:written`;
const stateKey = `${prefix}:state`;

const writeScript = `
local format = redis.call('HGET', KEYS[1], 'format')
if format and tonumber(format) > tonumber(ARGV[1]) then return {-1, format} end
local last = (redis.call('HGET', KEYS[1], 'epoch') or '') .. ' ' .. (redis.call('HGET', KEYS[1], 'version') or '0')
if ARGV[5] ~= '' and ARGV[5] ~= last then return {0} end
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[2])
redis.call('HSET', KEYS[1], 'format', ARGV[1])
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
for i = 6, #ARGV, 4 do
  local rows, id, expiry = ARGV[i] * 3 - 1, ARGV[i + 1], ARGV[i + 2]
  redis.call('HSET', KEYS[rows], id, version .. ' ' .. expiry .. ' ' .. ARGV[i + 3])
  redis.call('ZADD', KEYS[rows + 1], version, id)
  if expiry == '' then redis.call('ZREM', KEYS[rows + 2], id)
  else redis.call('ZADD', KEYS[rows + 2], expiry, id) end
end
local time = redis.call('TIME')
for rows = 2, #KEYS, 3 do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[rows + 2], '-inf', time[1] - ARGV[3], 'LIMIT', 0, 1000)) do
    redis.call('HDEL', KEYS[rows], id)
    redis.call('ZREM', KEYS[rows + 1], id)
    redis.call('ZREM', KEYS[rows + 2], id)
  end
end
redis.call('PUBLISH', ARGV[4], version)
return {1}
`;

const changesScript = `
local state = redis.call('HMGET', KEYS[1], 'format', 'epoch', 'version')
local epoch, version = state[2] or '', tonumber(state[3] or '0')
local after = tonumber(ARGV[2])
if epoch ~= ARGV[1] or after > version then
  return {state[1] or '0', epoch, version, 1, redis.call('HGETALL', KEYS[2])}
end
local rows = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. after, '+inf')) do
  rows[#rows + 1] = id
  rows[#rows + 1] = redis.call('HGET', KEYS[2], id)
end
return {state[1] or '0', epoch, version, 0, rows}
`;

const formatScript = "return redis.call('HGET', KEYS[1], 'format')";

/**
 * Makes a store in Redis or Valkey. Let the server write each change to disk (`appendonly yes`, `appendfsync always`):
 * otherwise a crash of it can bring back a key that was revoked just before.
 * @param server a URL such as `redis://127.0.0.1:6379`, or a client of ioredis, which stays open when the store is closed
 * @throws TypeError if the URL is malformed
 * @example
 * import { openKeys } from "@authmodes/keys";
 * import { redisStore } from "@authmodes/keys/redis";
 *
 * export const keys = await openKeys(redisStore(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379"));
 */
export function redisStore(server: string | Redis): Store {
  const isOurs = typeof server === "string";
  const client = isOurs ? connect(server) : server;
  let lastError: Error | undefined;
  const onError = (error: Error) => void (lastError = error);
  client.on("error", onError);
  // The arguments are one array: an import has more of them than a call of a function can.
  const run: RunScript = (script, keys, args) =>
    client.call("eval", [script, keys.length, ...keys, ...args]).catch((error: Error) => {
      // What ioredis says when it gives up names no cause.
      const cause = error.name === "MaxRetriesPerRequestError" ? (lastError ?? error) : error;
      // Its errors have the arguments of the command, such as a password, and servers quote them if they do not know it.
      throw new Error(troubleOf(cause).replace(/,? with args beginning with.*/s, ""));
    });
  const { host, port } = client.options;
  const name = `Redis at ${host}:${port}`;
  const formats = new FormatCheck(name);
  let connection = {};
  const onClose = () => void (connection = {});
  client.on("close", onClose);
  const wakes = new Wakes((wake) => {
    const listener = client.duplicate();
    listener.on("error", () => {});
    listener.on("message", wake);
    // Messages may have been missed before.
    listener.on("ready", wake);
    listener.subscribe(channel).catch(() => {});
    return () => listener.disconnect();
  });

  return {
    name,
    async changes(kind, after = "- 0") {
      const [epoch = "", version = "0"] = after.split(" ");
      return readChanges(formats, kind, await run(changesScript, keysOf([kind]), [epoch, version]));
    },
    async write(writes, since = "") {
      const kinds = [...new Set(writes.map(({ kind }) => kind))];
      const args = writes.flatMap(({ kind, id, expiresAt, data }) => [
        kinds.indexOf(kind) + 1,
        id,
        expiresAt ?? "",
        data,
      ]);
      const settings = [storeFormat, randomUUID(), keptSeconds, channel, since];
      const answer = await run(writeScript, keysOf(kinds), [...settings, ...args]);
      const [state, newer = "0"] = answer as readonly [number, string?];
      formats.check(Number(newer));
      return state === 1;
    },
    watch: (wake) => wakes.watch(wake),
    ...redisCounts(async (...script) => {
      // By itself: in a cluster, counts are on other nodes than the records.
      await formats.beforeCount(connection, async () => Number(await run(formatScript, [stateKey], [])));
      return run(...script);
    }),
    close: async () => {
      wakes.close();
      if (isOurs) client.disconnect();
      else client.off("error", onError).off("close", onClose);
    },
  };
}

function connect(url: string): Redis {
  serverUrl("redisStore()", url);
  return new Redis(url, {
    commandTimeout: 5000,
    connectTimeout: 5000,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(times * 100, 1000),
  });
}

function keysOf(kinds: readonly string[]): readonly string[] {
  const kindKeys = kinds.flatMap((kind) =>
    ["rows", "order", "expiry"].map((part) => `${prefix}:${part}:${kind}`),
  );
  return [stateKey, ...kindKeys];
}

function readChanges(formats: FormatCheck, kind: string, answer: unknown): Changes {
  const [format, epoch, version, isWhole, pairs] = answer as readonly [
    string,
    string,
    number,
    number,
    readonly string[],
  ];
  formats.check(Number(format));
  const rows: Row[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [, written = "", expiry = "", data = ""] = /^(\d+) (\d*) (.*)$/s.exec(pairs[i + 1] ?? "") ?? [];
    const expiresAt = expiry === "" ? null : Number(expiry);
    rows.push({ kind, id: pairs[i] ?? "", version: Number(written), data, expiresAt });
  }
  return { rows, cursor: `${epoch} ${version}`, isWhole: isWhole === 1 };
}
