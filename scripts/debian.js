// Programs that npm does not bring: finds them, and installs them on Debian.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A program that the end-to-end tests drive, and the Debian package that brings it.
 * @typedef {{ program: string, package: string }} Part
 */

/** @type {readonly Part[]} */
export const parts = [
  { program: "curl", package: "curl" },
  { program: "aws", package: "awscli" },
  { program: "chromium-headless-shell", package: "chromium-headless-shell" },
  { program: "mariadbd", package: "mariadb-server" },
  { program: "nginx", package: "nginx" },
  { program: "openssl", package: "openssl" },
  { program: "redis-server", package: "redis-server" },
  { program: "initdb", package: "postgresql" },
];

/**
 * The full path of a program; undefined if there is none.
 * @param {string} program
 * @returns {string | undefined}
 */
export function findProgram(program) {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, ...postgresFolders()].map((folder) => join(folder, program)).find(isExecutable);
}

/** Debian keeps the programs of PostgreSQL's server out of the path, those of each version in a folder. */
function postgresFolders() {
  const root = "/usr/lib/postgresql";
  return existsSync(root) ? readdirSync(root).map((version) => join(root, version, "bin")) : [];
}

/** @returns {Part[]} */
export function missingParts() {
  return parts.filter(({ program }) => findProgram(program) === undefined);
}

/** Installs what is missing, if this machine is a Debian and we are root; otherwise changes nothing. */
export function installMissingParts() {
  const packages = missingParts().map((part) => part.package);
  if (packages.length === 0 || findProgram("apt-get") === undefined || process.getuid?.() !== 0) return;
  console.error(`Installing from Debian: ${packages.join(", ")}`);
  // Without fresh lists apt asks for versions that the mirror no longer has.
  aptGet(["update"]);
  aptGet(["install", "--yes", "--no-install-recommends", ...packages]);
}

/** @param {readonly string[]} args */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-q=2", "-o", "DPkg::Lock::Timeout=120"];
  // A failure shows: the part is still missing afterwards.
  spawnSync("apt-get", [...options, ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
