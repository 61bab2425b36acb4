import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./process.ts";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Packs the packages of these folders, for users who install them. @returns the files by the names of the packages */
export async function packed(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const destination = await mkdtemp(join(tmpdir(), "authmodes-packed-"));
  const workspaces = folders.flatMap((name) => ["--workspace", `packages/${name}`]);
  const { code, stderr } = await run("npm", ["pack", "--pack-destination", destination, ...workspaces], {
    cwd: repository,
  });
  if (code !== 0) throw new Error(stderr);
  const files = await readdir(destination);
  return new Map(
    folders.map((name) => {
      const file = files.find((file) =>
        file.startsWith(name === "cli" ? "authmodes-0" : `authmodes-${name}-`),
      );
      return [name === "cli" ? "authmodes" : `@authmodes/${name}`, join(destination, file ?? "")];
    }),
  );
}

/** Commands that install packages of this repository, which are not on a registry, from their files. */
export function installing(script: string, tarballs: ReadonlyMap<string, string>): string {
  return script.replaceAll(/^npm install .*$/gm, (line) => {
    const words = line.split(" ").map((word) => tarballs.get(word) ?? word);
    // What the others need comes along.
    const needed = ["@authmodes/core", "@authmodes/amplify", "@authmodes/keys"].map((name) =>
      tarballs.get(name),
    );
    return [...words, ...needed, "--no-audit", "--no-fund", "--prefer-offline"].join(" ");
  });
}
