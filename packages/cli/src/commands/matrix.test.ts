import type { MatrixDiff, MatrixRow } from "@authmodes/rules";
import { describe, expect, it } from "vitest";
import { cli, type Ran, schemaFile } from "../test/cli.ts";

const blog = `
type Blog @model @auth(rules: [{ allow: public, provider: iam, operations: [read] }, { allow: owner }]) {
  title: String
  content: String
}`;

describe("matrix", () => {
  it("prints the table of Amplify's documentation", async () => {
    const { code, out } = await cli(["matrix", await schemaFile(blog), "Blog"]);
    expect(code).toBe(0);
    expect(out).toBe(`iam:public
  ┌─────────┬────────┬──────┬────────┬────────┐
  │ (index) │ create │ read │ update │ delete │
  ├─────────┼────────┼──────┼────────┼────────┤
  │  title  │ false  │ true │ false  │ false  │
  │ content │ false  │ true │ false  │ false  │
  └─────────┴────────┴──────┴────────┴────────┘
userPools:owner:owner
  ┌─────────┬────────┬──────┬────────┬────────┐
  │ (index) │ create │ read │ update │ delete │
  ├─────────┼────────┼──────┼────────┼────────┤
  │  title  │  true  │ true │  true  │  true  │
  │ content │  true  │ true │  true  │  true  │
  └─────────┴────────┴──────┴────────┴────────┘
`);
  });

  it("prints JSON and Markdown", async () => {
    const path = await schemaFile(blog);
    const rows = JSON.parse((await cli(["matrix", path, "--json"])).out) as MatrixRow[];
    expect(rows).toHaveLength(4);
    expect(rows[0]).toEqual({
      model: "Blog",
      role: "iam:public",
      field: "title",
      operations: ["get", "list", "search", "listen", "sync"],
    });
    const { out } = await cli(["matrix", path, "--markdown"]);
    expect(out).toContain("### iam:public\n\n| field | create | read | update | delete |");
  });

  it("prints roles and models alone, in the studio's words", async () => {
    const path = await schemaFile(`${blog}
      type Note @model @auth(rules: [
        { allow: owner, provider: oidc, ownerField: "writer" }
        { allow: groups, groups: ["Admins", "a\u001B[2K"] }
        { allow: private, operations: [get] }
      ]) { id: ID text: String @auth(rules: [{ allow: groups, groups: ["Admins"] }]) writer: String }`);
    const { code, out } = await cli(["matrix", path, "--compact"]);
    expect(code).toBe(0);
    expect(out).toBe(`                      Blog  Note
Guests                -R--  ----
Owner: owner          CRUD  ----
Owner: writer (OIDC)  ----  crud
Admins                ----  CRUD
a\\u{1b}[2K            ----  crud
Pool users            ----  -r--

C create, R read, U update, D delete; small: some fields or some reads only
`);
  });

  it("prints models in several tables if a terminal is too narrow for one", async () => {
    const models = Array.from(
      { length: 12 },
      (_, index) => `type ModelNumber${index} @model @auth(rules: [{ allow: private }]) { text: String }`,
    );
    const { out } = await cli(["matrix", await schemaFile(models.join("\n")), "--compact"]);
    const lines = out.split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => line.startsWith("Pool users  CRUD"))).toHaveLength(3);
    for (const index of models.keys()) expect(out).toMatch(new RegExp(`ModelNumber${index}\\b`));
  });

  it("shows one model if it is named, with its warnings alone", async () => {
    const path = await schemaFile(`${blog}
      type Note @model @auth(rules: [{ allow: owner }]) { text: String }`);
    const { out, err } = await cli(["matrix", path, "Note"]);
    expect(out).toContain("text");
    expect(out).not.toContain("title");
    expect(err).toContain(`${path}:6:12: warning: Note.owner: owners may reassign`);
    expect(err).not.toContain("Blog.owner");
  });

  it("names the model that was meant", async () => {
    const { code, out, err } = await cli(["matrix", await schemaFile(blog), "Blok"]);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: "",
      err: "There is no model 'Blok'. Write 'Blog'.\n",
    });
  });

  it("notes models without rules", async () => {
    const path = await schemaFile("type Draft @model { text: String }");
    const { code, out, err } = await cli(["matrix", path]);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "",
      err: `${path}:1:6: warning: Draft: it has no rules: every request is denied\n  fix: give it rules, or remove it\n`,
    });
    expect(await cli(["matrix", path, "--json"])).toMatchObject({ out: "[]\n" });
  });

  it("shows what the sandbox opens", async () => {
    const path = await schemaFile(`input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }
      type Draft @model { text: String }`);
    const { out, err } = await cli(["matrix", path]);
    expect(out).toContain("apiKey:sandbox\n");
    expect(out).toContain("│  text   │  true  │ true │  true  │  true  │");
    expect(err).toContain("warning: sandbox: API keys may do everything with Draft");
    expect(err).not.toContain("note:");
  });

  it("writes control characters of groups out, so that they cannot hide a role", async () => {
    const path = await schemaFile(
      String.raw`type Note @model @auth(rules: [{ allow: groups, groups: ["a\u001B[2K\u202Eb"] }]) { text: String }`,
    );
    const { code, out } = await cli(["matrix", path]);
    const diff = await cli(["matrix", "--diff", await schemaFile(blog), path]);
    expect(code).toBe(0);
    for (const text of [out, diff.out]) {
      expect(text).toContain(String.raw`staticGroup:a\u{1b}[2K\u{202e}b`);
      expect(text).not.toContain("\u001B");
      expect(text).not.toContain("\u202E");
    }
  });
});

describe("a schema with errors", () => {
  it("prints all of them with their places, and no matrix", async () => {
    const path = await schemaFile(`type Blog @model @auth(rules: [{ allow: group }]) {
  title: String @auth(rules: [{ allow: owner, operation: [read] }])
}`);
    const { code, out, err } = await cli(["matrix", path, "--json"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(
      `${path}:1:41: error: Blog: There is no strategy 'group'.\n  fix: write allow: groups\n`,
    );
    expect(err).toMatch(/schema\.graphql:2:\d+: error: Blog\.title: /);
  });

  it("has a place also for errors that show when the rules are compiled", async () => {
    const path = await schemaFile(`type Blog @model @auth(rules: [{ allow: private, provider: apiKey }]) {
  title: String
}`);
    const { code, out, err } = await cli(["matrix", path]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/schema\.graphql:1:\d+: error: Blog: /);
  });

  it("names the place of a syntax error", async () => {
    const path = await schemaFile("type Blog @model {\n  title: \n}");
    const { code, err } = await cli(["matrix", path]);
    expect(code).toBe(2);
    expect(err).toContain(`${path}:3:1: error: Syntax Error`);
  });

  it("names files that cannot be read, both of a diff", async () => {
    const { code, out, err } = await cli([
      "matrix",
      "--diff",
      "/nowhere/old.graphql",
      "/nowhere/new.graphql",
    ]);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: "",
      err:
        "/nowhere/old.graphql cannot be read: there is no such file\n" +
        "/nowhere/new.graphql cannot be read: there is no such file\n",
    });
  });

  it("is no widening in a diff, whichever of the two has them", async () => {
    const good = await schemaFile(blog);
    const bad = await schemaFile("type Blog @model @auth(rules: [{ allow: group }]) { title: String }");
    for (const paths of [
      [good, bad],
      [bad, good],
    ]) {
      const { code, out, err } = await cli(["matrix", "--diff", ...paths]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain(`${bad}:1:41: error: `);
    }
  });
});

async function diff(before: string, after: string, ...args: readonly string[]): Promise<Ran> {
  return cli(["matrix", "--diff", await schemaFile(before), await schemaFile(after), ...args]);
}

function note(rules: string, fields = "text: String title: String", type = "Note"): string {
  return `type ${type} @model @auth(rules: [${rules}]) { ${fields} }`;
}

const readers = "{ allow: private, operations: [read] }";
const admins = '{ allow: groups, groups: ["Admin"] }';

describe("matrix --diff", () => {
  it("exits with 1 on a widening, which it names before what narrows", async () => {
    const { code, out } = await diff(
      note("{ allow: private, operations: [read, update] }"),
      note("{ allow: private, operations: [create, read] }"),
    );
    expect({ code, out }).toEqual({
      code: 1,
      out:
        "+ Note: userPools:private may create text, title\n" +
        "- Note: userPools:private may no longer update text, title\n",
    });
  });

  it("exits with 0 if access only narrows", async () => {
    const { code, out } = await diff(
      note(`${readers}, ${admins}`),
      note("{ allow: private, operations: [get] }"),
    );
    expect(code).toBe(0);
    expect(out).toBe(
      "- Note: userPools:private may no longer list, search, listen, sync text, title\n" +
        "- Note: userPools:staticGroup:Admin:cognito:groups may no longer create, read, update, delete text, title\n" +
        "- Note: userPools:staticGroup:Admin:cognito:groups may no longer delete whole records\n",
    );
  });

  it("says so if nothing changed", async () => {
    expect(await diff(note(readers), note(readers))).toMatchObject({
      code: 0,
      out: "No access changed.\n",
    });
  });

  it("prints JSON", async () => {
    const { code, out } = await diff(
      note(readers, "a: Int"),
      note("{ allow: private, operations: [get] }", "a: Int"),
      "--json",
    );
    const { widened, narrowed } = JSON.parse(out) as MatrixDiff;
    expect({ code, widened }).toEqual({ code: 0, widened: [] });
    expect(narrowed[0]).toEqual({ model: "Note", role: "userPools:private", field: "a", operation: "list" });
    expect(narrowed).toHaveLength(4);
    expect(await diff(note(readers), note(admins), "--json")).toMatchObject({ code: 1 });
  });

  it("looks at one model if it is named, also at one that is new or gone", async () => {
    const before = note(readers) + note(readers, "text: String", "Old");
    const after = note(admins) + note(readers, "text: String", "New");
    expect(await diff(before, after, "Old")).toMatchObject({
      code: 0,
      out: "- Old: userPools:private may no longer read text\n",
    });
    expect(await diff(before, after, "New")).toMatchObject({
      code: 1,
      out: "+ New: userPools:private may read text\n",
    });
    expect(await diff(before, after, "Neww")).toMatchObject({
      code: 2,
      out: "",
      err: "There is no model 'Neww'. Write 'New'.\n",
    });
  });

  it("colours if the terminal can, and only then", async () => {
    const paths = [await schemaFile(note(readers)), await schemaFile(note(admins, "text: String"))];
    const coloured = await cli(["matrix", "--diff", ...paths], { colours: true });
    const plain = await cli(["matrix", "--diff", ...paths], { colours: false });
    expect(coloured.out).toContain("\u001B[31m+ Note: ");
    expect(coloured.out).toContain("\u001B[32m- Note: ");
    expect(plain.out).not.toContain("\u001B");
    expect(plain.out.split("\n")).toHaveLength(coloured.out.split("\n").length);
  });

  describe("sees what the matrix does not show", () => {
    const draft = "type Draft @model { text: String }";
    const nested = (rules: string): string =>
      `${note(readers, "at: Place")} type Place { street: String ${rules} }`;
    const query = (rules: string): string => `${note(readers)} type Query { report: String ${rules} }`;
    const guarded = "@auth(rules: [{ allow: private }])";

    it.each([
      {
        what: "the sandbox",
        before: draft,
        after: `${draft} input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }`,
        says: "+ Draft: apiKey:sandbox may create, read, update, delete text\n",
      },
      {
        what: "removing a field that no role could delete",
        before: note(
          admins,
          'text: String key: String @auth(rules: [{ allow: groups, groups: ["Admin"], operations: [read] }])',
        ),
        after: note(admins, "text: String"),
        says: "+ Note: userPools:staticGroup:Admin:cognito:groups may delete whole records\n",
      },
      {
        what: "a query that loses its rules",
        before: query(guarded),
        after: query(""),
        says: "+ Query: the default provider (userPools) may read report\n",
      },
      {
        what: "another default provider, to which a query is open",
        before: query(""),
        after: query("").replace(readers, "{ allow: public, operations: [read] }"),
        says: "+ Query: the default provider (apiKey) may read report\n",
      },
      {
        what: "another role at a query",
        before: query(guarded),
        after: query("@auth(rules: [{ allow: private }, { allow: public }])"),
        says: "+ Query: apiKey:public may read report\n",
      },
      {
        what: "a nested field that loses its rules",
        before: nested(guarded),
        after: nested(""),
        says: "+ Place: readers of the parent may read street\n",
      },
    ])("$what", async ({ before, after, says }) => {
      const { code, out } = await diff(before, after);
      expect(out).toContain(says);
      expect(code).toBe(1);
    });
  });
});
