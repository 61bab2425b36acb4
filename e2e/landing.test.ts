import "reflect-metadata";
import { app as expressApp } from "@authmodes/app-express";
import { app as fastifyApp } from "@authmodes/app-fastify";
import { app as koaApp } from "@authmodes/app-koa";
import { app as nestjsApp } from "@authmodes/app-nestjs";
import { type RunningShop, startShop } from "@authmodes/app-shared";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violations } from "./support/axe.ts";
import { launchChromium, screens } from "./support/chromium.ts";
import { run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";

const apps = [
  ["Express", expressApp],
  ["Fastify", fastifyApp],
  ["Koa", koaApp],
  ["NestJS", nestjsApp],
] as const;

describe.skipIf(isMissing("chromium-headless-shell"))("the landing page in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launchChromium()));
  afterAll(() => browser.close());

  describe.each(apps)("on %s", (name, app) => {
    let shop: RunningShop;
    beforeAll(async () => void (shop = await startShop(app, { supplier: expressApp })), 120_000);
    afterAll(() => shop.close());

    async function open(options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      await page.goto(shop.url);
      return page;
    }

    /** Sends a request of another user's, which is denied. */
    async function sendDenied(page: Page): Promise<void> {
      await page.getByRole("button", { name: "bob userPool" }).click();
      await page.getByText("as bob:").waitFor();
      await page.getByRole("button", { name: 'PATCH /orders/101 {"note": "gift wrap"}' }).click();
      await page.locator("#answer", { hasText: "Order owner: alice, not bob" }).waitFor();
    }

    it.each(screens)("has no violations, and fits: %j", async (screen) => {
      const page = await open(screen);
      await sendDenied(page);
      await page.getByText("As a curl command").click();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(screen.viewport.width);
      await page.context().close();
    });

    it("does the same without scripts", async () => {
      const page = await open({ javaScriptEnabled: false });
      expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(`The bookstore on ${name}`);
      await sendDenied(page);
      expect(await page.locator(".book").count()).toBe(12);
      await page.getByRole("button", { name: "More books" }).click();
      await page.getByRole("heading", { name: "Pride and Prejudice" }).waitFor({ state: "detached" });
      expect(await page.locator(".book").count()).toBe(12);
      await page.context().close();
    });

    it("shows the id of a rejection, which leads to its events", async () => {
      const page = await open();
      await sendDenied(page);
      const link = page.locator("#answer .events a");
      const id = await link.innerText();
      await link.click();
      const request = page.locator(".decisions > ol > li", { has: page.locator(`#id-${id}`) });
      await request.locator(":target, .target").waitFor();
      expect(await request.innerText()).toMatch(
        new RegExp(`^PATCH /orders/101\\s+403[^]*verified as bob\\s+✗ forbidden[^]*${id}`),
      );
      await page.context().close();
    });

    it.skipIf(isMissing("curl"))("shows a curl command that gets the same answer", async () => {
      const page = await open();
      for (const caller of ["machine iam", "API key apiKey", "otto oidc"]) {
        await page.getByRole("button", { name: caller }).click();
        await page.getByText(`as ${caller.replace(/ \w+$/, "")}:`).waitFor();
        await page.getByRole("button", { name: 'POST /orders {"bookId": "101", "quantity": 1}' }).click();
        await page.locator("#sent + pre", { hasText: "POST /orders" }).waitFor();
        const shown = await page.locator("#answer .verdict b").innerText();
        const { stdout } = await run("sh", [
          "-c",
          `${(await page.locator("#curl").textContent()) ?? ""} -s -o /dev/null -w '%{http_code}'`,
        ]);
        expect([caller, shown.replace(/\D/g, "")]).toEqual([caller, stdout]);
      }
      await page.context().close();
    });

    it("shows the new orders that the caller may read", async () => {
      const page = await open();
      const complaints: string[] = [];
      page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
      await page.getByText("Live: the orders that alice may read").waitFor();
      const buy = page.getByRole("button", { name: 'POST /orders {"bookId": "101", "quantity": 1}' });
      await buy.click();
      await page.locator("#orders li", { hasText: "1 × book 101, for alice" }).waitFor();
      await page.getByRole("button", { name: "bob userPool" }).click();
      await page.getByText("Live: the orders that bob may read").waitFor();
      expect(await page.locator("#orders li").count()).toBe(0);
      await buy.click();
      await page.locator("#orders li", { hasText: "1 × book 101, for bob" }).waitFor();
      expect(await page.locator("#orders li").count()).toBe(1);
      await page.getByRole("button", { name: "machine iam" }).click();
      await page.getByText("Live: the orders that machine may read").waitFor();
      await page.getByRole("button", { name: "API key apiKey" }).click();
      await page.getByText("Not for API key: Not Authorized to access onCreateOrder").waitFor();
      await page.getByRole("button", { name: "anonymous none" }).click();
      await page.getByText("Not for anonymous: You are not authorized to make this call.").waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    it("sends what was typed, keeps the focus, and shifts nothing", async () => {
      const page = await open({ viewport: { width: 1280, height: 800 } });
      await page.getByRole("textbox", { name: "Path" }).fill("/clubs");
      await page.keyboard.press("Enter");
      await page.locator("#sent + pre", { hasText: "GET /clubs" }).waitFor();
      await page.getByRole("button", { name: "penny userPool" }).focus();
      await page.keyboard.press("Enter");
      await page.locator("#received + pre", { hasText: "Poets" }).waitFor();
      expect(await page.locator(":focus").innerText()).toMatch(/^penny/);
      // A good page has less than 0.1; an answer that arrives late may move a line by a pixel.
      expect((await page.evaluate(shifts)).reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.001);
      await page.context().close();
    });
  });
});

describe.skipIf(isMissing("chromium-headless-shell"))("the landing page's orders", () => {
  it("go on when the shop was restarted", async () => {
    const browser = await launchChromium();
    const first = await startShop(expressApp);
    const page = await browser.newPage();
    await page.goto(first.url);
    await page.getByText("Live: the orders that alice may read").waitFor();
    await first.close();
    await page.locator("#live", { hasText: "Not connected." }).waitFor();
    const second = await startShop(expressApp, { port: Number(new URL(first.url).port) });
    await page.getByText("Live: the orders that alice may read").waitFor();
    const buy = page.getByRole("button", { name: 'POST /orders {"bookId": "101", "quantity": 1}' });
    await buy.click();
    await page.locator("#orders li", { hasText: "1 × book 101, for alice" }).waitFor();
    await browser.close();
    await second.close();
  }, 120_000);
});

/** Runs in the page: what moved by itself, not because the user did something. */
function shifts(): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const seen: number[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[])
        if (!entry.hadRecentInput) seen.push(entry.value);
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(seen), 300);
  });
}
