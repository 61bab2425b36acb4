import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "./support/process.ts";

// docs/getting-started.md as a new user would do it: every command of it, in an empty folder, with the packed packages.

const repository = fileURLToPath(new URL("..", import.meta.url));
const names = ["amplify", "core", "express", "rules", "testing", "cli"];

let project: string;
let tarballs: ReadonlyMap<string, string>;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "authmodes-getting-started-"));
  const packed = await mkdtemp(join(tmpdir(), "authmodes-packed-"));
  const workspaces = names.flatMap((name) => ["--workspace", `packages/${name}`]);
  const { code, stderr } = await run("npm", ["pack", "--pack-destination", packed, ...workspaces], {
    cwd: repository,
  });
  if (code !== 0) throw new Error(stderr);
  const files = await readdir(packed);
  tarballs = new Map(
    names.map((name) => {
      const file = files.find((file) =>
        file.startsWith(name === "cli" ? "authmodes-0" : `authmodes-${name}-`),
      );
      return [name === "cli" ? "authmodes" : `@authmodes/${name}`, join(packed, file ?? "")];
    }),
  );
}, 180_000);
afterAll(async () => {
  for (const { pid } of servers) if (pid !== undefined) process.kill(-pid);
  await rm(project, { recursive: true });
});

interface Block {
  readonly isServer: boolean;
  readonly script: string;
}

async function blocks(): Promise<readonly Block[]> {
  const text = await readFile(join(repository, "docs/getting-started.md"), "utf8");
  return [...text.matchAll(/^```sh( server)?\n(.*?)^```$/gms)].map(([, server, script = ""]) => ({
    isServer: server !== undefined,
    script,
  }));
}

/** What is not on a registry yet comes from this repository. */
function installing(script: string): string {
  return script.replaceAll(/^npm install .*$/gm, (line) => {
    const words = line.split(" ").map((word) => tarballs.get(word) ?? word);
    // What the others need comes along.
    const needed = ["@authmodes/core", "@authmodes/amplify"].map((name) => tarballs.get(name));
    return [...words, ...needed, "--no-audit", "--no-fund"].join(" ");
  });
}

/** A program of the document that keeps running; resolves when it prints its address. */
async function serve(script: string): Promise<void> {
  const child = spawn("sh", ["-c", `exec ${script}`], {
    cwd: project,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  servers.push(child);
  await once(child.stdout, "data");
}

it("works as it is written, and every mode is called", async () => {
  let printed = "";
  for (const { isServer, script } of await blocks()) {
    if (isServer) {
      await serve(script);
      continue;
    }
    const { code, stdout, stderr } = await run(
      "sh",
      ["-ec", `[ ! -f caller.env ] || . ./caller.env\n${installing(script)}`],
      {
        cwd: project,
      },
    );
    expect({ script, code, stderr: code === 0 ? "" : stdout + stderr }).toEqual({
      script,
      code: 0,
      stderr: "",
    });
    printed += stdout;
  }
  for (const mode of ["apiKey", "iam", "oidc", "lambda", "none"])
    expect(printed).toContain(`{"mode":"${mode}",`);
  expect(printed).toContain("as it should be");
  expect(printed).toContain("refused by apiKey: no stored key has this hash");
}, 300_000);
