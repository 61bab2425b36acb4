import type { ErrorFormat } from "@authmodes/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { defaultStore } from "../identity/key-store.ts";
import { studioPath } from "../rules/studio.ts";

/** The frameworks that the shop runs on, as their owners write them. */
export const frameworks = {
  express: "Express",
  fastify: "Fastify",
  koa: "Koa",
  nestjs: "NestJS",
  next: "Next.js",
} as const;
export type AppName = keyof typeof frameworks;

const names = Object.keys(frameworks);
const errorFormats: readonly ErrorFormat[] = ["problem", "apigateway", "appsync"];

/** The options of `npm start`. */
export interface StartOptions {
  readonly app: AppName;
  /** 0 picks a free one. */
  readonly port: number;
  /** Exit after the table. */
  readonly once: boolean;
  /** One line of JSON when ready instead of the table. */
  readonly json: boolean;
  readonly errorFormat: ErrorFormat;
  /** Serve the page that shows and changes the rules. */
  readonly studio: boolean;
  /** Where keys and revocations are: a file, `redis://…` or `postgres://…`. */
  readonly store: string;
  /** Print what to paste into an MCP client. */
  readonly mcp: boolean;
  /** Path of the rules; undefined for those of the shop. */
  readonly schema: string | undefined;
}

/**
 * Reads the command line.
 * @param argv without node and the script
 * @throws CommanderError if an option is wrong, after showing the sentence; for `--help` with exit code 0
 */
export function parseOptions(argv: readonly string[]): StartOptions {
  const flag = (name: string, about: string) => new Option(name, about).default(false);
  return new Command("npm start --")
    .description("Runs the bookstore and lets it call itself in every authorization mode.")
    .addOption(new Option("--app <name>", "the framework").choices(names).default("express"))
    .option("--port <n>", "0 picks a free one", readPort, 4000)
    .addOption(flag("--once", "exit after the table: 0 if every row is as expected"))
    .addOption(flag("--json", "one line of JSON when ready, instead of the table").conflicts("once"))
    .addOption(
      new Option("--error-format <format>", "the format of rejections")
        .choices(errorFormats)
        .default("problem"),
    )
    .option("--schema <file>", "rules of your own for the same models; saving the file reloads it")
    .addOption(
      new Option(
        "--store <where>",
        "where keys and revocations are: a file (default), redis://… or postgres://…",
      ).default(defaultStore, "a file in the data folder"),
    )
    .addOption(flag("--studio", `the page that shows and changes the rules, at ${studioPath}`))
    .addOption(flag("--mcp", "also print what to paste into an MCP client").conflicts(["once", "json"]))
    .allowExcessArguments(false)
    .exitOverride()
    .parse(argv, { from: "user" })
    .opts<StartOptions>();
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError("a port is from 0 to 65535");
}
