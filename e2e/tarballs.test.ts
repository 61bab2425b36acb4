import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { build, transform } from "esbuild";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectedAnswers } from "../examples/test/visit.ts";
import { asFunction, examples, type Source } from "./support/examples.ts";
import { run } from "./support/process.ts";
import { root } from "../scripts/files.js";

const checker = fileURLToPath(new URL("support/check-examples.ts", import.meta.url));
/** What a project has besides, in the versions of this repository. */
const companions = [
  "express fastify koa @koa/router hono @hono/node-server next react react-dom graphql",
  "@nestjs/common @nestjs/core @nestjs/platform-express @nestjs/testing reflect-metadata rxjs",
  "@types/node @types/express @types/koa @types/react",
].flatMap((names) => names.split(" "));
const published = await readdir(join(root, "packages"));

const works = {
  express: expectedAnswers,
  fastify: expectedAnswers,
  koa: expectedAnswers,
  hono: expectedAnswers,
  nestjs: expectedAnswers,
  next: expectedAnswers,
  outbound: {
    status: 201,
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
  },
};

describe("the packed tarballs in an empty project", () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "authmodes-tarballs-"));
    const workspaces = published.flatMap((name) => ["--workspace", `packages/${name}`]);
    await npm(root, "pack", "--pack-destination", project, ...workspaces);
    const tarballs = (await readdir(project)).map((name) => `./${name}`);
    await writeFile(join(project, "package.json"), "{}");
    // Without Next's compilers and image tools.
    const quick = ["--omit=optional", "--prefer-offline", "--no-audit", "--no-fund"];
    await npm(project, "install", ...quick, ...tarballs, ...(await versions(companions)));
    await build({
      entryPoints: [checker],
      outfile: join(project, "check-examples.mjs"),
      bundle: true,
      packages: "external",
      format: "esm",
      platform: "node",
    });
  }, 180_000);
  afterAll(() => rm(project, { recursive: true }));

  it("hold what is built and no tests", async () => {
    for (const name of published) {
      const { name: installed } = await packageJson(`packages/${name}`);
      const folder = join(project, "node_modules", installed);
      const files = await readdir(folder, { recursive: true });
      const missing = ["LICENSE", "README.md", "dist", "src"].filter((path) => !files.includes(path));
      expect(missing, name).toEqual([]);
      expect(files.filter((path) => path.includes(".test"))).toEqual([]);
    }
  });

  it.each([
    ["ES modules", "module"],
    ["CommonJS", "commonjs"],
  ] as const)("run the examples in TypeScript, as %s", async (_name, type) => {
    const folder = await newProject(`ts-${type}`, type, await examplesAs(type), { outDir: "dist" });
    await compile(folder);
    expect(await outcomeOf(join(folder, "dist"))).toEqual(works);
  });

  it.each([
    ["ES modules", "module"],
    ["CommonJS", "commonjs"],
  ] as const)("run the examples in JavaScript, as %s", async (_name, type) => {
    const toJavaScript = async ({ path, text }: Source) => {
      const format = type === "module" ? "esm" : "cjs";
      const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
      const { code } = await transform(text, { loader: "ts", format, platform: "node", tsconfigRaw });
      return { path: path.replace(/ts$/, "js"), text: code };
    };
    const sources = await Promise.all((await examplesAs(type)).map(toJavaScript));
    expect(await outcomeOf(await newProject(`js-${type}`, type, sources))).toEqual(works);
  });

  it("compile for bundlers", async () => {
    const bundled = { noEmit: true, module: "esnext", moduleResolution: "bundler" };
    await compile(await newProject("ts-bundled", "module", await examples(), bundled));
  });

  it.each(published)("please publint and arethetypeswrong: %s", async (name) => {
    const { name: installed, version } = await packageJson(`packages/${name}`);
    const file = `${installed.replace("@", "").replace("/", "-")}-${version}.tgz`;
    const tarball = await readFile(join(project, file));
    const { messages } = await publint({ strict: true, pack: { tarball: arrayBufferOf(tarball) } });
    expect(messages).toEqual([]);
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    // Users of our ES modules resolve them as ES modules or bundlers do.
    const isOurs = (problem: Problem) =>
      !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind);
    expect(analysis.types === false ? "no types" : analysis.problems.filter(isOurs)).toEqual([]);
  });

  async function newProject(
    name: string,
    type: "module" | "commonjs",
    sources: readonly Source[],
    options: object = {},
  ): Promise<string> {
    const folder = join(project, name);
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      experimentalDecorators: true,
      types: ["node"],
      rootDir: ".",
      ...options,
    };
    const settings = [
      { path: "package.json", text: JSON.stringify({ type }) },
      { path: "tsconfig.json", text: JSON.stringify({ compilerOptions }) },
    ];
    for (const { path, text } of [...sources, ...settings]) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return folder;
  }

  /** What comes of the examples, told by the script that runs them. */
  async function outcomeOf(folder: string): Promise<unknown> {
    const { code, stdout, stderr } = await run(process.execPath, [
      join(project, "check-examples.mjs"),
      folder,
    ]);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }
});

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

async function examplesAs(type: "module" | "commonjs"): Promise<readonly Source[]> {
  const sources = await examples();
  return type === "module" ? sources : sources.map(({ path, text }) => ({ path, text: asFunction(text) }));
}

/** Checks the declarations of our packages too. What other packages have wrong in theirs is not ours to fix. */
async function compile(...folders: readonly string[]): Promise<void> {
  const tsc = join(root, "node_modules/.bin/tsc");
  const { stdout, stderr } = await run(tsc, ["--build", "--pretty", "false", ...folders]);
  const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
  const ours = errors.filter((line) => !/node_modules\/(?!@?authmodes\b)/.test(line));
  expect({ ours, stderr }).toEqual({ ours: [], stderr: "" });
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
}

async function packageJson(folder: string): Promise<PackageJson> {
  return JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as PackageJson;
}

async function versions(names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    names.map(async (name) => `${name}@${(await packageJson(`node_modules/${name}`)).version}`),
  );
}

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run("npm", args, { cwd });
  if (code !== 0) throw new Error(stdout + stderr);
}
