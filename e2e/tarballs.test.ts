import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./support/process.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const packages = ["packages/core", "packages/express"];
const documents = ["README.md", "packages/core/README.md", "packages/express/README.md"];
const checker = fileURLToPath(new URL("support/check-examples.js", import.meta.url));

/** What the extracts of the documents leave to the reader. */
const readersOwn = `
declare const app: import("express").Express;
declare const handler: import("express").RequestHandler;
declare const storedKeys: readonly import("@authmodes/express").StoredApiKey[];
declare const credentials: import("@authmodes/core/outbound").AwsCredentials;
declare const body: string;
`;

const works = {
  whoami: { status: 200, body: { mode: "apiKey", id: expect.stringMatching(/^[0-9a-f]{8}$/) as string } },
  nobody: { status: 401, body: expect.objectContaining({ code: "credentials_missing" }) as object },
  profile: { status: 401, body: expect.objectContaining({ code: "mode_not_accepted" }) as object },
  order: 201,
  sent: [
    {
      method: "POST",
      url: "https://supplier.example.com/orders",
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/execute-api\/aws4_request, /,
      ) as string,
      body: '{"bookId":"7"}',
    },
  ],
};

interface Example {
  readonly name: string;
  readonly source: string;
}

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "authmodes-tarballs-"));
  const workspaces = packages.flatMap((name) => ["--workspace", name]);
  await npm(repository, "pack", "--pack-destination", project, ...workspaces);
  const tarballs = (await readdir(project))
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => `./${name}`);
  await writeFile(join(project, "package.json"), "{}");
  await npm(project, "install", "--no-audit", "--no-fund", ...tarballs, ...(await companions()));
}, 180_000);
afterAll(() => rm(project, { recursive: true }));

describe("the packed tarballs in an empty project", () => {
  it("hold what is built and no tests", async () => {
    const files = await readdir(join(project, "node_modules/@authmodes/core"), { recursive: true });
    expect(files).toEqual(
      expect.arrayContaining(["README.md", "dist/index.js", "dist/index.d.ts", "dist/outbound/index.js"]),
    );
    expect(files.filter((name) => name.includes(".test."))).toEqual([]);
  });

  it("run the examples in TypeScript, as ES modules", async () => {
    const folder = await newFolder("ts-esm", "module");
    for (const { name, source } of await examples()) await writeFile(join(folder, `${name}.ts`), source);
    for (const { name, source } of await extracts()) await writeFile(join(folder, `${name}.ts`), source);
    await writeFile(join(folder, "readers-own.d.ts"), readersOwn);
    await compile(folder);
    expect(await outcomeOf(join(folder, "dist"))).toEqual(works);
  });

  it("run the examples in TypeScript, as CommonJS", async () => {
    const folder = await newFolder("ts-cjs", "commonjs");
    for (const { name, source } of await examples())
      await writeFile(join(folder, `${name}.ts`), asFunction(source));
    await compile(folder);
    expect(await outcomeOf(join(folder, "dist"))).toEqual(works);
  });

  it.each([
    ["ES modules", "js-esm", "module", "esm"],
    ["CommonJS", "js-cjs", "commonjs", "cjs"],
  ] as const)("run the examples in JavaScript, as %s", async (_name, folderName, type, format) => {
    const folder = await newFolder(folderName, type);
    for (const { name, source } of await examples()) {
      const script = format === "esm" ? source : asFunction(source);
      const { code } = await transform(script, { loader: "ts", format, platform: "node" });
      await writeFile(join(folder, `${name}.js`), code);
    }
    expect(await outcomeOf(folder)).toEqual(works);
  });
});

it.each([...packages, "packages/testing"])("publint has nothing to say about %s", async (name) => {
  const { code, stdout } = await run("node_modules/.bin/publint", ["run", name, "--strict"], {
    cwd: repository,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("All good!") as string });
});

/** What comes of the examples, told by the script that runs them. */
async function outcomeOf(folder: string): Promise<unknown> {
  const { code, stdout, stderr } = await run(process.execPath, [checker, folder]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function examples(): Promise<Example[]> {
  const files = (await readdir(join(repository, "examples"))).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const read = async (file: string) => ({
    name: basename(file, ".ts"),
    source: await readFile(join(repository, "examples", file), "utf8"),
  });
  return Promise.all(files.map(read));
}

/** The blocks of TypeScript in the documents. */
async function extracts(): Promise<Example[]> {
  const all: Example[] = [];
  for (const [index, path] of documents.entries()) {
    const text = await readFile(join(repository, path), "utf8");
    for (const [, source = ""] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
      all.push({ name: `readme-${index}-${all.length}`, source });
    }
  }
  return all;
}

/** A module of CommonJS cannot `await` at its top: what is not an import moves into a function. */
function asFunction(source: string): string {
  const importing = /^import [^;]*;\n/gm;
  const exported: string[] = [];
  const body = source
    .replaceAll(importing, "")
    .replaceAll(/^export default (\w+);$/gm, (_text, name: string) => {
      exported.push(`default: ${name}`);
      return "";
    })
    .replaceAll(/^export (function|const) (\w+)/gm, (_text, kind: string, name: string) => {
      exported.push(name);
      return `${kind} ${name}`;
    });
  const imports = source.match(importing)?.join("") ?? "";
  return `${imports}export async function load() {\n${body}\nreturn { ${exported.join(", ")} };\n}\n`;
}

async function newFolder(name: string, type: "module" | "commonjs"): Promise<string> {
  const folder = join(project, name);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type }));
  return folder;
}

async function compile(folder: string): Promise<void> {
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ["node"],
    rootDir: ".",
    outDir: "dist",
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const { code, stdout } = await run(join(project, "node_modules/.bin/tsc"), ["-p", folder]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
}

/** What a project has besides, in the versions of this repository. */
async function companions(): Promise<string[]> {
  const read = async (path: string) =>
    JSON.parse(await readFile(join(repository, path), "utf8")) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
  const versions = {
    ...(await read("package.json")).devDependencies,
    ...(await read("packages/express/package.json")).devDependencies,
  };
  const names = ["express", "typescript", "@types/express", "@types/node"];
  return names.map((name) => `${name}@${versions[name] ?? "latest"}`);
}

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run("npm", args, { cwd });
  if (code !== 0) throw new Error(stdout + stderr);
}
