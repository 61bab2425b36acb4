export { type AccessKeyList, type AccessKeys, openAccessKeyList, openAccessKeys } from "./access-keys.ts";
export type {
  CreateAccessKeyOptions,
  CreatedAccessKey,
  ListedAccessKey,
  OpenAccessKeysOptions,
} from "./access-keys.ts";
export type { KeyFiles } from "./import/read.ts";
export type { Key } from "./key-record.ts";
export { type Keys, openKeys } from "./keys.ts";
export type { CreatedKey, CreateOptions, ImportResult, ListedKey, RotateOptions } from "./keys.ts";
export type { OpenOptions } from "./records.ts";
export { createReplayStore } from "./replay.ts";
export { openRevocations, type Revocations } from "./revocations.ts";
export type { ListedRevocation, Revocation } from "./revocations.ts";
export { fileStore } from "./store/file.ts";
export { memoryStore } from "./store/memory.ts";
export { openStore } from "./store/open.ts";
export { StoreError } from "./store/error.ts";
export type { Changes, Limits, Period, Row, Store, Taken, Write } from "./store/store.ts";
export type { UsagePlan } from "./usage/plans.ts";
export { createUsage, type UsageOptions } from "./usage/usage.ts";
