import { createPolicy, type Values } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { describe, expect, it } from "vitest";
import { filtered, guarded, posts, postsPolicy, type PostsOptions } from "../test/posts.ts";
import { ask } from "../test/ask.ts";
import { alice, bob, libby } from "../test/callers.ts";
import type { Resolvers } from "../test/resolvers.ts";
import { shop } from "../test/shop.ts";

// A caller that chooses records by a field learns what it holds, in whichever way the field is named. `secret` is hidden from
// owners, other owners' posts are hidden altogether.

const sdl = `
  type Query {
    article(id: ID, title: String, secret: String, where: Where): Post
    posts(orderBy: String, sort: Sort, order: Order, filter: JSON): [Post]
    search(where: Where, title: String, id: ID): [Any]
  }
  type Mutation {
    updatePost(input: Change!, where: Where): Post
  }
  union Any = Post | Part
  input Where { title: String secret: String parts: PartWhere }
  input PartWhere { text: String some: PartWhere post: Where }
  input Sort { by: Column }
  enum Column { title secret }
  input Order { field: String }
  input Change { id: ID title: String condition: Where }
  scalar JSON
  type Post { id: ID! title: String parts(where: PartWhere): [Part] }
  type Part { id: ID! post(where: Where): Post }`;
const operations: NonNullable<PostsOptions["operations"]> = {
  Query: { article: { model: "Post", operation: "get" }, posts: { model: "Post", operation: "list" } },
  Mutation: { updatePost: { model: "Post", operation: "update", ignore: ["where"] } },
};

function probed() {
  const ran: string[] = [];
  const loaded: Values[] = [];
  const running =
    (name: string, answer: unknown): Resolvers[string][string] =>
    () => {
      ran.push(name);
      return answer;
    };
  const resolvers: Resolvers = {
    Query: {
      article: (_source, { id }) => {
        ran.push("article");
        return posts.find((post) => post["id"] === (id ?? "2"));
      },
      posts: (_source, _args, _context, info) => {
        ran.push("posts");
        return filtered(info);
      },
      search: running("search", []),
    },
    Mutation: { updatePost: running("updatePost", posts[0]) },
    Part: { post: running("post", posts[0]) },
  };
  const load = (key: Values): Values | undefined => {
    loaded.push(key);
    return posts.find((post) => post["id"] === key["id"]);
  };
  const schema = guarded(sdl, resolvers, {
    policy: postsPolicy(),
    operations,
    load: { Post: load },
  });
  return { schema, ran, loaded };
}

describe("a hidden field", () => {
  it.each([
    [`article(id: "1", secret: "x")`, "secret"],
    [`article(where: { secret: "x" })`, "secret"],
    [`posts(orderBy: "secret")`, "secret"],
    [`posts(orderBy: "-secret")`, "secret"],
    [`posts(orderBy: "title, secret desc")`, "secret"],
    [`posts(orderBy: "tree.hidden:asc")`, "hidden"],
    [`posts(sort: { by: secret })`, "secret"],
    [`posts(order: { field: "secret" })`, "secret"],
    [`posts(filter: { secret: "x" })`, "secret"],
    [`search(where: { secret: "x" })`, "secret"],
    [`search(title: "a")`, "title"],
  ])("chooses no record of a query: %s", async (query, field) => {
    const { schema, ran } = probed();
    const { errors } = await ask(schema, alice, `{ ${query} { __typename } }`);
    expect(errors).toEqual([`${/^\w+/.exec(query)?.[0]}: Unauthorized on [${field}]`]);
    expect(ran).toEqual([]);
  });

  it("is found in the path of a JSON key", async () => {
    const { schema, ran } = probed();
    const query = `query ($filter: JSON) { posts(filter: $filter) { id } }`;
    const { errors } = await ask(schema, alice, query, { filter: { "tree.hidden": { eq: 1 } } });
    expect(errors).toEqual(["posts: Unauthorized on [hidden]"]);
    expect(ran).toEqual([]);
  });

  it.each([
    `updatePost(input: { id: "1", condition: { secret: "x" } })`,
    `updatePost(input: { id: "1" }, where: { secret: "x" })`,
  ])("is no condition of a write: %s", async (mutation) => {
    const { schema, ran } = probed();
    const { errors } = await ask(schema, alice, `mutation { ${mutation} { id } }`);
    expect(errors).toEqual(["updatePost: Unauthorized on [secret]"]);
    expect(ran).toEqual([]);
  });

  it("is nothing that a record is deleted by", async () => {
    const policy = createPolicy(
      parseSchema(`type Note @model(subscriptions: null) @auth(rules: [{ allow: owner }]) {
        id: ID!
        owner: String
        score: Int @auth(rules: [{ allow: owner, operations: [delete] }, { allow: groups, groups: ["Admins"] }])
      }`),
      { providers: ["userPools"] },
    );
    const ran: string[] = [];
    const schema = guarded(
      `type Query { getNote(id: ID): Note } type Note { id: ID! } input Deletion { id: ID score: Int }
      type Mutation { deleteNote(input: Deletion): Note }`,
      { Mutation: { deleteNote: () => void ran.push("deleteNote") } },
      { policy, load: { Note: () => ({ id: "1", owner: "s-alice::alice", score: 3 }) } },
    );
    const deletion = (input: string): string => `mutation { deleteNote(input: ${input}) { id } }`;
    expect((await ask(schema, alice, deletion(`{ id: "1", score: 3 }`))).errors).toEqual([
      "deleteNote: Unauthorized on [score]",
    ]);
    expect(ran).toEqual([]);
    expect((await ask(schema, alice, deletion(`{ id: "1" }`))).errors).toEqual([]);
    expect(ran).toEqual(["deleteNote"]);
  });

  it("is a value if another field is compared with it", async () => {
    const { schema } = probed();
    expect(
      (await ask(schema, alice, `{ posts(filter: { title: { eq: "secret" } }) { id } }`)).errors,
    ).toEqual([]);
    expect((await ask(schema, alice, `{ posts(orderBy: "title desc") { id } }`)).errors).toEqual([]);
    expect((await ask(schema, alice, `{ search(id: "1") { __typename } }`)).errors).toEqual([]);
  });
});

it("a mutation under rules of its own may write fields that the caller does not read", async () => {
  const policy = postsPolicy(
    "type Mutation { mark(id: ID, secret: String): Post @auth(rules: [{ allow: private }]) }",
  );
  const schema = guarded(
    "type Query { getPost(id: ID): Post } type Post { id: ID! } type Mutation { mark(id: ID, secret: String): Post }",
    { Mutation: { mark: (_source, { id }) => posts.find((post) => post["id"] === id) } },
    { policy },
  );
  const mark = (id: string): string => `mutation { mark(id: "${id}", secret: "x") { id } }`;
  expect(await ask(schema, alice, mark("1"))).toEqual({ data: { mark: { id: "1" } }, errors: [] });
  expect((await ask(schema, alice, mark("2"))).errors).toHaveLength(1);
});

describe("another user's record", () => {
  it("that is looked up by a field is missing, by its key rejected", async () => {
    const { schema } = probed();
    expect(await ask(schema, alice, `{ article(title: "b") { id } }`)).toEqual({
      data: { article: null },
      errors: [],
    });
    expect((await ask(schema, bob, `{ article(title: "b") { id } }`)).data).toEqual({ article: { id: "2" } });
    expect((await ask(schema, alice, `{ article(id: "2") { id } }`)).errors).toHaveLength(1);
  });

  it("chooses no record through a relation", async () => {
    const related = `extend input ReviewFilter { order: OrderFilter, some: ReviewFilter, author: StringFilter }`;
    const schema = shop({}, {}, related);
    for (const filter of [`{ text: { eq: "dull" } }`, `{ some: {} }`, `{ author: { eq: "bob" } }`]) {
      const query = `{ listBooks(filter: { reviews: ${filter} }) { items { id } } }`;
      expect((await ask(schema, alice, query)).errors).toHaveLength(1);
      expect((await ask(schema, libby, query)).errors).toEqual([]);
    }
  });
});

describe("a write without the key of its record", () => {
  it.each(["", "id: null, "])("loads no record: { %stitle }", async (key) => {
    const { schema, ran, loaded } = probed();
    const { errors } = await ask(
      schema,
      alice,
      `mutation { updatePost(input: { ${key}title: "x" }) { id } }`,
    );
    expect(errors).toEqual(["updatePost: The input has no id"]);
    expect([ran, loaded]).toEqual([[], []]);
  });
});

describe("a list whose promise is a function", () => {
  it("is filtered", async () => {
    const later = Object.assign(() => undefined, {
      // oxlint-disable-next-line unicorn/no-thenable -- some query builders are such functions
      then: (fulfilled: (value: unknown) => void) => fulfilled(posts),
    });
    const schema = guarded(sdl, { Query: { posts: () => later } }, { operations });
    expect(await ask(schema, alice, `{ posts { id } }`)).toEqual({
      data: { posts: [{ id: "1" }, { id: "3" }] },
      errors: [],
    });
  });
});
