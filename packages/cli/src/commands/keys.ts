import { newApiKey } from "@authmodes/core";
import { type Command, InvalidArgumentError } from "commander";
import { type Io, printJson } from "../io.ts";
import { defined } from "../values.ts";
import { wholeNumber } from "../whole-number.ts";

interface NewKeyOptions {
  readonly expiresInDays: number | "never";
  readonly id?: string;
  readonly scopes?: readonly string[];
  readonly json?: boolean;
}

export function addKeys(program: Command, io: Io): void {
  program
    .command("keys")
    .description("API keys.")
    .command("new")
    .description("Make an API key of 256 random bits. It is shown once; the server stores its hash.")
    .requiredOption("--expires-in-days <days|never>", "when it expires", readDays)
    .option("--id <id>", "names the key in logs (default: eight random hexadecimal digits)", readId)
    .option("--scopes <scope...>", "the scopes that it grants, separated by spaces", addScope)
    .option("--json", "print { key, stored } as JSON")
    .addHelpText(
      "after",
      `
Examples:
  authmodes keys new --expires-in-days 90
  authmodes keys new --expires-in-days 365 --id acme --scopes books/read
  authmodes keys new --expires-in-days never --json`,
    )
    .action((options: NewKeyOptions) => printNewKey(options, io));
}

async function printNewKey({ expiresInDays, id, scopes, json }: NewKeyOptions, io: Io): Promise<void> {
  const made = await newApiKey({
    expiresInSeconds: expiresInDays === "never" ? null : expiresInDays * 86_400,
    ...defined({ id, scopes }),
  });
  if (json) return printJson(made, io);
  const { expiresAt } = made.stored;
  const expiry =
    expiresAt === null ? "It has no expiry." : `It expires at ${new Date(expiresAt * 1000).toISOString()}.`;
  io.stdout.write(
    `The key, shown this once. ${expiry}

  ${made.key}

What to store, for apiKey({ keys: […] }):

  ${JSON.stringify(made.stored)}
`,
  );
}

const wholeDays = wholeNumber(1, 36_500, "Write whole days from 1 to 36500, or never.");

function readDays(text: string): number | "never" {
  return text === "never" ? text : wholeDays(text);
}

/** It is logged, so it has to be one plain word. */
function readId(text: string): string {
  if (/^[\w.:@-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError("Write at most 64 letters, digits and . _ - : @");
}

function addScope(text: string, before: readonly string[] = []): readonly string[] {
  // The characters of RFC 6749 §3.3, but for the comma: `a,b` would be one scope that no route asks for.
  if (!/^[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+$/.test(text)) {
    throw new InvalidArgumentError("Separate scopes by spaces: --scopes books/read books/write");
  }
  return before.includes(text) ? before : [...before, text];
}
