import { openRevocations } from "@authmodes/keys";
import { type Command, InvalidArgumentError } from "commander";
import { type Io, printable, printResult, UsageError } from "../io.ts";
import { moment } from "../keys/print.ts";
import { addStoreOptions, type StoreOptions, withOpened } from "../keys/store.ts";
import { wrapped } from "../terminal.ts";
import { wholeNumber } from "../whole-number.ts";

interface RevokeOptions extends StoreOptions {
  readonly sub?: string;
  readonly jti?: string;
  readonly originJti?: string;
  readonly sid?: string;
  readonly issuer?: string;
  readonly issuedBefore?: number;
  readonly reason?: string;
  readonly expiresInDays?: number;
}

const readDays = wholeNumber(1, 3650, "Write whole days from 1 to 3650.");

const help = `
Examples:
  npx authmodes revoke --sub 1f0c... --issuer https://id.example.com
  npx authmodes revoke --origin-jti 5b2e... --reason stolen
  npx authmodes revoke --issuer https://id.example.com \\
    --issued-before 2026-11-29T12:00:00Z

The server asks with createAuth(modes, { revoked: revocations.isRevoked }). To
sign a user out, also revoke the refresh token at the issuer: a token that is
issued later is accepted. For API keys and access keys:
  npx authmodes keys revoke 3f9c02d1a7b4
  npx authmodes access-keys revoke AKIAIOSFODNN7EXAMPLE`;

export function addRevoke(program: Command, io: Io): void {
  const command = program
    .command("revoke")
    .description("Revoke tokens before they expire, on every instance of the store.")
    .addHelpText("after", help)
    .option("--sub <sub>", "all tokens of a user that were issued until now")
    .option("--jti <jti>", "one token, or the access key id of temporary credentials")
    .option("--origin-jti <id>", "all tokens of a session of a user pool")
    .option("--sid <sid>", "all tokens of a session of an OpenID Connect provider")
    .option("--issuer <iss>", "the issuer of the tokens; required if there are several")
    .option(
      "--issued-before <time>",
      "with --sub, or with --issuer alone: until this time (default: now)",
      readTime,
    )
    .option(
      "--expires-in-days <days>",
      "how long it holds, at least as long as tokens live (default: 365, 3650 for a session)",
      readDays,
    )
    .option("--reason <reason>", "why");
  addStoreOptions(command, "{ claim, value, issuer, issuedBefore, reason, createdAt, expiresAt }").action(
    ({ store, json, ...revocation }: RevokeOptions) => {
      checkNames(revocation);
      return withOpened({ store }, io, openRevocations, async (revocations) => {
        const known = await revocations.issuers();
        const revoked = await revocations.revoke(revocation);
        const { claim, value, issuer, issuedBefore, expiresAt } = revoked;
        warn(issuer, known, io);
        const what = claim === "issuer" ? "All tokens" : `Tokens with ${claim} ${printable(value)}`;
        const when = issuedBefore === null ? "" : ` issued until ${moment(issuedBefore)} UTC`;
        const of = issuer === null ? "any issuer" : printable(issuer);
        const text = `${what} of ${of}${when} are revoked, until ${moment(expiresAt)} UTC.`;
        printResult({ json }, revoked, `${wrapped(text, 0)}\n`, io);
      });
    },
  );
}

function checkNames({ issuer, issuedBefore, sub, jti, originJti, sid }: RevokeOptions): void {
  const named = [sub, jti, originJti, sid].filter((value) => value !== undefined).length;
  if (named === 1 || (named === 0 && issuer !== undefined && issuedBefore !== undefined)) return;
  throw new UsageError(
    "Write one of --sub, --jti, --origin-jti and --sid, or --issuer with --issued-before.\n" +
      "Add --help for usage and examples.",
  );
}

/** With a misspelt issuer, tokens would stay valid. */
function warn(issuer: string | null, known: readonly string[], io: Io): void {
  if (issuer === null || known.length === 0 || known.includes(issuer)) return;
  io.stderr.write(
    `No server with this store has accepted a token of ${printable(issuer)}. Tokens were of:\n` +
      known.map((one) => `  ${printable(one)}\n`).join(""),
  );
}

/** Seconds since 1970, or a time with its zone. */
function readTime(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const seconds = Math.floor(Date.parse(text) / 1000);
  if (isTime && !Number.isNaN(seconds)) return seconds;
  throw new InvalidArgumentError("Write a time such as 2026-11-29T12:00:00Z, or seconds since 1970.");
}
