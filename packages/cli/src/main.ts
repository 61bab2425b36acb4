#!/usr/bin/env node
import { run } from "./program.ts";

// A reader that has seen enough, such as head, is no trouble.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

await run(process.argv.slice(2), process);
