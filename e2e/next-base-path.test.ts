import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, expected } from "./next-base-path/ask.js";
import { startShop } from "./next-base-path/serve.js";

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
});
