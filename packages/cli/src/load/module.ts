import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Io, printable, UsageError } from "../io.ts";

export type Module = Readonly<Record<string, unknown>>;

/** A module of the user's threw when it was loaded, or does not export what it should. */
export class LoadError extends UsageError {
  readonly what: string;
  readonly mend: string;

  constructor(what: string, mend: string, options?: ErrorOptions) {
    super(`${what}\n  fix: ${mend}`, options);
    this.what = what;
    this.mend = mend;
  }
}

/**
 * Imports a module of the user's, TypeScript too: with the tsx of the project, else if Node strips types by itself (22.18
 * and newer).
 * @throws UsageError if it cannot be loaded
 */
export function loadModule(path: string, io: Io): Promise<Module> {
  return starting(printable(path), () => importFile(resolve(io.cwd(), path), io));
}

/**
 * Runs code of the user's.
 * @throws LoadError if it throws
 */
export async function starting<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new LoadError(`${what} does not start: ${reasonOf(error)}`, mendOf(error), { cause: error });
  }
}

async function importFile(file: string, io: Io): Promise<Module> {
  if (io.load !== undefined) return io.load(file);
  if ([".ts", ".mts", ".cts"].includes(extname(file))) await registerTsx(file);
  return (await import(pathToFileURL(file).href)) as Module;
}

interface Tsx {
  readonly register: () => unknown;
}

/**
 * From the project's own folder: it is no dependency of this command line. Node strips types too, but does not find
 * `./auth.ts` for `./auth.js`.
 */
async function registerTsx(file: string): Promise<void> {
  const entry = tsxEntry(file);
  if (entry !== undefined) {
    const { register } = (await import(pathToFileURL(entry).href)) as Tsx;
    register();
  } else if (!("typescript" in process.features && process.features.typescript)) {
    throw new UsageError(
      `Node ${process.versions.node} does not read TypeScript by itself. Write\n  npm install --save-dev tsx\n` +
        "and call again; or take Node 22.18 or newer; or name the compiled file instead.",
    );
  }
}

/** The ES module of `tsx/esm/api`: `require.resolve` finds the one for CommonJS, which cannot load it. */
function tsxEntry(file: string): string | undefined {
  try {
    const manifest = createRequire(file).resolve("tsx/package.json");
    const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as {
      readonly exports: { readonly "./esm/api": { readonly import: { readonly default: string } } };
    };
    return join(dirname(manifest), exports["./esm/api"].import.default);
  } catch {
    return undefined;
  }
}

/** What this project's own checks say ends with it. */
function mendOf(error: unknown): string {
  return error instanceof TypeError && /\(\)|\bwrite\b|\bsay\b/i.test(error.message)
    ? "change the module as the message says, and check again"
    : "load the module by itself to see where: node, or npx tsx, and its path";
}

/** The first line, without the stack: the user's own code threw. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  return printable(
    `${error.name === "Error" ? "" : `${error.name}: `}${error.message}`.split("\n", 1)[0] ?? "",
  );
}
