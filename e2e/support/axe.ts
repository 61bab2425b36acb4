import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const script = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

declare global {
  var axe: { run(options: RunOptions): Promise<AxeResults> };
}

/** What axe finds wrong with a page by WCAG 2.2 A and AA and its best practices: `rule: selector`, one for each element. */
export async function violations(page: Page): Promise<readonly string[]> {
  // In the middle of an animation texts are half transparent.
  await page.emulateMedia({ reducedMotion: "reduce" });
  // Evaluated, not inserted as an element: the page's security policy allows its own scripts only.
  await page.evaluate(await readFile(script, "utf8"));
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}
