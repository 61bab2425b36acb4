// `npm run move`: an app on Amplify's client moves from its AppSync API to our server.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs, styleText } from "node:util";
import { createTestKit } from "@authmodes/testing";
import { startBackend } from "./amplify/backend.js";
import { comparable, inWords, serve, startBeside } from "./beside.js";
import { createOurs } from "./ours.js";

const sdlFile = join(import.meta.dirname, "amplify/schema.graphql");
const client = join(import.meta.dirname, "amplify/client.js");
const { values } = parseArgs({ options: { rules: { type: "string", default: sdlFile } } });
const rules = readFileSync(values.rules, "utf8");

const userPoolId = "eu-west-1_AbCdEfGhI";
const { userPool: pool } = await createTestKit({ region: "eu-west-1", userPoolId });
const apiKey = `da2-${randomBytes(13).toString("hex")}`;
const old = await startBackend(readFileSync(sdlFile, "utf8"), {
  userPoolId,
  clientId: pool.clientId,
  apiKey,
});
const { outputs, schema, tables } = old;
const times = { createdAt: new Date().toISOString(), updatedAt: new Date().toISOString() };
const owner = `${pool.sub("bob")}::bob`;
await tables.Book?.put({ id: "emma", title: "Emma", price: 9.5, costPrice: 4, ...times });
await tables.Order?.put({ id: "of-bob", bookId: "emma", quantity: 2, note: "sent", owner, ...times });

const settings = { file: outputs, schema, rules, userPool: { keySet: { fetch: pool.fetch } } };
const noWrites = { put: async () => {}, remove: async () => {} };
const readOnly = Object.entries(tables).map(([model, table]) => [model, { ...table, ...noWrites }]);
const reportOnly = await createOurs({ ...settings, tables: Object.fromEntries(readOnly) });
/** @type {import("./beside.js").Compared[]} */
const compared = [];
const beside = await startBeside(old.url, reportOnly, (one) => compared.push(one));
const ours = await serve(await createOurs({ ...settings, tables }));
const folder = mkdtempSync(join(tmpdir(), "client-"));
try {
  process.exitCode = (await move()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
  ours.stop();
  beside.stop();
  await old.stop();
}

async function move() {
  const tokens = {
    alice: await pool.token({ username: "alice" }),
    bob: await pool.token({ username: "bob" }),
    libby: await pool.token({ username: "libby", groups: ["Librarians"] }),
  };
  writeFileSync(join(folder, "tokens.json"), JSON.stringify(tokens));

  say("bold", "\n1. The client calls AppSync. Our server decides each request too, report-only.");
  const fileBefore = configure(beside.url);
  const before = await runClient();
  const differing = compared.filter((one) => comparable(one.old) !== comparable(one.ours));
  say("dim", row("caller", "mode", "operation", "AppSync (simulator)", "ours"));
  for (const one of compared) {
    const cells = row(one.caller, one.mode, one.operation, inWords(one.old), inWords(one.ours));
    if (differing.includes(one)) say("red", cells);
    else console.log(cells);
  }
  for (const { caller, operation, old, ours, reasons } of differing) {
    say("red", `\n${operation} by ${caller} is decided differently:`);
    showBoth(old, ours);
    for (const reason of reasons) console.log(`  because  ${reason}`);
  }
  const isSame = before.length > 0 && compared.length === before.length && differing.length === 0;
  say(isSame ? "green" : "red", `${compared.length} requests, ${differing.length} differing decisions`);
  if (!isSame) return false;

  say("bold", "\n2. The endpoint switches. What changes in the client:");
  console.log("amplify_outputs.json");
  for (const [at, line] of configure(ours.url).entries()) {
    if (line === fileBefore[at]) continue;
    say("red", `- ${fileBefore[at]}`);
    say("green", `+ ${line}`);
  }

  say("bold", "\n3. The same client calls our server.");
  const after = await runClient();
  const others = before.filter((answer, at) => comparable(answer) !== comparable(after[at] ?? {}));
  for (const answer of others) showBoth(answer, after[before.indexOf(answer)] ?? {});
  const requests = compared.length - before.length;
  const isMoved = after.length === before.length && others.length === 0 && requests === 0;
  const summary = `${after.length} answers, ${others.length} different from AppSync's`;
  say(isMoved ? "green" : "red", `${summary}; AppSync received ${requests} requests`);
  return isMoved;
}

/** @param {Parameters<typeof styleText>[0]} style @param {string} words */
function say(style, words) {
  console.log(styleText(style, words, { stream: process.stdout }));
}

/** @param {import("./beside.js").Answer} old @param {import("./beside.js").Answer} ours */
function showBoth(old, ours) {
  console.log(`  AppSync  ${comparable(old)}\n  ours     ${comparable(ours)}`);
}

/** @param {string[]} cells */
function row(...cells) {
  return cells.map((cell, at) => cell.padEnd([9, 10, 20, 29][at] ?? 0)).join("");
}

/** Writes the client's file. Returns its lines. @param {string} url */
function configure(url) {
  const content = JSON.stringify({ ...outputs, data: { ...outputs.data, url } }, null, 2);
  writeFileSync(join(folder, "amplify_outputs.json"), content);
  return content.split("\n");
}

/** Its answers, one for each call. @returns {Promise<import("./beside.js").Answer[]>} */
async function runClient() {
  const child = spawn(process.execPath, [client], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`the client ended with ${code}`);
  return JSON.parse(`[${output.trim().split("\n").join()}]`);
}
