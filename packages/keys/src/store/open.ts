import { must } from "@authmodes/core/options";
import { fileStore } from "./file.ts";
import { codeOf } from "./error.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store that a text names: `redis://…` or `rediss://…`, `postgres://…` or `postgresql://…`, or the path of a file.
 * @throws TypeError if the text names no store, or the package for it, ioredis or pg, is not installed
 * @example
 * import { openKeys, openStore } from "@authmodes/keys";
 *
 * const store = await openStore(process.env["AUTHMODES_KEYS"] ?? "authmodes-keys.jsonl");
 * export const keys = await openKeys(store);
 */
export async function openStore(where: string): Promise<Store> {
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(where)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const [, half] = /^(rediss?|postgres(?:ql)?):/i.exec(where) ?? [];
    must(half === undefined, `openStore(): write the URL of a store as ${half}://…, with two slashes`);
    return fileStore(where);
  }
  try {
    if (/^rediss?$/.test(scheme)) return (await import("./redis.ts")).redisStore(where);
    if (/^postgres(?:ql)?$/.test(scheme)) return (await import("./postgres.ts")).postgresStore(where);
  } catch (error) {
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    const wanted = scheme.startsWith("redis") ? "ioredis" : "pg";
    throw new TypeError(`A store at ${scheme}:// needs the package ${wanted}: npm install ${wanted}`, {
      cause: error,
    });
  }
  throw new TypeError(
    `openStore(): ${scheme}:// is no store; write the path of a file, redis://… or postgres://…`,
  );
}
