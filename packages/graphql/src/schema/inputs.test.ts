import type { Values } from "@authmodes/rules";
import type { GraphQLSchema } from "graphql";
import { describe, expect, it } from "vitest";
import type { ModelField } from "../index.ts";
import { guarded, type PostsOptions } from "../test/posts.ts";
import { ask } from "../test/ask.ts";
import { alice, bob } from "../test/callers.ts";
import type { Resolvers } from "../test/resolvers.ts";

// Mutations of other shapes than Amplify's.

const types = `type Query { getPost: Post } type Post { id: ID title: String owner: String } scalar JSON
  input Data { id: ID title: String owner: String notify: Boolean clientMutationId: String }`;

type Written = Record<string, unknown>[];

/** A schema with one mutation, and what its resolver is given. */
function mutating(
  mutation: string,
  use: ModelField,
  answer: (args: Values) => unknown = () => null,
  more: PostsOptions = {},
): { readonly schema: GraphQLSchema; readonly written: Written } {
  const written: Written = [];
  const name = /^\w+/.exec(mutation)?.[0] ?? "";
  const resolvers: Resolvers = {
    Mutation: {
      [name]: (_source, args) => {
        written.push({ ...args });
        return answer(args);
      },
    },
  };
  const operations = { Mutation: { [name]: use } };
  const schema = guarded(`${types} type Mutation { ${mutation} }`, resolvers, { operations, ...more });
  return { schema, written };
}

const create = { model: "Post", operation: "create" } as const;
const update = { model: "Post", operation: "update" } as const;

describe("the input of a mutation", () => {
  it("has another name: it is decided on, and the owner is filled in there", async () => {
    const use = { ...create, input: "data", ignore: ["notify"] };
    const { schema, written } = mutating("addPost(data: Data!, notify: Boolean): Post", use);
    const add = "mutation ($data: Data!) { addPost(data: $data, notify: true) { id } }";
    const data = { title: "t", notify: true, clientMutationId: "7" };
    expect((await ask(schema, alice, add, { data })).errors).toEqual([]);
    expect(written).toEqual([{ data: { ...data, owner: "s-alice::alice" }, notify: true }]);
    expect((await ask(schema, bob, add, { data: { owner: "s-alice::alice" } })).errors).toHaveLength(1);
    expect(written).toHaveLength(1);
  });

  it("has another name in updates, with the key in it or beside it", async () => {
    const use = { ...update, input: "data", ignore: ["notify"] };
    for (const mutation of ["editPost(data: Data!): Post", "editPost(id: ID, data: Data!): Post"]) {
      const { schema, written } = mutating(mutation, use);
      const edit = "mutation ($data: Data!) { editPost(data: $data) { id } }";
      expect((await ask(schema, alice, edit, { data: { id: "1", title: "t" } })).errors).toEqual([]);
      expect((await ask(schema, bob, edit, { data: { id: "1", title: "t" } })).errors).toEqual([
        "editPost: Not Authorized to access editPost on type Mutation",
      ]);
      expect(written).toHaveLength(1);
    }
  });

  it("is spread over the arguments", async () => {
    const mutation = "editPost(id: ID!, title: String, notify: Boolean, clientMutationId: String): Post";
    const { schema, written } = mutating(mutation, { ...update, ignore: ["notify"] });
    const edit = `mutation { editPost(id: "1", title: "t", notify: true, clientMutationId: "7") { id } }`;
    expect((await ask(schema, alice, edit)).errors).toEqual([]);
    expect((await ask(schema, bob, edit)).errors).toHaveLength(1);
    expect(written).toEqual([{ id: "1", title: "t", notify: true, clientMutationId: "7" }]);
  });

  it.each<readonly [string, string, ModelField]>([
    ["there is no argument 'dta'", "addPost(data: Data!): Post", { ...create, input: "dta" }],
    [
      "the argument 'data' has to be one input object",
      "addPost(data: [Data!]!): Post",
      { ...create, input: "data", ignore: ["notify"] },
    ],
    [
      "the argument 'data' has to be one input object",
      "addPost(data: JSON): Post",
      { ...create, input: "data" },
    ],
    ["Post has no notify, which the input has.", "addPost(data: Data): Post", { ...create, input: "data" }],
    ["Post has no data, which the input has.", "addPost(data: Data): Post", create],
    [
      "only 'data' is written and decided on, not status, title: move it there",
      "addPost(data: Data!, status: String, title: String): Post",
      { ...create, input: "data", ignore: ["notify"] },
    ],
    [
      "ignore names 'nofity', which is neither an argument nor in the input.",
      "addPost(title: String, notify: Boolean): Post",
      { ...create, ignore: ["nofity", "notify"] },
    ],
    [
      "ignore names 'title', which Post has: it would be written without a decision.",
      "addPost(title: String): Post",
      { ...create, ignore: ["title"] },
    ],
    [
      "addPost has no option 'inptu'. Write 'input'",
      "addPost(data: Data!): Post",
      { ...create, inptu: "data" } as ModelField,
    ],
    ["ignore is a list of names", "addPost(title: String): Post", { ...create, ignore: "title" as never }],
  ])("says: %s", (sentence, mutation, use) => {
    expect(() => mutating(mutation, use)).toThrow(sentence);
  });

  it("is no matter of queries", () => {
    const operations = { Query: { getPost: { model: "Post", operation: "get", input: "data" } } } as const;
    expect(() => guarded(types, {}, { operations })).toThrow("input and ignore are for mutations");
  });

  it("does not nest deeper than the stack", async () => {
    const schema = guarded(
      `${types} type Mutation { createPost(input: New!): Post } input New { tree: JSON }`,
      {
        Mutation: { createPost: () => null },
      },
    );
    const createPost = "mutation ($tree: JSON) { createPost(input: { tree: $tree }) { id } }";
    const nested = (levels: number): unknown =>
      JSON.parse(`${`{"child":`.repeat(levels)}1${"}".repeat(levels)}`);
    expect((await ask(schema, alice, createPost, { tree: nested(30) })).errors).toEqual([]);
    for (const levels of [100, 50_000]) {
      expect((await ask(schema, alice, createPost, { tree: nested(levels) })).errors).toEqual([
        "createPost: The input nests deeper than 100 levels",
      ]);
    }
  });
});

describe("arguments of a list", () => {
  it("may nest deep: a hidden field is found wherever it is", async () => {
    const schema = guarded(
      `${types} type Mutation { createPost(title: String): Post } extend type Query { listPosts(filter: JSON): [Post] }`,
      { Query: { listPosts: () => [] } },
    );
    const levels = 20_000;
    const filter = JSON.parse(`${`{"and":`.repeat(levels)}{"secret":1}${"}".repeat(levels)}`) as unknown;
    const list = "query ($filter: JSON) { listPosts(filter: $filter) { id } }";
    expect((await ask(schema, alice, list, { filter })).errors).toEqual([
      "listPosts: Unauthorized on [secret]",
    ]);
  });
});

describe("the payload of a mutation", () => {
  const payload = `type Payload { post: Post posts: [Post] deletedId: ID ok: Boolean clientMutationId: String }`;
  const mutation = "addPost(title: String, clientMutationId: String): Payload";

  it("has its records guarded", async () => {
    const answer = () => ({
      post: { id: "2", owner: "s-bob::bob", title: "b" },
      posts: [
        { id: "2", owner: "s-bob::bob" },
        { id: "4", owner: "s-alice::alice" },
      ],
      ok: true,
      clientMutationId: "7",
    });
    const { schema } = mutating(`${mutation} } ${payload} type Other {x: ID`, create, answer, {
      development: true,
    });
    const add = `mutation { addPost(title: "t") { post { title } posts { id } ok clientMutationId } }`;
    expect((await ask(schema, alice, add)).data).toEqual({
      addPost: { post: null, posts: [{ id: "4" }], ok: true, clientMutationId: "7" },
    });
  });

  it.each([
    ["JSON", "addPost(title: String): JSON", "nothing guards the answer JSON: answer the record."],
    ["a text", "addPost(title: String): String", "nothing guards the answer String: answer the record."],
    [
      "JSON within",
      "addPost(title: String): Payload } type Payload { post: Post raw: JSON",
      "nothing says who may read Payload.raw",
    ],
    [
      "a text far within, as one of several types",
      "addPost(title: String): Result } union Result = Post | Failure type Failure { inner: Inner } type Inner { message: String",
      "nothing says who may read Inner.message",
    ],
  ])("is rejected with what is guarded by nothing: %s", (_what, shape, sentence) => {
    expect(() => mutating(shape, create)).toThrow(sentence);
  });

  it.each([
    ["Boolean", true],
    ["ID", "1"],
  ])("may be a %s", async (type, answer) => {
    const { schema } = mutating(`addPost(title: String): ${type}`, create, () => answer);
    expect((await ask(schema, alice, `mutation { addPost(title: "t") }`)).errors).toEqual([]);
  });
});
