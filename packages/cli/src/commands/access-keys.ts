import {
  type AccessKeyList,
  type AccessKeys,
  openAccessKeyList,
  openAccessKeys,
  type Store,
} from "@authmodes/keys";
import type { Command } from "commander";
import { type Io, printable, printResult } from "../io.ts";
import { columns, moment } from "../keys/print.ts";
import { addStoreOptions, type ReasonOptions, type StoreOptions, withOpened } from "../keys/store.ts";

interface CreateOptions extends StoreOptions {
  readonly userArn: string;
  readonly name?: string;
}

const help = `
Examples:
  export AUTHMODES_ENCRYPTION_KEY=$(openssl rand -base64 32)
  npx authmodes access-keys create --user-arn arn:aws:iam::123456789012:user/ci
  npx authmodes access-keys revoke AKIAIOSFODNN7EXAMPLE --reason replaced

Secrets are encrypted by AUTHMODES_ENCRYPTION_KEY, which the server needs too.
To replace it, write the new key, a comma and the old one; run reencrypt; then
remove the old one.`;

export function addAccessKeys(program: Command, io: Io): void {
  const group = program
    .command("access-keys")
    .description("Access keys, with which clients sign requests (mode iam).")
    .addHelpText("after", help);
  const encryptionKey = io.env["AUTHMODES_ENCRYPTION_KEY"] ?? "";
  const using = (options: StoreOptions, run: (keys: AccessKeys) => Promise<void>) =>
    withOpened(options, io, (store) => openAccessKeys(store, { encryptionKey }), run);
  // A key whose secret nothing decrypts any more must be revocable too.
  const usingList = (options: StoreOptions, run: (keys: AccessKeyList, store: Store) => Promise<void>) =>
    withOpened(options, io, openAccessKeyList, run);
  const printState = async (keys: AccessKeyList, accessKeyId: string, options: StoreOptions) => {
    // A revoked key stays so.
    const found = (await keys.list()).find((key) => key.accessKeyId === accessKeyId);
    const state = found?.state ?? "unknown";
    printResult(options, { accessKeyId, state }, `The access key ${accessKeyId} is ${state}.\n`, io);
  };
  const add = (name: string, description: string, json: string) =>
    addStoreOptions(group.command(name).description(description), json);

  add("create", "Make an access key. Its secret is shown once.", "{ accessKeyId, secretAccessKey }")
    .requiredOption("--user-arn <arn>", "whom requests are from: arn:aws:iam::123456789012:user/ci")
    .option("--name <name>", "what it is for")
    .action(({ store, json, ...options }: CreateOptions) =>
      using({ store }, async (keys) => {
        const created = await keys.create(options);
        const text =
          `The access key, shown this once:\n\n  export AWS_ACCESS_KEY_ID=${created.accessKeyId}\n` +
          `  export AWS_SECRET_ACCESS_KEY=${created.secretAccessKey}\n`;
        printResult({ json }, created, text, io);
      }),
    );
  add("list", "List all access keys.", "{ accessKeys }").action((options: StoreOptions) =>
    usingList(options, async (keys, store) => {
      const accessKeys = await keys.list();
      const rows = accessKeys.map((key) => [key.accessKeyId, key.state, moment(key.lastUsedAt), key.userArn]);
      const text = columns(["id", "state", "last used (UTC)", "principal"], rows);
      const none = `The ${printable(store.name)} has no access keys.\n`;
      printResult(options, { accessKeys }, rows.length === 0 ? none : text, io);
    }),
  );
  for (const [action, description] of [
    ["disable", "Reject an access key until it is enabled."],
    ["revoke", "Reject an access key for good, and delete its secret."],
  ] as const) {
    add(`${action} <id>`, description, "{ accessKeyId, state }")
      .option("--reason <reason>", "why")
      .action((accessKeyId: string, options: ReasonOptions) =>
        usingList(options, async (keys) => {
          await keys[action](accessKeyId, options.reason);
          await printState(keys, accessKeyId, options);
        }),
      );
  }
  add("enable <id>", "Accept a disabled access key again.", "{ accessKeyId, state }").action(
    (accessKeyId: string, options: StoreOptions) =>
      using(options, async (keys) => {
        await keys.enable(accessKeyId);
        await printState(keys, accessKeyId, options);
      }),
  );
  add("reencrypt", "Encrypt all secrets with the first encryption key.", "{ reencrypted }").action(
    (options: StoreOptions) =>
      using(options, async (keys) => {
        const reencrypted = await keys.reencrypt();
        printResult(options, { reencrypted }, `Secrets encrypted again: ${reencrypted}.\n`, io);
      }),
  );
}
