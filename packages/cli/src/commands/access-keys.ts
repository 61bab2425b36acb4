import { type AccessKeys, openAccessKeys } from "@authmodes/keys";
import type { Command } from "commander";
import { type Io, printable, printJson } from "../io.ts";
import { moment, printColumns } from "../keys/print.ts";
import { addStoreOptions, type StoreOptions, withStore } from "../keys/store.ts";
import { defined } from "../values.ts";

interface CreateOptions extends StoreOptions {
  readonly userArn: string;
  readonly name?: string;
}

interface ReasonOptions extends StoreOptions {
  readonly reason?: string;
}

export function addAccessKeys(program: Command, io: Io): void {
  const group = program
    .command("access-keys")
    .description("Access keys, with which clients sign requests (mode iam).")
    .addHelpText(
      "after",
      `
Examples:
  export AUTHMODES_ENCRYPTION_KEY=$(openssl rand -base64 32)
  npx authmodes access-keys create --user-arn arn:aws:iam::123456789012:user/ci
  npx authmodes access-keys revoke AKIAIOSFODNN7EXAMPLE --reason replaced

Secrets are encrypted by AUTHMODES_ENCRYPTION_KEY, which the server needs too.
To replace it, write the new key, a comma and the old one; run reencrypt; then
remove the old one.`,
    );
  const add = (name: string, description: string, json: string) =>
    addStoreOptions(group.command(name).description(description), json);

  add("create", "Make an access key. Its secret is shown once.", "{ accessKeyId, secretAccessKey }")
    .requiredOption("--user-arn <arn>", "whom requests are from: arn:aws:iam::123456789012:user/ci")
    .option("--name <name>", "what it is for")
    .action(({ store, json, ...options }: CreateOptions) =>
      using({ store, json }, io, async (keys) => {
        const created = await keys.create(options);
        if (json) return printJson(created, io);
        const { accessKeyId, secretAccessKey } = created;
        io.stdout.write(
          `The access key, shown this once:\n\n  export AWS_ACCESS_KEY_ID=${accessKeyId}\n` +
            `  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}\n`,
        );
      }),
    );
  add("list", "List all access keys.", "{ accessKeys }").action((options: StoreOptions) =>
    using(options, io, async (keys, where) => {
      const accessKeys = await keys.list();
      if (options.json) return printJson({ accessKeys }, io);
      if (accessKeys.length === 0) {
        return void io.stdout.write(`The ${printable(where)} has no access keys.\n`);
      }
      printColumns(
        ["id", "state", "last used (UTC)", "principal"],
        accessKeys.map((key) => [key.accessKeyId, key.state, moment(key.lastUsedAt), key.userArn]),
        io,
      );
    }),
  );
  for (const [action, description] of [
    ["disable", "Reject an access key until it is enabled."],
    ["enable", "Accept a disabled access key again."],
    ["revoke", "Reject an access key for good, and delete its secret."],
  ] as const) {
    const command = add(`${action} <id>`, description, "{ accessKeyId, state }");
    if (action !== "enable") command.option("--reason <reason>", "why");
    command.action((id: string, options: ReasonOptions) =>
      using(options, io, async (keys) => {
        await keys[action](id, options.reason);
        // A revoked key stays so.
        const state = (await keys.list()).find(({ accessKeyId }) => accessKeyId === id)?.state ?? "unknown";
        if (options.json) printJson({ accessKeyId: id, state }, io);
        else io.stdout.write(`The access key ${id} is ${state}.\n`);
      }),
    );
  }
  add("reencrypt", "Encrypt all secrets with the first encryption key.", "{ reencrypted }").action(
    (options: StoreOptions) =>
      using(options, io, async (keys) => {
        const reencrypted = await keys.reencrypt();
        if (options.json) printJson({ reencrypted }, io);
        else io.stdout.write(`Secrets encrypted again: ${reencrypted}.\n`);
      }),
  );
}

async function using(
  options: { readonly [K in keyof StoreOptions]: StoreOptions[K] | undefined },
  io: Io,
  run: (keys: AccessKeys, where: string) => Promise<void>,
): Promise<void> {
  await withStore(defined(options), io, async (store) => {
    const encryptionKey = io.env["AUTHMODES_ENCRYPTION_KEY"] ?? "";
    const keys = await openAccessKeys(store, { encryptionKey });
    try {
      await run(keys, store.name);
    } finally {
      await keys.close();
    }
  });
}
