import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "./support/process.ts";
import { installing, packed, repository } from "./support/tarballs.ts";

// docs/getting-started.md as a new user would do it: every command of it, in an empty folder, with the packed packages.

const names = ["amplify", "core", "express", "keys", "rules", "testing", "cli"];

let project: string;
let tarballs: ReadonlyMap<string, string>;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "authmodes-getting-started-"));
  tarballs = await packed(names);
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

/** A program of the document's that goes on running; resolves when it says where it serves. */
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
      ["-ec", `[ ! -f caller.env ] || . ./caller.env\n${installing(script, tarballs)}`],
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
