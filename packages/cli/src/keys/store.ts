import { resolve } from "node:path";
import { openStore, type Store } from "@authmodes/keys";
import type { Command } from "commander";
import { flagOf } from "../again.ts";
import { type Io, type JsonOption, UsageError } from "../io.ts";

/** Options of every command about keys. */
export interface StoreOptions extends JsonOption {
  readonly store?: string | undefined;
}

export interface ReasonOptions extends StoreOptions {
  readonly reason?: string;
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
export async function withStore(
  { store: where }: StoreOptions,
  io: Io,
  run: (store: Store) => Promise<void>,
): Promise<void> {
  const named = where ?? io.env["AUTHMODES_KEYS"] ?? defaultStore;
  let store: Store | undefined;
  try {
    // One letter is a drive of Windows.
    const isPath = named !== "" && !/^[a-z][\w+.-]+:/i.test(named);
    store = await openStore(isPath ? resolve(io.cwd(), named) : named);
    await run(store);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  } finally {
    await store?.close();
  }
}

/** Opens the store and what it holds, and closes both after the function. */
export function withOpened<T extends { close(): Promise<void> }>(
  options: StoreOptions,
  io: Io,
  open: (store: Store) => Promise<T>,
  run: (opened: T, store: Store) => Promise<void>,
): Promise<void> {
  return withStore(options, io, async (store) => {
    const opened = await open(store);
    await run(opened, store).finally(() => opened.close());
  });
}

/** Options of the library, as far as a command gets to it with a value that it rejects. */
const optionNames = new Set(
  (
    "name owner environment metadata scopes reason userArn usagePlans usagePlanKeys " +
    "jti originJti sid sub issuer issuedBefore"
  ).split(" "),
);

function messageOf(error: unknown): string {
  if (!(error instanceof TypeError)) return error instanceof Error ? error.message : String(error);
  // The call of the library that threw means nothing here, and options have other names.
  const text = error.message.replace(/^[\w.]+\(\):? /, "");
  const [word = ""] = /^\w+(?= )/.exec(text) ?? [];
  if (optionNames.has(word)) return flagOf(word) + text.slice(word.length);
  return /^[a-z]+$/.test(word) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}
