import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { isMissing } from "./support/programs.ts";
import { launchChromium } from "./support/chromium.ts";
import { bookstore, serveStudio, type StudioServer } from "./support/studio.ts";

// Every view of the studio, wide and narrow, light and dark: axe finds nothing, and nothing is cut.
// STUDIO_VIEWS=FOLDER keeps a picture of each.

const pictures = process.env["STUDIO_VIEWS"];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");

interface Axe {
  run(): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
    }[];
  }>;
}

/** What axe finds, a line each. */
async function violations(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as { readonly axe: Axe };
    return (await loaded.run()).violations;
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = "" }) => `${id} ${target.join(" ")}: ${failureSummary.slice(0, 200)}`,
    ),
  );
}

/** Elements that are cut on the right, or that make the page scroll sideways. */
async function cut(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const scrolls =
      "pre, .code, .json, .matrix-box, .editor, .hidden, .hidden *, pre *, .skip, option, datalist";
    const found = [...document.querySelectorAll("body *")].filter((element) => {
      const { right, width } = element.getBoundingClientRect();
      return width > 0 && right > innerWidth + 1 && !element.matches(scrolls);
    });
    const boxes = [...document.querySelectorAll("html, main, .matrix-box")].filter(
      (box) => box.scrollWidth > box.clientWidth + 1,
    );
    return [...found, ...boxes].map((element) => `${element.tagName} ${element.className}`);
  });
}

const views: readonly (readonly [name: string, hash: string, prepare?: (page: Page) => Promise<unknown>])[] =
  [
    [
      "modes",
      "#/modes",
      (page) =>
        page
          .locator(".mode.off summary")
          .first()
          .click({ timeout: 500 })
          .catch(() => 0),
    ],
    ["model", "#/type/Review"],
    ["field", "#/type/Book/costPrice"],
    [
      "cell",
      "#/type/Book",
      async (page) => {
        await page
          .getByRole("button", { name: /^Librarians/ })
          .first()
          .click();
        await page
          .getByRole("group", { name: /^Operations of/ })
          .getByRole("button", { name: "Delete" })
          .click();
      },
    ],
    [
      "rule",
      "#/type/Order",
      async (page) => {
        await page.getByRole("button", { name: "New rule" }).click();
        await page.getByRole("radio", { name: /^Group / }).check();
      },
    ],
    ["why", "#/why?model=Order&record=other"],
    [
      "live",
      "#/live",
      async (page) => {
        await page.locator(".decisions summary").first().click();
      },
    ],
    [
      "text",
      "#/text",
      (page) =>
        page
          .getByText("Books")
          .first()
          .waitFor({ timeout: 300 })
          .catch(() => 0),
    ],
    ["changes", "#/changes"],
  ];

const screens = [1280, 375].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
);

describe.skipIf(isMissing("chromium-headless-shell"))("the views of the studio", () => {
  let server: StudioServer;
  let other: StudioServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await serveStudio(bookstore);
    other = await serveStudio(bookstore.replace("allow: owner }", "allow: ownr }"), { policy: false });
    browser = await launchChromium();
    const { kit, url } = server;
    await fetch(`${url}/books`, { headers: { "x-api-key": kit.apiKeys.valid.key } });
    const authorization = await kit.userPool.token({ username: "bob" });
    await fetch(`${url}/orders/101`, { headers: { authorization } });
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
    await other.stop();
  });

  it.each(screens)(
    "have no violations and cut nothing at $width pixels, $colorScheme",
    async ({ width, colorScheme }) => {
      const context = await browser.newContext({
        viewport: { width, height: 860 },
        colorScheme,
        reducedMotion: "reduce",
        // For axe, which the content security policy of the page would not run.
        bypassCSP: true,
      });
      await context.addInitScript(axe);
      const page = await context.newPage();
      const found: string[] = [];
      const look = async (name: string) => {
        await page.locator(".loading").waitFor({ state: "detached" });
        found.push(...(await violations(page)).map((one) => `${name}: ${one}`));
        found.push(...(await cut(page)).map((one) => `${name}: cut ${one}`));
        if (pictures === undefined) return;
        await mkdir(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`) });
      };
      await page.goto(server.link);
      for (const [name, hash, prepare] of views) {
        await page.goto(`${server.url}/_studio/${hash}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await prepare?.(page);
        await look(name);
      }
      await page.goto(other.link);
      await page.goto(`${other.url}/_studio/#/text`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await look("broken");
      await context.close();
      expect(found).toEqual([]);
    },
    180_000,
  );
});
