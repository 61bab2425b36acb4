import { availableParallelism, loadavg } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { isMissing } from "./support/programs.ts";
import { launchChromium } from "./support/chromium.ts";
import { bookstore, serveStudio, type StudioServer } from "./support/studio.ts";

// How long the studio takes to show something on a slow connection. "Before" is what it was when scripts were not
// compressed: the server sends them so to clients without Accept-Encoding.

const bytesPerSecond = 1_600_000 / 8;
/** Milliseconds of each round trip, as Lighthouse's "slow 4G". */
const latency = 150;

/** Half of what it took before, in milliseconds. */
const longestUseful = 1600;
/** Of all that is needed to show the modes: three quarters of a second at 1.6 Mbit/s. */
const mostBytes = 150_000;

interface Paint {
  /** Milliseconds from the start to the frame of the page, to the last script, and to the modes of the server. */
  readonly frame: number;
  readonly scripts: number;
  readonly useful: number;
  readonly bytes: number;
  readonly files: readonly string[];
}

describe.skipIf(isMissing("chromium-headless-shell"))("the studio at 1.6 Mbit/s", () => {
  let server: StudioServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await serveStudio(bookstore);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function measure(encoding: string): Promise<Paint> {
    const context = await browser.newContext({ extraHTTPHeaders: { "accept-encoding": encoding } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
    // In the page: by the time that a driver has seen the heading, it has been there for half a second.
    await page.addInitScript(() => {
      const observer = new MutationObserver(() => {
        const headings = [...document.querySelectorAll("h1, h2")];
        if (!headings.some(({ textContent }) => textContent === "Authorization modes")) return;
        observer.disconnect();
        // Callbacks of a frame run before it is painted, a task that they set after that.
        requestAnimationFrame(() => setTimeout(() => performance.mark("useful")));
      });
      observer.observe(document, { childList: true, subtree: true });
    });
    await page.goto(server.link, { waitUntil: "commit" });
    await page.waitForFunction(() => performance.getEntriesByName("useful").length > 0);
    const paint = await page.evaluate(() => {
      const files = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
      const scripts = files.filter(({ name }) => name.endsWith(".js"));
      return {
        frame: Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity),
        scripts: Math.round(Math.max(...scripts.map(({ responseEnd }) => responseEnd))),
        useful: Math.round(performance.getEntriesByName("useful")[0]?.startTime ?? Infinity),
        bytes: files.reduce((sum, { transferSize }) => sum + transferSize, 0),
        files: files.map(({ name }) => name),
      };
    });
    await context.close();
    return paint;
  }

  it("shows its frame without waiting for its scripts", async () => {
    const page = await browser.newPage();
    // They never arrive.
    await page.route(/\.js$/, () => undefined);
    await page.goto(server.link, { waitUntil: "commit" });
    await page.getByText("Loading the rules of this server").waitFor();
    await page.getByRole("link", { name: "Decisions" }).waitFor();
    expect(await page.locator(".top").evaluate((top) => getComputedStyle(top).display)).toBe("flex");
    await page.close();
  });

  it("shows its modes in half the time of before", async () => {
    const before = await measure("identity");
    const gzip = await measure("gzip");
    const after = await measure("gzip, br");
    for (const [name, { frame, scripts, useful, bytes }] of Object.entries({ before, gzip, after })) {
      console.log(
        `studio, ${name}: frame ${frame} ms, scripts ${scripts} ms, modes ${useful} ms, ${bytes} bytes`,
      );
    }
    expect(after.bytes).toBeLessThan(mostBytes);
    expect(gzip.bytes).toBeLessThan(mostBytes * 1.1);
    expect(after.bytes * 3).toBeLessThan(before.bytes);
    expect(after.files.some((name) => name.includes("text-view"))).toBe(false);
    // Times say nothing about the page while other programs keep the processors busy.
    if ((loadavg()[0] ?? 0) < availableParallelism()) expect(after.useful).toBeLessThan(longestUseful);
  });
});
