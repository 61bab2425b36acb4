#!/usr/bin/env node
import { terminal } from "./ask.ts";
import type { Io } from "./io.ts";
import { run } from "./program.ts";

// Readers such as head close the pipe early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const { argv, stdout, stderr, stdin, env } = process;
const io: Io = {
  args: argv.slice(2),
  stdout,
  stderr,
  stdin,
  env,
  cwd: () => process.cwd(),
  ask: stdin.isTTY ? terminal : undefined,
};
await run(io);
process.exitCode = io.exitCode ?? 0;
