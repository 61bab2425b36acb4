import { type Browser, chromium } from "playwright-core";
import { findProgram } from "../../scripts/debian.js";

/** Starts Debian's Chromium. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findProgram("chromium-headless-shell") ?? "chromium-headless-shell",
    // As root Chromium has no sandbox.
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

/** The viewports and colour schemes that every page is checked in. */
export const screens = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 375].map((width) => ({ colorScheme, viewport: { width, height: 800 } })),
);
