import {
  type CreatedKey,
  type CreateOptions,
  type KeyFiles,
  type Keys,
  type ListedKey,
  openKeys,
  type RotateOptions,
  type Store,
} from "@authmodes/keys";
import type { Command } from "commander";
import { readText } from "../files.ts";
import { type Io, type JsonOption, printable, printResult, UsageError } from "../io.ts";
import { addPair, addScope, readDays, readOverlap } from "../keys/options.ts";
import { columns, moment } from "../keys/print.ts";
import {
  addStoreOptions,
  defaultStore,
  type ReasonOptions,
  type StoreOptions,
  withOpened,
} from "../keys/store.ts";
import { table } from "../terminal.ts";

interface ImportOptions extends StoreOptions {
  readonly usagePlans?: string;
  readonly usagePlanKeys?: Readonly<Record<string, string>>;
}

const help = `
Examples:
  npx authmodes keys create --name partner --scopes books/read books/write
  npx authmodes keys list
  npx authmodes keys rotate 3f9c02d1a7b4 --overlap-seconds 3600
  npx authmodes keys revoke 3f9c02d1a7b4 --reason leaked
  AUTHMODES_KEYS=redis://127.0.0.1:6379 npx authmodes keys list

Keys are in a store, which the server opens too:
  openKeys(await openStore("${defaultStore}"))
Write a URL with a password into AUTHMODES_KEYS: other users of the machine can
read the arguments of a program.`;

const importHelp = `
Reads a CSV file of API Gateway, and what these print with --output json:
  aws apigateway get-api-keys --include-values
  aws appsync list-api-keys --api-id ID
Clients go on with their keys. Delete the file afterwards: it holds them.`;

export function addKeys(program: Command, io: Io): void {
  const group = program
    .command("keys")
    .description("API keys: create, rotate, revoke, import.")
    .addHelpText("after", help);
  const add = (name: string, description: string, json: string) =>
    addStoreOptions(group.command(name).description(description), json);
  const using = (options: StoreOptions, run: (keys: Keys, store: Store) => Promise<void>) =>
    withOpened(options, io, openKeys, run);

  add("create", "Make a key. It is shown once; the store holds its hash.", "{ id, key, expiresAt }")
    .option("--name <name>", "what it is for", "unnamed")
    .option("--owner <owner>", "whose it is")
    .option("--scopes <scope...>", "the scopes that it grants, separated by spaces", addScope)
    .option("--metadata <name=value...>", "what handlers can read of it", addPair)
    .option("--expires-in-days <days>", "from 1 to 365 (default: 30)", readDays)
    .option("--environment <name>", "the second part of the key (default: live)")
    .action(({ store, json, ...options }: StoreOptions & CreateOptions) =>
      using({ store }, async (keys) => printCreated(await keys.create(options), { json }, io)),
    );
  add("list", "List all keys with their state and last use.", "{ keys }").action((options: StoreOptions) =>
    using(options, async (opened, store) => {
      const keys = await opened.list();
      const rows = keys.map(({ id, state, expiresAt, lastUsedAt, name }) => [
        id,
        state,
        moment(expiresAt),
        moment(lastUsedAt),
        name,
      ]);
      const text = columns(["id", "state", "expires (UTC)", "last used (UTC)", "name"], rows);
      const none = `The ${printable(store.name)} has no keys.\n`;
      printResult(options, { keys }, rows.length === 0 ? none : text, io);
    }),
  );
  add("show <id>", "Show one key.", "it").action((id: string, options: StoreOptions) =>
    using(options, async (keys) => {
      const key = (await keys.list()).find((one) => one.id === id);
      if (key === undefined) {
        // What is longer than an id may be a key.
        const shown = id.length < 20 ? `the id '${printable(id)}'` : "this id";
        throw new UsageError(`There is no key with ${shown}. List them: npx authmodes keys list`);
      }
      printResult(options, key, keyText(key), io);
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
      using({ store }, async (keys) => printCreated(await keys.rotate(id, options), { json }, io)),
    );
  for (const [action, description] of [
    ["disable", "Reject a key until it is enabled."],
    ["enable", "Accept a disabled key again."],
    ["revoke", "Reject a key for good."],
  ] as const) {
    const command = add(`${action} <id>`, description, "it");
    if (action !== "enable") command.option("--reason <reason>", "why");
    command.action((id: string, options: ReasonOptions) =>
      using(options, async (keys) => {
        const key = await keys[action](id, options.reason);
        printResult(options, key, `The key ${key.id} is ${key.state}.\n`, io);
      }),
    );
  }
  add(
    "import <file>",
    "Import keys of API Gateway or AppSync: all of a file, or nothing.",
    "{ imported, existing }",
  )
    .option("--usage-plans <file>", "what 'aws apigateway get-usage-plans' printed")
    .option("--usage-plan-keys <plan=file...>", "what get-usage-plan-keys printed for a plan", addPair)
    .addHelpText("after", importHelp)
    .action(async (file: string, options: ImportOptions) => {
      const files = await keyFiles(file, options, io);
      await using(options, async (keys) => {
        const result = await keys.import(files);
        const { imported, existing } = result;
        const rows = imported.map(({ id, state, name }) => [id, state, name]);
        const before = existing === 0 ? "" : `, ${existing} in the store before`;
        const text = `Imported: ${rows.length}${before}. Delete ${printable(file)}: it holds the keys.\n`;
        printResult(
          options,
          result,
          (rows.length === 0 ? "" : columns(["id", "state", "name"], rows)) + text,
          io,
        );
      });
    });
}

async function keyFiles(
  file: string,
  { usagePlans, usagePlanKeys = {} }: ImportOptions,
  io: Io,
): Promise<KeyFiles> {
  return {
    keys: await readText(file, io),
    ...(usagePlans !== undefined && { usagePlans: await readText(usagePlans, io) }),
    usagePlanKeys: Object.fromEntries(
      await Promise.all(
        Object.entries(usagePlanKeys).map(async ([plan, path]) => [plan, await readText(path, io)] as const),
      ),
    ),
  };
}

function printCreated(created: CreatedKey, options: JsonOption, io: Io): void {
  const { id, key, expiresAt } = created;
  const text = `The key ${id}, shown this once. It expires at ${moment(expiresAt)} UTC.\n\n  ${key}\n`;
  printResult(options, created, text, io);
}

function keyText(key: ListedKey): string {
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
  return table(known);
}
