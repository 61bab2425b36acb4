import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { findProgram } from "../../scripts/debian.js";
import { TestServer } from "../support/server.ts";
import type { ClientFunctions } from "./client.ts";
import { Remote } from "./remote.ts";
import type { ServerFunctions } from "./serve.ts";

// Starts the servers and the clients of the tests: each is a process of its own, or a page.

const folder = fileURLToPath(new URL(".", import.meta.url));
/** Inside, so that packages are found from there. */
const bundles = join(folder, ".cache");

/** A certificate for 127.0.0.1 that signs itself: Amplify's clients open no WebSocket without TLS. */
export class Certificate {
  readonly path: string;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "authmodes-tls-"));
    this.path = join(this.#folder, "cert.pem");
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];
    const files = ["-keyout", this.#keyPath, "-out", this.path];
    const { status, stderr } = spawnSync("openssl", ["req", "-x509", ...key, ...subject, ...files], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  }

  get #keyPath(): string {
    return join(this.#folder, "key.pem");
  }

  /** For the process of a server. */
  get environment(): Readonly<Record<string, string>> {
    return {
      TLS_CERTIFICATE: readFileSync(this.path, "utf8"),
      TLS_KEY: readFileSync(this.#keyPath, "utf8"),
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Bundles a program of this folder; its packages stay packages. */
async function programOf(name: string): Promise<string> {
  // Test files that run at the same time have bundles of their own.
  const outfile = join(bundles, `${name}-${process.env["VITEST_POOL_ID"] ?? ""}.mjs`);
  await build({
    entryPoints: [join(folder, `${name}.ts`)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
  });
  return outfile;
}

class Program<T extends { readonly [K in keyof T]: (...args: never) => unknown }> extends Remote<T> {
  readonly #child: ChildProcess;

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = fork(file, args, { cwd: folder, env: { ...process.env, ...env }, execArgv: [] });
    super(child);
    this.#child = child;
  }

  /** It ends by itself when it hears that the tests are gone. */
  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}

export type ServerProcess = Program<ServerFunctions>;

/** Starts a server of a framework. `call("start")` makes it listen. */
export async function startServer(
  framework: string,
  certificate: Certificate,
  publicUrl?: string,
): Promise<ServerProcess> {
  const file = await programOf("serve");
  if (framework === "next") buildNext();
  // Next keeps nothing of a development server.
  const env = {
    ...certificate.environment,
    ...(publicUrl !== undefined && { PUBLIC_URL: publicUrl }),
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
  };
  return new Program<ServerFunctions>(file, [framework], env);
}

function buildNext(): void {
  const bin = fileURLToPath(new URL("../../node_modules/next/dist/bin/next", import.meta.url));
  const env = { ...process.env, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "build"], {
    cwd: join(folder, "next"),
    encoding: "utf8",
    env,
  });
  if (status !== 0) throw new Error(`Next was not built:\n${stdout}\n${stderr}`);
}

/** An app with Amplify JS. */
export interface Client {
  call<K extends keyof ClientFunctions>(
    name: K,
    ...args: Parameters<ClientFunctions[K]>
  ): Promise<Awaited<ReturnType<ClientFunctions[K]>>>;
  stop(): Promise<void>;
}

/** Starts apps that share nothing but the program. */
export interface Clients {
  open(): Promise<Client>;
  stop(): Promise<void>;
}

/** Apps in processes of Node, which trust the certificate. */
export async function nodeClients(certificate: Certificate): Promise<Clients> {
  const file = await programOf("node-client");
  return {
    open: async () => new Program<ClientFunctions>(file, [], { NODE_EXTRA_CA_CERTS: certificate.path }),
    stop: async () => undefined,
  };
}

/** Apps in pages of Chromium, which takes any certificate. */
export async function pageClients(): Promise<Clients> {
  const script = await build({
    entryPoints: [join(folder, "page.ts")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
  });
  const origin = await TestServer.start((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script.outputFiles[0]?.text : '<!doctype html><script src="/page.js"></script>');
  });
  const browser = await chromium.launch({
    executablePath: findProgram("chromium-headless-shell") ?? "chromium-headless-shell",
    // As root Chromium has no sandbox.
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--ignore-certificate-errors"],
  });
  return {
    async open() {
      const page = await browser.newPage();
      await page.goto(origin.url);
      return { call: (name, ...args) => callIn(page, name, args), stop: () => page.close() };
    },
    async stop() {
      await browser.close();
      await origin.stop();
    },
  };
}

function callIn<T>(page: Page, name: string, args: readonly unknown[]): Promise<T> {
  return page.evaluate(
    ([called, given]) => {
      const functions: object = globalThis.realtimeClient;
      return (functions as Record<string, (...all: readonly unknown[]) => T>)[called]?.(...given) as T;
    },
    [name, args] as const,
  );
}
