import {
  type CreatedKey,
  type CreateOptions,
  type Key,
  type Keys,
  type ListedKey,
  openKeys,
  type RotateOptions,
} from "@authmodes/keys";
import type { Command } from "commander";
import { readText } from "../files.ts";
import { type Io, printable, printJson, UsageError } from "../io.ts";
import { addPair, addScope, readDays, readOverlap } from "../keys/options.ts";
import { moment, printColumns } from "../keys/print.ts";
import { addStoreOptions, defaultStore, type StoreOptions, withStore } from "../keys/store.ts";
import { table } from "../terminal.ts";
import { defined } from "../values.ts";

interface ReasonOptions extends StoreOptions {
  readonly reason?: string;
}

interface ImportOptions extends StoreOptions {
  readonly usagePlans?: string;
  readonly usagePlanKeys?: Readonly<Record<string, string>>;
}

export function addKeys(program: Command, io: Io): void {
  const keys = program
    .command("keys")
    .description("API keys: create, rotate, revoke, import.")
    .addHelpText(
      "after",
      `
Examples:
  npx authmodes keys create --name partner --scopes books/read books/write
  npx authmodes keys list
  npx authmodes keys rotate 3f9c02d1a7b4 --overlap-seconds 3600
  npx authmodes keys revoke 3f9c02d1a7b4 --reason leaked
  AUTHMODES_KEYS=redis://127.0.0.1:6379 npx authmodes keys list

Keys are in a store, which the server opens too:
  openKeys(await openStore("${defaultStore}"))
Write a URL with a password into AUTHMODES_KEYS: other users of the machine can
read the arguments of a program.`,
    );
  const add = (name: string, description: string, json: string) =>
    addStoreOptions(keys.command(name).description(description), json);

  add("create", "Make a key. It is shown once; the store holds its hash.", "{ id, key, expiresAt }")
    .option("--name <name>", "what it is for", "unnamed")
    .option("--owner <owner>", "whose it is")
    .option("--scopes <scope...>", "the scopes that it grants, separated by spaces", addScope)
    .option("--metadata <name=value...>", "what handlers can read of it", addPair)
    .option("--expires-in-days <days>", "from 1 to 365 (default: 30)", readDays)
    .option("--environment <name>", "the second part of the key (default: live)")
    .action(({ store, json, ...options }: StoreOptions & CreateOptions) =>
      using({ store, json }, io, async (opened) => printCreated(await opened.create(options), json, io)),
    );
  add("list", "List all keys with their state and last use.", "{ keys }").action((options: StoreOptions) =>
    using(options, io, async (opened, where) => printKeys(await opened.list(), where, options, io)),
  );
  add("show <id>", "Show one key.", "it").action((id: string, options: StoreOptions) =>
    using(options, io, async (opened) => {
      const key = (await opened.list()).find((key) => key.id === id);
      if (key === undefined) {
        // What is longer than an id may be a key.
        const shown = id.length < 20 ? `the id '${printable(id)}'` : "this id";
        throw new UsageError(`There is no key with ${shown}. List them: npx authmodes keys list`);
      }
      if (options.json) printJson(key, io);
      else printKey(key, io);
    }),
  );
  add(
    "rotate <id>",
    "Give a key a new value. The one before is accepted for a while.",
    "{ id, key, expiresAt }",
  )
    .option("--overlap-seconds <n>", "how long both are accepted (default: 86400)", readOverlap)
    .option("--expires-in-days <days>", "from 1 to 365 (default: as before)", readDays)
    .action((id: string, { store, json, ...options }: StoreOptions & RotateOptions) =>
      using({ store, json }, io, async (opened) => printCreated(await opened.rotate(id, options), json, io)),
    );
  add("disable <id>", "Reject a key until it is enabled.", "it")
    .option("--reason <reason>", "why")
    .action((id: string, options: ReasonOptions) =>
      using(options, io, async (opened) => printState(await opened.disable(id, options.reason), options, io)),
    );
  add("enable <id>", "Accept a disabled key again.", "it").action((id: string, options: StoreOptions) =>
    using(options, io, async (opened) => printState(await opened.enable(id), options, io)),
  );
  add("revoke <id>", "Reject a key for good.", "it")
    .option("--reason <reason>", "why")
    .action((id: string, options: ReasonOptions) =>
      using(options, io, async (opened) => printState(await opened.revoke(id, options.reason), options, io)),
    );
  add(
    "import <file>",
    "Import keys of API Gateway or AppSync: all of a file, or nothing.",
    "{ imported, existing }",
  )
    .option("--usage-plans <file>", "what 'aws apigateway get-usage-plans' printed")
    .option("--usage-plan-keys <plan=file...>", "what get-usage-plan-keys printed for a plan", addPair)
    .addHelpText(
      "after",
      `
Reads a CSV file of API Gateway, and what these print with --output json:
  aws apigateway get-api-keys --include-values
  aws appsync list-api-keys --api-id ID
Clients go on with their keys. Delete the file afterwards: it holds them.`,
    )
    .action(async (file: string, options: ImportOptions) => importFile(file, options, io));
}

/** Opens the keys, and closes them with their store. */
async function using(
  options: { readonly [K in keyof StoreOptions]: StoreOptions[K] | undefined },
  io: Io,
  run: (keys: Keys, where: string) => Promise<void>,
): Promise<void> {
  await withStore(defined(options), io, async (store) => {
    const keys = await openKeys(store);
    try {
      await run(keys, store.name);
    } finally {
      await keys.close();
    }
  });
}

async function importFile(file: string, options: ImportOptions, io: Io): Promise<void> {
  const { usagePlans, usagePlanKeys = {} } = options;
  const files = {
    keys: await readText(file, io),
    ...(usagePlans !== undefined && { usagePlans: await readText(usagePlans, io) }),
    usagePlanKeys: Object.fromEntries(
      await Promise.all(
        Object.entries(usagePlanKeys).map(async ([plan, path]) => [plan, await readText(path, io)] as const),
      ),
    ),
  };
  await using(options, io, async (keys) => {
    const result = await keys.import(files);
    if (options.json) return printJson(result, io);
    const { imported, existing } = result;
    if (imported.length > 0) {
      printColumns(
        ["id", "state", "name"],
        imported.map(({ id, state, name }) => [id, state, name]),
        io,
      );
    }
    const before = existing === 0 ? "" : `, ${existing} in the store before`;
    io.stdout.write(`Imported: ${imported.length}${before}. Delete ${printable(file)}: it holds the keys.\n`);
  });
}

function printCreated(created: CreatedKey, json: boolean | undefined, io: Io): void {
  if (json) return printJson(created, io);
  const { id, key, expiresAt } = created;
  io.stdout.write(`The key ${id}, shown this once. It expires at ${moment(expiresAt)} UTC.\n\n  ${key}\n`);
}

function printKeys(keys: readonly ListedKey[], where: string, { json }: StoreOptions, io: Io): void {
  if (json) return printJson({ keys }, io);
  if (keys.length === 0) return void io.stdout.write(`The ${printable(where)} has no keys.\n`);
  printColumns(
    ["id", "state", "expires (UTC)", "last used (UTC)", "name"],
    keys.map(({ id, state, expiresAt, lastUsedAt, name }) => [
      id,
      state,
      moment(expiresAt),
      moment(lastUsedAt),
      name,
    ]),
    io,
  );
}

function printKey(key: ListedKey, io: Io): void {
  const metadata = Object.entries(key.metadata).map(([name, value]) => `${name}=${value}`);
  // A disabled or revoked key is not accepted with any value.
  const isOverlap = key.previousExpiresAt !== null && key.state === "active";
  const rows: readonly (readonly [string, string | null])[] = [
    ["id", key.id],
    ["name", key.name],
    ["state", key.reason === null ? key.state : `${key.state}: ${key.reason}`],
    ["owner", key.owner],
    ["scopes", key.scopes.join(" ")],
    ["metadata", metadata.join(" ")],
    ["plans", key.plans.join(" ")],
    ["created", moment(key.createdAt)],
    ["expires", moment(key.expiresAt)],
    ["rotated", isOverlap ? `the value before is accepted until ${moment(key.previousExpiresAt)}` : null],
    ["last used", moment(key.lastUsedAt)],
  ];
  const known = rows.flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, printable(value)] as const],
  );
  io.stdout.write(table(known));
}

function printState(key: Key, { json }: StoreOptions, io: Io): void {
  if (json) printJson(key, io);
  else io.stdout.write(`The key ${key.id} is ${key.state}.\n`);
}
