import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cli, folderWith } from "./test/cli.ts";

describe("authmodes", () => {
  it("prints its version", async () => {
    const { code, out } = await cli(["--version"]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    { args: ["--help"], example: "npx authmodes matrix --diff old.graphql schema.graphql" },
    { args: ["init", "--help"], example: "npx authmodes init --yes --modes apiKey iam" },
    { args: ["import", "--help"], example: "npx authmodes import amplify_outputs.json" },
    { args: ["check", "--help"], example: "npx authmodes check src/auth.ts --app src/app.ts --production" },
    {
      args: ["explain", "--help"],
      example: "npx authmodes explain request.txt --canonical-request client.txt",
    },
    { args: ["sign", "--help"], example: "npx authmodes sign --as iam --region us-east-1 --curl GET /books" },
    { args: ["call", "--help"], example: "npx authmodes call --as apiKey GET /books" },
    { args: ["matrix", "--help"], example: "npx authmodes matrix schema.graphql Post --markdown" },
    {
      args: ["keys", "--help"],
      example: "npx authmodes keys create --name partner --scopes books/read books/write",
    },
    {
      args: ["access-keys", "--help"],
      example: "npx authmodes access-keys create --user-arn arn:aws:iam::123456789012:user/ci",
    },
    { args: ["revoke", "--help"], example: "npx authmodes revoke --origin-jti 5b2e... --reason stolen" },
  ])("explains $args with examples", async ({ args, example }) => {
    const { code, out } = await cli(args);
    expect(code).toBe(0);
    expect(out).toContain("Usage: npx authmodes");
    expect(out).toContain(`Examples:\n`);
    expect(out).toContain(`  ${example}\n`);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("prints every command so that it runs in a project, where no PATH has the program", async () => {
    const { out } = await cli(["--help"]);
    const [, list = ""] = out.split("Commands:");
    const names = [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["init", "check", "keys", "access-keys", "explain"]));
    const command = new RegExp(String.raw`(?<!npx )\bauthmodes["',]* ["']?(?:${names.join("|")})\b`);
    const folder = fileURLToPath(new URL("../../", import.meta.url));
    const sources = readdirSync(folder).flatMap((name) =>
      readdirSync(`${folder}${name}/src`, { recursive: true, encoding: "utf8" })
        .filter((path) => /\.tsx?$/.test(path) && !/\btest\b/.test(path))
        .map((path) => `${folder}${name}/src/${path}`),
    );
    const lines = sources.flatMap((path) => readFileSync(path, "utf8").split("\n"));
    expect(lines.length).toBeGreaterThan(20_000);
    const isComment = (line: string) => /^\s*(?:\/\/|\/?\*)/.test(line);
    expect(lines.filter((line) => command.test(line) && !isComment(line))).toEqual([]);
  });

  it("exits with 130, as shells do, if the user answers a question with Ctrl-C", async () => {
    const interrupt = async () => {
      throw Object.assign(new Error("User force closed the prompt"), { name: "ExitPromptError" });
    };
    const cwd = await folderWith({});
    const { code, err } = await cli(["init"], { cwd, ask: { checkbox: interrupt } as never });
    expect({ code, err }).toEqual({ code: 130, err: "" });
  });

  it.each([
    { what: "no command", args: [], says: "Usage: npx authmodes" },
    { what: "a misspelt command", args: ["matrx"], says: "Did you mean matrix?" },
    { what: "a misspelt option", args: ["matrix", "a.graphql", "--jsn"], says: "Did you mean --json?" },
    { what: "no file to import", args: ["import"], says: "npx authmodes import amplify_outputs.json" },
    { what: "no schema", args: ["matrix"], says: "missing required argument 'schema'" },
    { what: "too much", args: ["matrix", "a.graphql", "Post", "Blog"], says: "too many arguments" },
    {
      what: "two formats",
      args: ["matrix", "a.graphql", "--json", "--markdown"],
      says: "cannot be used with option",
    },
    {
      what: "a diff as Markdown",
      args: ["matrix", "--diff", "a.graphql", "b.graphql", "--markdown"],
      says: "cannot be used with option",
    },
  ])("exits with 2 for $what", async ({ args, says }) => {
    const { code, out, err } = await cli(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
