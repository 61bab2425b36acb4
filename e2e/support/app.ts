import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Ready } from "@authmodes/app-shared";
import { endOf } from "./process.ts";
import { root } from "../../scripts/files.js";

/** The line of JSON that `npm start --silent -- --json` prints when it is ready. */
export type Bookstore = Ready;
export type AccessKeyPair = Ready["credentials"]["machine"];
export type TemporaryCredentials = Ready["credentials"]["guest"];
export type UserTokens = Ready["credentials"]["bob"];

export interface RunningBookstore {
  readonly bookstore: Bookstore;
  /** What it wrote to standard output after the line of JSON. */
  readonly furtherOutput: readonly string[];
  /** The end of what it wrote to standard error. */
  readonly errorOutput: string;
  stop(): Promise<void>;
}

/** Starts the bookstore as a person does, on a free port. */
export async function startBookstore(...options: readonly string[]): Promise<RunningBookstore> {
  // A process group of its own: npm, its shell and the server end together.
  const child = spawn("npm", ["start", "--silent", "--", "--json", "--port", "0", ...options], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => {
    const runs = child.exitCode === null && child.signalCode === null;
    if (runs && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  };
  process.once("exit", end); // if the tests are interrupted
  const patience = setTimeout(end, 120_000);
  const ended = endOf(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4000)));
  const furtherOutput: string[] = [];
  const line = await new Promise<string>((resolve, reject) => {
    const lines = createInterface(child.stdout);
    lines.once("line", (first) => {
      lines.on("line", (next) => furtherOutput.push(next));
      resolve(first);
    });
    ended.then(() => reject(new Error(`the bookstore did not start:\n${errors}`)), reject);
  }).finally(() => clearTimeout(patience));
  return {
    bookstore: JSON.parse(line) as Bookstore,
    furtherOutput,
    get errorOutput() {
      return errors;
    },
    async stop() {
      process.off("exit", end);
      end();
      await ended;
    },
  };
}
