import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { findProgram } from "../../scripts/debian.js";
import { TestServer } from "./server.ts";

const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

export interface OpenOptions {
  /** How far the clock of the page is ahead of that of this machine. */
  readonly clockAheadMinutes?: number;
}

/** Chromium, and an origin that serves the page with Amplify JS. */
export class AmplifyBrowser {
  readonly #browser: Browser;
  readonly #origin: TestServer;

  private constructor(browser: Browser, origin: TestServer) {
    this.#browser = browser;
    this.#origin = origin;
  }

  static async start(): Promise<AmplifyBrowser> {
    const script = await bundle();
    const origin = await TestServer.start((request, response) => {
      const isScript = request.url === "/page.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><title>App</title><script src="/page.js"></script>');
    });
    const executablePath = findProgram("chromium-headless-shell") ?? "chromium-headless-shell";
    // As root Chromium has no sandbox.
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", ...quiet],
    });
    return new AmplifyBrowser(browser, origin);
  }

  /** A page of its own, with nothing kept of others. */
  async open({ clockAheadMinutes = 0 }: OpenOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext();
    await context.addInitScript(moveClock, clockAheadMinutes * 60_000);
    const page = await context.newPage();
    await page.goto(this.#origin.url);
    return page;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#origin.stop();
  }
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
  });
  return result.outputFiles[0]?.text ?? "";
}

/** Runs in the page before its scripts. */
function moveClock(milliseconds: number): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parts: [] | [number | string | Date]) {
      const [part = RealDate.now() + milliseconds] = parts;
      super(part);
    }
    static override now(): number {
      return RealDate.now() + milliseconds;
    }
  } as DateConstructor;
}
