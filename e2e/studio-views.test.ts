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

interface View {
  readonly name: string;
  readonly hash: string;
  /** Its heading: that of the view before may still be there. */
  readonly title: string;
  /** Waits for what comes after the heading, or opens more. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

const rulesOf = (place: string) => (page: Page) =>
  page.getByRole("region", { name: `Rules of ${place}`, exact: true }).waitFor();

const textIsShown = (page: Page) =>
  page.getByRole("textbox", { name: "Text of the schema" }).getByText("@model").first().waitFor();

const views: readonly View[] = [
  { name: "modes", hash: "modes", title: "Authorization modes" },
  { name: "model", hash: "type/Review", title: "Review", prepare: rulesOf("Review") },
  { name: "field", hash: "type/Book/costPrice", title: "Book", prepare: rulesOf("Book.costPrice") },
  {
    name: "cell",
    hash: "type/Book",
    title: "Book",
    prepare: async (page) => {
      await rulesOf("Book")(page);
      await page
        .getByRole("button", { name: /^Librarians/ })
        .first()
        .click();
      await page
        .getByRole("group", { name: /^Operations of/ })
        .getByRole("button", { name: "Delete" })
        .click();
      await page.getByText("Members of Librarians may create, read and update.").waitFor();
    },
  },
  {
    name: "rule",
    hash: "type/Order",
    title: "Order",
    prepare: async (page) => {
      await page.getByRole("button", { name: "New rule" }).click();
      await page.getByRole("radio", { name: /^Group / }).check();
    },
  },
  {
    name: "why",
    hash: "why?model=Order&record=other",
    title: "Why",
    prepare: (page) => page.locator(".answered").getByText("Denied", { exact: true }).waitFor(),
  },
  {
    name: "live",
    hash: "live",
    title: "Decisions",
    prepare: (page) => page.locator(".decisions summary").first().click(),
  },
  { name: "text", hash: "text", title: "Schema text", prepare: textIsShown },
  {
    name: "changes",
    hash: "changes",
    title: "Changes",
    prepare: (page) => page.getByRole("region", { name: "What the changes mean" }).waitFor(),
  },
];

/** Of a server with two modes and no policy, whose file has errors. */
const othersViews: readonly View[] = [
  {
    name: "off",
    hash: "modes",
    title: "Authorization modes",
    prepare: (page) => page.locator(".mode.off summary").first().click(),
  },
  { name: "broken", hash: "text", title: "Schema text", prepare: textIsShown },
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
    const broken = bookstore.replace("allow: owner }", "allow: ownr }");
    other = await serveStudio(broken, { policy: false, modes: ["apiKey", "userPool"] });
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
      const look = async (url: string, { name, hash, title, prepare }: View) => {
        await page.goto(`${url}/_studio/#/${hash}`);
        await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
        await prepare?.(page);
        found.push(...(await violations(page)).map((one) => `${name}: ${one}`));
        found.push(...(await cut(page)).map((one) => `${name}: cut ${one}`));
        if (pictures === undefined) return;
        await mkdir(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`) });
      };
      await page.goto(server.link);
      for (const view of views) await look(server.url, view);
      await page.goto(other.link);
      for (const view of othersViews) await look(other.url, view);
      await context.close();
      expect(found).toEqual([]);
    },
    180_000,
  );
});
