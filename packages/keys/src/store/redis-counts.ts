import { randomUUID } from "node:crypto";
import { keptSeconds, type Store } from "./store.ts";

// One script, so that bucket and quota change in one step. The clock is that of the server. Numbers are kept as they are
// if it steps back: the bucket fills up to the latest time that it saw, and the period is the latest one.
const takeScript = `
local function dayOfMonth(days)
  local z = days + 719468
  local doe = z % 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  return doy - math.floor((153 * math.floor((5 * doy + 2) / 153) + 2) / 5) + 1
end
local time = redis.call('TIME')
local clock = time[1] + time[2] / 1000000
local requests, rate, burst, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local days = math.floor(clock / 86400)
local start, stop = days, days + 1
if ARGV[5] == 'week' then
  start = days - (days + 3) % 7
  stop = start + 7
elseif ARGV[5] == 'month' then
  start = days - dayOfMonth(days) + 1
  stop = start + 31
  stop = stop - dayOfMonth(stop) + 1
end
local before = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'start', 'used')
local last = tonumber(before[2]) or clock
local at = math.max(clock, last)
local used = tonumber(before[4]) or 0
local since = tonumber(before[3]) or start
if start > since then
  since = start
  used = 0
end
local tokens, passed = 0, requests
if rate then
  tokens = math.min(burst, (tonumber(before[1]) or burst) + (at - last) * rate)
  passed = math.min(requests, math.floor(tokens))
end
local granted = passed
if limit then granted = math.min(passed, math.max(0, limit - used)) end
if granted > 0 then
  used = used + granted
  if rate then tokens = tokens - granted end
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', at), 'start', since, 'used', used)
  local kept = stop * 86400 - clock
  if rate then kept = math.max(kept, burst / rate) end
  redis.call('EXPIRE', KEYS[1], math.ceil(kept) + 86400)
end
return {granted, passed, used, string.format('%.6f', tokens), string.format('%.6f', stop * 86400 - clock)}
`;

// A client sends a script again if the connection is lost before the answer: the mark tells that from another request.
const onceScript = `
if redis.call('SET', KEYS[1], ARGV[2], 'NX', 'EX', ARGV[1]) then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[2] then return 1 end
return 0
`;

/** Runs a script. */
export type RunScript = (
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

export function redisCounts(run: RunScript): Required<Pick<Store, "take" | "once">> {
  return {
    async take(id, { throttle, quota }, requests) {
      const { rate = "", burst = "" } = throttle ?? {};
      const { limit = "", period = "day" } = quota ?? {};
      const answer = await run(takeScript, [`authmodes:usage:${id}`], [requests, rate, burst, limit, period]);
      const [granted, passed, used, tokens, reset] = answer as readonly [
        number,
        number,
        number,
        string,
        string,
      ];
      return { granted, passed, used, tokens: Number(tokens), resetSeconds: Number(reset) };
    },
    async once(id, expiresAt) {
      const seconds = Math.max(1, Math.ceil(expiresAt - Date.now() / 1000) + keptSeconds);
      return (await run(onceScript, [`authmodes:once:${id}`], [seconds, randomUUID()])) === 1;
    },
  };
}
