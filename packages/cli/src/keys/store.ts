import { resolve } from "node:path";
import { openStore, type Store, StoreError } from "@authmodes/keys";
import type { Command } from "commander";
import { type Io, UsageError } from "../io.ts";

/** Options of every command about keys. */
export interface StoreOptions {
  readonly store?: string;
  readonly json?: boolean;
}

export const defaultStore = "authmodes-keys.jsonl";

/** @param json what `--json` prints */
export function addStoreOptions(command: Command, json: string): Command {
  return command
    .option(
      "--store <where>",
      `a file, redis://… or postgres://… (default: AUTHMODES_KEYS, else ${defaultStore})`,
    )
    .option("--json", `print ${json} as JSON`);
}

/**
 * Opens the store and calls the function, then closes the store.
 * @throws UsageError if the store or the function rejects: what is wrong is in the arguments, or outside of this program
 */
export async function withStore<T>(
  { store: where }: StoreOptions,
  io: Io,
  run: (store: Store) => Promise<T>,
): Promise<T> {
  const named = where ?? io.env["AUTHMODES_KEYS"] ?? defaultStore;
  let store: Store | undefined;
  try {
    store = await openStore(/^[a-z][\w+.-]*:\/\//i.test(named) ? named : resolve(io.cwd(), named));
    return await run(store);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  } finally {
    await store?.close();
  }
}

function messageOf(error: unknown): string {
  // An error of several addresses has no message of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  if (first instanceof StoreError || first instanceof UsageError) return first.message;
  // The call of the library that threw means nothing here.
  const [, call, message] = /^([\w.]+\(\):? ?)?(.*)$/s.exec(first.message) ?? [];
  return call === undefined
    ? `The store cannot be used: ${message}`
    : `${message?.charAt(0).toUpperCase()}${message?.slice(1)}`;
}
