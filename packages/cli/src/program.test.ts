import { describe, expect, it } from "vitest";
import { cli, folderWith } from "./test/cli.ts";

describe("authmodes", () => {
  it("prints its version", async () => {
    const { code, out } = await cli(["--version"]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    { args: ["--help"], example: "authmodes matrix --diff old.graphql schema.graphql" },
    { args: ["init", "--help"], example: "authmodes init --yes --modes apiKey iam" },
    { args: ["import", "--help"], example: "authmodes import amplify_outputs.json" },
    { args: ["check", "--help"], example: "authmodes check src/auth.ts --app src/app.ts --production" },
    { args: ["explain", "--help"], example: "authmodes explain request.txt --canonical-request client.txt" },
    { args: ["sign", "--help"], example: "authmodes sign --as iam --region us-east-1 --curl GET /books" },
    { args: ["call", "--help"], example: "authmodes call --as apiKey GET /books" },
    { args: ["matrix", "--help"], example: "authmodes matrix schema.graphql Post --markdown" },
    {
      args: ["keys", "--help"],
      example: "authmodes keys create --name partner --scopes books/read books/write",
    },
    {
      args: ["access-keys", "--help"],
      example: "authmodes access-keys create --user-arn arn:aws:iam::123456789012:user/ci",
    },
  ])("explains $args with examples", async ({ args, example }) => {
    const { code, out } = await cli(args);
    expect(code).toBe(0);
    expect(out).toContain("Usage: authmodes");
    expect(out).toContain(`Examples:\n`);
    expect(out).toContain(`  ${example}\n`);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
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
    { what: "no command", args: [], says: "Usage: authmodes" },
    { what: "a misspelt command", args: ["matrx"], says: "Did you mean matrix?" },
    { what: "a misspelt option", args: ["matrix", "a.graphql", "--jsn"], says: "Did you mean --json?" },
    { what: "no file to import", args: ["import"], says: "authmodes import amplify_outputs.json" },
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
