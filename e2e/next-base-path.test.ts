import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ask, expected } from "./next-base-path/ask.js";
import { startShop } from "./next-base-path/serve.js";
import { launchChromium } from "./support/chromium.ts";
import { isMissing } from "./support/programs.ts";

// An app with a base path: its handlers see other paths than clients send and sign.

const app = fileURLToPath(new URL("next-base-path", import.meta.url));
const fromRoot = createRequire(new URL("../packages/next/package.json", import.meta.url));

let shop: Awaited<ReturnType<typeof startShop>>;
let answers: Awaited<ReturnType<typeof ask>>;

beforeAll(async () => {
  shop = await startShop(app, fromRoot.resolve("next/dist/bin/next"));
  answers = await ask(shop.url);
}, 180_000);
afterAll(() => shop.stop());

describe("Next 16 with a base path", () => {
  it.each(Object.entries(expected))("answers as expected: %s", (name, answer) => {
    expect(answers[name as keyof typeof expected]).toEqual(answer);
  });

  it.skipIf(isMissing("chromium-headless-shell"))(
    "sends a visitor who follows a link to sign in",
    async () => {
      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const page = await browser.newPage();
      const seen: unknown[] = [];
      page.on("response", (response) => {
        const { rsc } = response.request().headers();
        if (response.url().includes("/account")) seen.push([rsc, response.status()]);
      });
      await page.goto(`${shop.url}/shop`, { waitUntil: "networkidle" });
      await page.getByRole("link", { name: "Your account" }).click();
      await page.getByRole("heading", { name: "Sign in, then go to /account" }).waitFor();
      expect(new URL(page.url()).pathname).toBe("/shop/sign-in");
      expect(seen[0]).toEqual(["1", 307]);
    },
  );
});
