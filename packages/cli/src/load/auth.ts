import { resolve } from "node:path";
import type { Auth } from "@authmodes/core";
import { isThere } from "../files.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { LoadError, loadModule, type Module } from "./module.ts";

const usualPlaces = ["auth.ts", "auth.js", "auth.mjs", "src/auth.ts", "src/auth.js", "dist/auth.js"];

export interface LoadedAuth {
  readonly auth: Auth;
  readonly module: Module;
}

/**
 * Sets the variables of a file, for modules that read them.
 * @throws UsageError
 */
export function loadEnv(path: string | undefined, io: Io): void {
  if (path === undefined) return;
  try {
    process.loadEnvFile(resolve(io.cwd(), path));
  } catch (error) {
    throw new UsageError(`${printable(path)} cannot be read: is there such a file?`, { cause: error });
  }
}

/** Finds the auth of a project in the usual places. */
export async function findAuthFile(io: Io): Promise<string | undefined> {
  for (const path of usualPlaces) if (await isThere(path, io)) return path;
  return undefined;
}

/**
 * Loads the auth that a module exports as `auth` or by default.
 * @throws UsageError
 */
export async function loadAuth(path: string, io: Io): Promise<LoadedAuth> {
  const module = await loadModule(path, io);
  const auth: unknown = await (module["auth"] ?? module["default"]);
  if (isAuth(auth)) return { auth, module };
  const names = Object.keys(module).join(", ");
  throw new LoadError(
    `${printable(path)} exports no auth${names === "" ? "" : `, only ${printable(names)}`}`,
    "write export const auth = createAuth([…]);",
  );
}

/** Looks at its members, because the project may have another copy of core. */
function isAuth(value: unknown): value is Auth {
  if (typeof value !== "object" || value === null) return false;
  const { authenticate, onEvent, ready, modes }: Partial<Record<string, unknown>> = value as Module;
  return [authenticate, onEvent, ready].every((one) => typeof one === "function") && Array.isArray(modes);
}
