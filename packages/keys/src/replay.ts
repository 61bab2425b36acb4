import type { ReplayStore } from "@authmodes/core";
import { must } from "@authmodes/core/options";
import type { Store } from "./store/store.ts";

/**
 * Makes the store of signatures for `iam({ replay })`: each signature is valid for one request, on all instances that share
 * the store. If the store is down, the answer is 503.
 * @param store Redis, PostgreSQL, or the memory for one process
 * @throws TypeError if the store cannot do that, as a file
 * @example
 * import { createAuth, iam } from "@authmodes/core";
 * import { createReplayStore, openAccessKeys, openStore } from "@authmodes/keys";
 *
 * const store = await openStore("redis://127.0.0.1:6379");
 * const { find: credentials } = await openAccessKeys(store);
 * const replay = createReplayStore(store);
 * export const auth = createAuth([iam({ region: "eu-west-1", credentials, replay })]);
 */
export function createReplayStore(store: Store): ReplayStore {
  must(
    typeof store?.once === "function",
    "createReplayStore() takes a store that records for all instances: redisStore(), postgresStore(), " +
      "or memoryStore() for one process",
  );
  return { record: store.once.bind(store) };
}
