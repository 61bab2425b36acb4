import { describe, expect, it } from "vitest";
import { isMissing } from "./support/programs.ts";
import { bookstore, launchChromium, serveStudio } from "./support/studio.ts";

// How long the studio takes to show something on a slow connection.

const megabitsPerSecond = 1.6;
/** Milliseconds for each round trip, as Lighthouse's "slow 4G". */
const latency = 150;

/** Before scripts were compressed and split it took 3.2 s. */
const longestUseful = 1600;
const longestFrame = 1000;

describe.skipIf(isMissing("chromium-headless-shell"))("the studio at 1.6 Mbit/s", () => {
  it("shows its frame before scripts arrive, and the modes in half the former time", async () => {
    const server = await serveStudio(bookstore);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency,
        downloadThroughput: (megabitsPerSecond * 1_000_000) / 8,
        uploadThroughput: (megabitsPerSecond * 1_000_000) / 8,
      });
      const start = performance.now();
      await page.goto(server.link, { waitUntil: "commit" });
      await page.getByRole("heading", { name: "Authorization modes" }).waitFor();
      const useful = Math.round(performance.now() - start);
      const { frame, script, bytes } = await page.evaluate(() => {
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
        return {
          frame: Math.round(paint?.startTime ?? Infinity),
          script: Math.round(
            Math.max(...entries.filter(({ name }) => name.endsWith(".js")).map((one) => one.responseEnd)),
          ),
          bytes: entries.reduce((sum, { transferSize }) => sum + transferSize, 0),
        };
      });
      console.log("studio at 1.6 Mbit/s, in milliseconds:", JSON.stringify({ frame, script, useful, bytes }));
      expect(frame).toBeLessThan(longestFrame);
      expect(frame).toBeLessThan(script);
      expect(useful).toBeLessThan(longestUseful);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
