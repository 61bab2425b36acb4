// `npm run record`: records the pictures of the README from real runs into docs/pictures. Run it by hand, and commit them.
// A picture that cannot be taken is named, and the others are still taken.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findProgram } from "./debian.js";
import { terminalSvg } from "./terminal-svg.js";
import { root } from "./files.js";

/**
 * The part of Playwright that is used here. It is installed in e2e only.
 * @typedef {{
 *   click(): Promise<void>, fill(text: string): Promise<void>, waitFor(): Promise<void>, check(): Promise<void>,
 *   uncheck(): Promise<void>,
 * }} Locator
 * @typedef {{
 *   goto(url: string): Promise<unknown>,
 *   getByRole(role: string, options: { name: string | RegExp, exact?: boolean }): Locator,
 *   getByText(text: string): { first(): Locator },
 *   setDefaultTimeout(milliseconds: number): void,
 *   waitForTimeout(milliseconds: number): Promise<void>,
 *   screenshot(options: { path: string }): Promise<unknown>,
 *   close(): Promise<void>,
 * }} Page
 * @typedef {{ newPage(options: object): Promise<Page>, close(): Promise<void> }} Browser
 * @typedef {{ chromium: { launch(options: object): Promise<Browser> } }} Playwright
 */

const pictures = join(root, "docs/pictures");
const maxBytes = 150_000;

/** @type {string[]} */
const troubles = [];
mkdirSync(pictures, { recursive: true });

const table = await output("scripts/start.js", ["--once", "--port", "0"]);
// Its first two parts fill a screen.
save("terminal.svg", terminalSvg(table.split("\n\n").slice(0, 3).join("\n\n")));
save("move.svg", terminalSvg((await output("scripts/move.js", [])).trim()));
await recordPages();
for (const trouble of troubles) console.error(trouble);
process.exitCode = troubles.length === 0 ? 0 : 1;

/** What a script prints in a terminal with colours. @param {string} script @param {readonly string[]} options */
async function output(script, options) {
  const child = start(script, options);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ part) => (text += part));
  await once(child, "close");
  return text;
}

/** @param {string} script @param {readonly string[]} options */
function start(script, options) {
  return spawn(process.execPath, [join(root, script), ...options], {
    cwd: root,
    env: { ...process.env, FORCE_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function recordPages() {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  const schema = join(folder, "schema.graphql");
  copyFileSync(join(root, "apps/shared/schema.graphql"), schema);
  const child = start("scripts/start.js", ["--studio", "--port", "0", "--schema", schema]);
  const browser = await launch();
  try {
    const links = await linksOf(child.stdout);
    for (const colorScheme of ["light", "dark"]) {
      const open = (/** @type {number} */ width, /** @type {number} */ height) =>
        browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
      await take(await open(1100, 700), `page-${colorScheme}.png`, (page) => showRejection(page, links.page));
      await take(await open(1280, 520), `studio-${colorScheme}.png`, (page) =>
        showWidening(page, links.studio),
      );
    }
  } finally {
    await browser.close();
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true });
  }
}

function launch() {
  const require = createRequire(new URL("../e2e/package.json", import.meta.url));
  const { chromium } = /** @type {Playwright} */ (require("playwright-core"));
  const executablePath = findProgram("chromium-headless-shell") ?? findProgram("chromium");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** The links that `npm start` prints once it serves. @param {import("node:stream").Readable} stream */
async function linksOf(stream) {
  let text = "";
  for await (const part of stream.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += stripVTControlCharacters(String(part));
    const [page, studio] = text.match(/http:\/\/127\.0\.0\.1:\d+\S*/g) ?? [];
    if (page !== undefined && studio !== undefined && text.endsWith("\n")) {
      stream.resume();
      return { page, studio };
    }
  }
  throw new Error("npm start ended before it printed its links");
}

/** @param {Page} page @param {string} name @param {(page: Page) => Promise<void>} show */
async function take(page, name, show) {
  page.setDefaultTimeout(20_000);
  try {
    await show(page);
    await page.waitForTimeout(500); // fonts, and the last decisions
    await page.screenshot({ path: join(pictures, name) });
    report(name);
  } catch (error) {
    troubles.push(`docs/pictures/${name} was not taken: ${String(error)}`);
  } finally {
    await page.close();
  }
}

/** The landing page with a request of another user's. @param {Page} page @param {string} url */
async function showRejection(page, url) {
  await page.goto(`${url}#ask-title`);
  await page.getByRole("button", { name: "bob userPool" }).click();
  await page.getByText("as bob: a user").first().waitFor();
  await page.getByRole("button", { name: /^PATCH \/orders\/101 .*note/ }).click();
  await page.getByRole("link", { name: /^[-0-9a-f]{36}$/ }).waitFor(); // the id of the rejection
}

/** The studio before it saves a rule by which more callers may read. @param {Page} page @param {string} url */
async function showWidening(page, url) {
  await page.goto(url);
  await page.getByRole("link", { name: "Report", exact: true }).click();
  await page.getByRole("heading", { name: "Report", exact: true }).waitFor();
  await page.getByRole("button", { name: "New rule" }).click();
  await page.getByRole("radio", { name: /^Public / }).check();
  await page.getByRole("checkbox", { name: "do everything" }).uncheck();
  await page.getByRole("checkbox", { name: "read", exact: true }).check();
  await page.getByRole("button", { name: "Add rule" }).click();
  await page.getByRole("link", { name: /^Review changes/ }).waitFor();
}

/** @param {string} name @param {string} content */
function save(name, content) {
  writeFileSync(join(pictures, name), content);
  report(name);
}

/** @param {string} name */
function report(name) {
  const { size } = statSync(join(pictures, name));
  console.log(`docs/pictures/${name}  ${Math.ceil(size / 1000)} kB`);
  if (size > maxBytes) troubles.push(`docs/pictures/${name} is over ${maxBytes / 1000} kB`);
}
