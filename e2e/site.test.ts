import { fileURLToPath } from "node:url";
import express from "express";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../scripts/debian.js";
import { violations } from "./support/axe.ts";
import { isMissing } from "./support/programs.ts";
import { TestServer } from "./support/server.ts";

// The built site of the docs in a browser. SITE_SCREENSHOTS=<folder> keeps a picture of each view.

const dist = fileURLToPath(new URL("../docs/.vitepress/dist", import.meta.url));
const pages = [
  "/",
  "/modes.html",
  "/getting-started/express.html",
  "/api/@authmodes/express.html",
  "/identity-providers.html",
];
const views = [1280, 375].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
);

describe.skipIf(isMissing("chromium-headless-shell"))("the site of the docs", () => {
  let browser: Browser;
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start(express().use(express.static(dist)));
    const executablePath = findProgram("chromium-headless-shell") ?? "chromium-headless-shell";
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  describe.each(views)("at $width, $colorScheme", ({ width, colorScheme }) => {
    it.each(pages)("shows %s whole, and axe finds nothing", async (path) => {
      const { page, errors } = await open(path, width, colorScheme);
      await keepPicture(page, `${width}-${colorScheme}${path}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await violations(page)).toEqual([]);
      expect(errors).toEqual([]);
      await page.context().close();
    });
  });

  it("finds pages by their words, without another server", async () => {
    const { page } = await open("/", 1280, "light");
    await page.getByRole("button", { name: "Search" }).first().click();
    await page.getByRole("searchbox").fill("allowInsecureHttp");
    await page.getByRole("option").first().waitFor();
    expect(await page.getByRole("option").count()).toBeGreaterThan(1);
    await page.context().close();
  });

  /** A page as a reader sees it: other origins cannot be reached. */
  async function open(path: string, width: number, colorScheme: "light" | "dark") {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => {
      if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(server.url)) {
        errors.push(`asks ${request.url()}`);
      }
    });
    await page.goto(server.url + path, { waitUntil: "load" });
    return { page, errors };
  }
});

async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env["SITE_SCREENSHOTS"];
  if (folder === undefined) return;
  await page.screenshot({ path: `${folder}/${name.replaceAll("/", "_")}.png` });
}
