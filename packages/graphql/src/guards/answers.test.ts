import { createPolicy, type Values } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { describe, expect, it } from "vitest";
import { filterOf, type ModelField } from "../index.ts";
import { filtered, guarded, posts, postsPolicy, type PostsOptions, postsSdl } from "../test/posts.ts";
import { ask } from "../test/ask.ts";
import { alice, bob, lambda, libby, user } from "../test/callers.ts";
import type { Resolvers } from "../test/resolvers.ts";

const admin = user("alice", ["Admins"]);
const asPost = "type Post { id: ID title: String secret: String owner: String }";
const asArticle = asPost.replace("Post", "Article");

/** Declares the root fields of a query. */
const reading = (
  fields: Readonly<Record<string, ModelField["operation"]>>,
  more: PostsOptions = {},
): PostsOptions => ({
  ...more,
  operations: {
    Query: Object.fromEntries(
      Object.entries(fields).map(([name, operation]) => [name, { model: "Post", operation }]),
    ),
  },
});

const building =
  (sdl: string, options: PostsOptions = {}) =>
  () =>
    guarded(sdl, {}, options);

describe("a type of another name than its model", () => {
  const sdl = `${asArticle} type Query { articles: [Article] article(id: ID): Article }`;
  const declared = { article: "get", articles: "list" } as const;
  const resolvers: Resolvers = { Query: { article: () => posts[0], articles: () => posts } };
  const types = { Article: "Post" };

  it("is rejected unless it is mapped", () => {
    expect(building(sdl, reading(declared))).toThrow(
      'Query.article: nothing guards the answer Article as Post. Answer Post, a list or a page of it, and if Article is one, map it: types: { Article: "Post" }.',
    );
    expect(building(sdl)).toThrow("Query.articles: nothing says who may use it.");
  });

  it("is guarded like the model if it is", async () => {
    const schema = guarded(sdl, resolvers, reading(declared, { types }));
    const query = `{ article(id: "1") { id secret owner } articles { id secret } }`;
    expect(await ask(schema, bob, query)).toEqual({
      data: { article: null, articles: [{ id: "2", secret: null }] },
      errors: [
        "article: Not Authorized to access article on type Query",
        "articles.0.secret: Not Authorized to access secret on type Article",
      ],
    });
    expect((await ask(schema, admin, query)).data).toMatchObject({
      article: { id: "1", secret: "x", owner: "alice" },
    });
  });

  it("is recognised by Amplify's names", async () => {
    const schema = guarded(
      `${asArticle} type Query { getPost(id: ID): Article }`,
      { Query: { getPost: () => posts[0] } },
      { types },
    );
    expect((await ask(schema, bob, `{ getPost(id: "1") { id } }`)).data).toEqual({ getPost: null });
    expect((await ask(schema, alice, `{ getPost(id: "1") { id } }`)).data).toEqual({ getPost: { id: "1" } });
  });

  it("has fields denied by an authorizer under its own name and under the model's", async () => {
    const rules = postsSdl.replace("[{ allow: owner }]", "[{ allow: owner }, { allow: custom }]");
    const policy = createPolicy(parseSchema(rules), { providers: ["userPools", "function"] });
    const schema = guarded(sdl, resolvers, reading(declared, { types, policy }));
    for (const field of ["Article.title", "Post.title"]) {
      const { data } = await ask(schema, lambda(field), `{ article { id title } }`);
      expect(data).toEqual({ article: { id: "1", title: null } });
    }
  });

  it.each<readonly [string, PostsOptions["types"]]>([
    ["types.Artikel: the schema has no such object type.", { Artikel: "Post" }],
    ["types maps Article to 'Pots', which is not a model of the rules.", { Article: "Pots" }],
    ["types maps Part to Post, but Part is a model itself.", { Part: "Post" }],
  ])("says: %s", (sentence, wrong) => {
    expect(building(sdl, reading(declared, { types: { Article: "Post", ...wrong } }))).toThrow(sentence);
  });

  it("has no field that the model has not", () => {
    expect(building(sdl.replace("secret", "isbn"), reading(declared, { types }))).toThrow(
      "Article.isbn: the rules do not have this field. Add it to the model Post",
    );
  });
});

describe("an answer that does not tell the model", () => {
  it.each([
    ["JSON", "scalar JSON type Query { posts: JSON }", "nothing guards the answer JSON as Post"],
    ["a list of JSON", "scalar JSON type Query { posts: [JSON] }", "nothing guards the answer JSON as Post"],
    ["a text", "type Query { posts: String }", "nothing guards the answer String as Post"],
    ["another number than a count", "type Query { posts: Int }", "nothing guards the answer Int as Post"],
    [
      "a type that holds the model among others",
      `${asPost} type Query { posts: Home } type Home { posts: [Post] news: String }`,
      "nothing guards the answer Home as Post",
    ],
    [
      "a type of several models",
      `${asPost} type Part { id: ID } union Any = Post | Part type Query { posts: [Any] }`,
      "nothing guards the answer Any as Post",
    ],
    [
      "a page with more than records, counts and cursors",
      `${asPost} scalar JSON type Query { posts: Page } type Page { rows: [Post] total: Int raw: JSON }`,
      "Query.posts: nothing says who may read Page.raw",
    ],
    [
      "a page whose cursor may be an object",
      `${asPost} scalar JSON type Query { posts: Page } type Page { rows: [Post] cursor: JSON total: Int }`,
      "Query.posts: nothing says who may read Page.cursor",
    ],
    [
      "a page whose count may be an object",
      `${asPost} scalar JSON type Query { posts: PostConnection } type PostConnection { rows: [Post] total: JSON }`,
      "Query.posts: nothing says who may read PostConnection.total",
    ],
    [
      "edges with more than records and cursors",
      `${asPost} type Query { posts: PostConnection } type PostConnection { edges: [Edge] } type Edge { node: Post note: String }`,
      "Query.posts: nothing says who may read Edge.note",
    ],
  ])("is rejected when the schema is built: %s", (_what, sdl, sentence) => {
    expect(building(sdl, reading({ posts: "list" }))).toThrow(sentence);
  });

  it("may have more if the rules say who reads it", async () => {
    const more = `type Page { raw: String @auth(rules: [{ allow: groups, groups: ["Librarians"] }]) }`;
    const schema = guarded(
      `${asPost} type Query { posts: Page } type Page { rows: [Post] total: Int raw: String }`,
      { Query: { posts: (_source, _args, _context, info) => ({ rows: filtered(info), raw: "raw" }) } },
      reading({ posts: "list" }, { policy: postsPolicy(more) }),
    );
    expect((await ask(schema, alice, "{ posts { raw } }")).data).toEqual({ posts: { raw: null } });
    expect((await ask(schema, libby, "{ posts { raw } }")).data).toEqual({ posts: { raw: "raw" } });
  });

  it("is rejected for a page of one record, and for events that are lists", () => {
    const page = `${asPost} type Page { rows: [Post] total: Int }`;
    expect(building(`${page} type Query { post: Page }`, reading({ post: "get" }))).toThrow(
      "Query.post: nothing guards the answer Page as Post",
    );
    const events = `${page} type Query { getPost: Post } type Subscription { posts: [Post] }`;
    const operations = { Subscription: { posts: { model: "Post", operation: "listen" } } } as const;
    expect(building(events, { operations })).toThrow(
      "Subscription.posts: nothing guards the answer Post as Post. Answer one Post",
    );
  });

  it("is an error if a record says that it is of another model", async () => {
    const part = { __typename: "Part", id: "1", owner: "s-alice::alice" };
    const schema = guarded(
      `${asPost} type Part { id: ID } type Query { post: Post posts: [Post] }
        type Mutation { createPost(title: String): Post }`,
      { Query: { post: () => part, posts: () => [part] }, Mutation: { createPost: () => part } },
      reading({ post: "get", posts: "list" }),
    );
    for (const [name, document] of [
      ["Query.post", "{ post { __typename } }"],
      ["Query.posts", "{ posts { __typename } }"],
      ["Mutation.createPost", "mutation { createPost { __typename } }"],
    ] as const) {
      expect((await ask(schema, alice, document)).errors).toEqual([
        `${name.split(".")[1]}: ${name}: the rules need a record of Post, not of Part.`,
      ]);
    }
  });

  it("is an error if it is a list instead of a record", async () => {
    const schema = guarded(
      `${asPost} type Query { post: Post }`,
      { Query: { post: () => posts } },
      reading({ post: "get" }),
    );
    expect((await ask(schema, alice, "{ post { id } }")).errors).toEqual([
      "post: Query.post: the rules need a record, not a list.",
    ]);
  });

  it("is filtered in lists within a list", async () => {
    const schema = guarded(
      `${asPost} type Query { weeks: [[Post]] }`,
      { Query: { weeks: () => [posts.slice(0, 2), posts.slice(1)] } },
      reading({ weeks: "list" }),
    );
    expect((await ask(schema, alice, "{ weeks { __typename id } }")).data).toEqual({
      weeks: [[{ __typename: "Post", id: "1" }], [{ __typename: "Post", id: "3" }]],
    });
  });
});

describe("a field that has another type than the rules know", () => {
  const within = (fields: string, more = "") =>
    `type Post { id: ID ${fields} } type Query { getPost: Post } ${more}`;

  it.each([
    [
      'Post.parts: the rules of Part, which it has in the rules, do not guard Piece. Answer Part, or map it: types: { Piece: "Part" }.',
      within("parts: [Piece]", "type Piece { id: ID text: String owner: String }"),
    ],
    [
      "Post.parts: the rules of Part, which it has in the rules, do not guard JSON.",
      within("parts: JSON", "scalar JSON"),
    ],
    [
      "Post.tree: the rules of Tree, which it has in the rules, do not guard Node. Answer Tree.",
      within("tree: Node", "type Node { hidden: String }"),
    ],
    [
      "Post.tree: the rules of Tree, which it has in the rules, do not guard JSON.",
      within("tree: JSON", "scalar JSON"),
    ],
    [
      "Tree.child: the rules of Tree, which it has in the rules, do not guard JSON.",
      within("tree: Tree", "scalar JSON type Tree { child: JSON }"),
    ],
  ])("is rejected when the schema is built: %s", (sentence, sdl) => {
    expect(building(sdl)).toThrow(sentence);
  });

  it("is guarded like the model if it is mapped", async () => {
    const parts = [
      { id: "p1", owner: "s-alice::alice" },
      { id: "p2", owner: "s-bob::bob" },
    ];
    const sdl = within("parts: [Piece]", "type Piece { id: ID text: String owner: String }");
    const schema = guarded(
      sdl,
      { Query: { getPost: () => ({ ...posts[0], parts }) } },
      { types: { Piece: "Part" } },
    );
    expect((await ask(schema, alice, "{ getPost { parts { id } } }")).data).toEqual({
      getPost: { parts: [{ id: "p1" }] },
    });
  });
});

describe("interfaces and unions", () => {
  const node = `interface Node { id: ID } type Post implements Node { id: ID title: String } type Part implements Node { id: ID }
    type Query { node(id: ID): Node nodes(ids: [ID]): [Node] }`;
  const records = [
    { __typename: "Post", ...posts[0] },
    { __typename: "Part", id: "9", owner: "s-bob::bob" },
  ];

  it("of Relay are guarded by the model of each record", async () => {
    const schema = guarded(node, { Query: { node: () => records[0], nodes: () => records } });
    expect((await ask(schema, alice, `{ node { id } nodes { __typename id } }`)).data).toEqual({
      node: { id: "1" },
      nodes: [{ __typename: "Post", id: "1" }, null],
    });
    expect((await ask(schema, bob, `{ node { id __typename } nodes { id } }`)).data).toEqual({
      node: null,
      nodes: [null, { id: "9" }],
    });
  });

  it("are rejected with a type that is no model among them", () => {
    const more = `${node} type Setting implements Node { id: ID value: String }`;
    expect(building(more)).toThrow("Query.node: nothing says who may use it.");
    expect(() => guarded(more, {}, { types: { Setting: "Part" } })).toThrow(
      "Setting.value: the rules do not have this field",
    );
  });

  it("of federation are guarded too, but what is no record needs rules", async () => {
    const federated = `scalar _Any union _Entity = Article | Part ${asArticle} type Part { id: ID }
      type _Service { sdl: String } type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }`;
    const types = { Article: "Post" };
    expect(building(federated, { types })).toThrow("Query._service: nothing says who may use it.");
    const policy = postsPolicy("type Query { _service: String @auth(rules: [{ allow: private }]) }");
    const schema = guarded(
      federated,
      {
        Query: {
          _entities: (_source, { representations }) => representations,
          _service: () => ({ sdl: "type Query" }),
        },
      },
      { types, policy },
    );
    const representations = posts.slice(0, 2).map((post) => ({ ...post, __typename: "Article" }));
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Article { id secret } } _service { sdl } }`;
    expect((await ask(schema, bob, query, { representations })).data).toEqual({
      _entities: [null, { id: "2", secret: null }],
      _service: { sdl: "type Query" },
    });
  });

  it("of types that are all the same model are lists like others", async () => {
    const sdl = `interface Content { id: ID } type Article implements Content { id: ID } type Post implements Content { id: ID title: String }
      type Query { contents: [Content] }`;
    const schema = guarded(
      sdl,
      { Query: { contents: () => posts.map((post) => ({ ...post, __typename: "Article" })) } },
      reading({ contents: "list" }, { types: { Article: "Post" } }),
    );
    expect(await ask(schema, bob, "{ contents { __typename id } }")).toEqual({
      data: { contents: [{ __typename: "Article", id: "2" }] },
      errors: [],
    });
  });
});

describe("pages and connections", () => {
  const relay = `${asPost}
    type PostConnection { edges: [PostEdge!]! nodes: [Post!]! pageInfo: PageInfo! totalCount: Int }
    type PostEdge { node: Post! cursor: String }
    type PageInfo { hasNextPage: Boolean endCursor: String total: Int }
    type Query { posts(owner: String): PostConnection }`;
  const edgesOf = (records: readonly Values[]) =>
    records.map((node) => ({ node, cursor: `c${String(node["id"])}` }));
  const connection = (records: readonly Values[]) => ({
    edges: edgesOf(records),
    nodes: records,
    pageInfo: { hasNextPage: false, total: records.length },
    totalCount: records.length,
  });
  const query = `{ posts { edges { cursor node { id } } nodes { id } totalCount pageInfo { hasNextPage total } } }`;
  const list = reading({ posts: "list" });

  it("are filtered, and count what the caller may read", async () => {
    const schema = guarded(
      relay,
      {
        Query: { posts: (_source, _args, _context, info) => connection(filtered(info)) },
      },
      list,
    );
    expect(await ask(schema, alice, query)).toEqual({
      data: {
        posts: {
          edges: [
            { cursor: "c1", node: { id: "1" } },
            { cursor: "c3", node: { id: "3" } },
          ],
          nodes: [{ id: "1" }, { id: "3" }],
          totalCount: 2,
          pageInfo: { hasNextPage: false, total: 2 },
        },
      },
      errors: [],
    });
  });

  const careless: Resolvers = { Query: { posts: () => connection(posts) } };

  it("whose resolver did not take the filter are filtered, and count nothing", async () => {
    const { data, errors } = await ask(guarded(relay, careless, list), bob, query);
    expect(data).toEqual({
      posts: {
        edges: [{ cursor: "c2", node: { id: "2" } }],
        nodes: [{ id: "2" }],
        totalCount: null,
        pageInfo: { hasNextPage: false, total: null },
      },
    });
    expect(errors).toEqual([
      expect.stringMatching(
        /^posts\.(totalCount|pageInfo\.total): \w+\.\w+ may count records that the caller may not read/,
      ),
      expect.stringMatching(/^posts\.(totalCount|pageInfo\.total): /),
    ]);
    const inDevelopment = await ask(
      guarded(relay, careless, { ...list, development: true }),
      bob,
      "{ posts { edges { cursor } } }",
    );
    expect(inDevelopment.errors).toEqual([expect.stringContaining("Query.posts did not take its filter")]);
  });

  it("are filtered if the nodes are promised, and whatever a node's own resolver answers", async () => {
    const promised = guarded(
      relay,
      {
        Query: {
          posts: () => ({ edges: posts.map((post) => Promise.resolve({ node: Promise.resolve(post) })) }),
        },
      },
      list,
    );
    expect((await ask(promised, bob, "{ posts { edges { node { id } } } }")).data).toEqual({
      posts: { edges: [{ node: { id: "2" } }] },
    });
    const lazy = guarded(
      relay.replace("[PostEdge!]!", "[PostEdge]"),
      {
        Query: { posts: () => ({ edges: [{ cursor: "0" }, { cursor: "1" }] }) },
        PostEdge: { node: (edge) => posts[Number((edge as { cursor: string }).cursor)] },
      },
      list,
    );
    expect((await ask(lazy, bob, "{ posts { edges { node { id } } } }")).data).toEqual({
      posts: { edges: [null, { node: { id: "2" } }] },
    });
  });

  it("pass their filter to resolvers of their parts too", async () => {
    const schema = guarded(
      relay,
      {
        Query: { posts: () => ({}) },
        PostConnection: {
          edges: (_source, _args, _context, info) => edgesOf(filtered(info)),
          totalCount: (_source, _args, _context, info) => filtered(info).length,
        },
      },
      { ...list, development: true },
    );
    expect(await ask(schema, alice, "{ posts { totalCount edges { node { id } } } }")).toEqual({
      data: { posts: { totalCount: 2, edges: [{ node: { id: "1" } }, { node: { id: "3" } }] } },
      errors: [],
    });
  });

  it("are read by the operation of their field", async () => {
    const policy = (operation: string) =>
      createPolicy(
        parseSchema(postsSdl.replace("{ allow: owner }", `{ allow: owner, operations: [${operation}] }`)),
        { providers: ["userPools"] },
      );
    const resolvers: Resolvers = {
      Query: { posts: (_source, _args, _context, info) => connection(filtered(info)) },
    };
    const document = "{ posts { edges { node { id } } } }";
    const byList = guarded(relay, resolvers, { ...list, policy: policy("list") });
    expect((await ask(byList, bob, document)).data).toEqual({ posts: { edges: [{ node: { id: "2" } }] } });
    const bySearch = guarded(relay, resolvers, { ...list, policy: policy("search") });
    expect((await ask(bySearch, bob, document)).data).toEqual({ posts: null });
  });

  it("reject arguments of their parts that choose records by hidden fields", async () => {
    const sdl = relay.replace("edges:", "edges(orderBy: Field):") + " enum Field { title secret }";
    const schema = guarded(
      sdl,
      {
        Query: { posts: (_source, _args, _context, info) => connection(filtered(info)) },
      },
      list,
    );
    expect((await ask(schema, alice, "{ posts { edges(orderBy: title) { cursor } } }")).errors).toEqual([]);
    expect((await ask(schema, alice, "{ posts { edges(orderBy: secret) { cursor } } }")).errors).toEqual([
      "posts.edges: Unauthorized on [secret]",
    ]);
  });

  it("below a record are filtered like lists", async () => {
    const sdl = `${asPost.replace("}", "parts: PartConnection }")} type Part { id: ID text: String }
      type PartConnection { edges: [PartEdge!]! totalCount: Int } type PartEdge { node: Part! }
      type Query { getPost: Post }`;
    const parts = [
      { id: "p1", owner: "s-alice::alice" },
      { id: "p2", owner: "s-bob::bob" },
    ];
    const own: Resolvers = {
      Query: { getPost: () => posts[0] },
      Post: { parts: () => ({ edges: edgesOf(parts), totalCount: 2 }) },
    };
    const { data } = await ask(
      guarded(sdl, own),
      alice,
      "{ getPost { parts { totalCount edges { node { id } } } } }",
    );
    expect(data).toEqual({ getPost: { parts: { totalCount: null, edges: [{ node: { id: "p1" } }] } } });
    expect(() => guarded(sdl.replace("node: Part!", "node: Part! note: String"), own)).toThrow(
      "Post.parts: nothing says who may read PartEdge.note",
    );
  });

  it("of one's own are pages too", async () => {
    const sdl = `${asPost} type PostPage { rows: [Post] total: Int page: Int } type Query { posts: PostPage }`;
    const schema = guarded(
      sdl,
      {
        Query: {
          posts: (_source, _args, _context, info) => ({ rows: posts, total: filtered(info).length, page: 1 }),
        },
      },
      list,
    );
    expect((await ask(schema, bob, "{ posts { rows { id } total page } }")).data).toEqual({
      posts: { rows: [{ id: "2" }], total: 1, page: 1 },
    });
  });

  it("that are alternatives in a union count nothing that no filter holds", async () => {
    const sdl = `${asPost} type PostPage { rows: [Post] total: Int } type Failure { message: String }
      union Result = PostPage | Failure type Query { posts: Result }`;
    const policy = postsPolicy("type Query { posts: String @auth(rules: [{ allow: private }]) }");
    const schema = guarded(
      sdl,
      {
        Query: { posts: () => ({ __typename: "PostPage", rows: posts, total: 3 }) },
      },
      { policy },
    );
    expect((await ask(schema, bob, "{ posts { ... on PostPage { rows { id } total } } }")).data).toEqual({
      posts: { rows: [{ id: "2" }], total: null },
    });
  });

  it("in the answer to a write show what the caller may read", async () => {
    const sdl = `${asPost} type PostPage { rows: [Post] total: Int } type Query { getPost: Post }
      type Mutation { createPost(title: String): PostPage }`;
    const schema = guarded(sdl, { Mutation: { createPost: () => ({ rows: posts, total: 3 }) } });
    expect((await ask(schema, bob, "mutation { createPost { rows { id } total } }")).data).toEqual({
      createPost: { rows: [{ id: "2" }], total: null },
    });
  });
});

describe("a count alone", () => {
  const sdl = `${asPost} type Query { postCount: Int }`;
  const declared = reading({ postCount: "list" });

  it("is answered if it was counted by the condition", async () => {
    const schema = guarded(
      sdl,
      {
        Query: { postCount: async (_source, _args, _context, info) => filtered(info).length },
      },
      declared,
    );
    expect((await ask(schema, alice, "{ postCount }")).data).toEqual({ postCount: 2 });
  });

  it("is an error otherwise, in production too", async () => {
    const { data, errors } = await ask(
      guarded(sdl, { Query: { postCount: () => 3 } }, declared),
      alice,
      "{ postCount }",
    );
    expect(data).toEqual({ postCount: null });
    expect(errors).toEqual([expect.stringContaining("Query.postCount may count records")]);
  });
});

describe("lists from async iterators", () => {
  const sdl = `${asPost} type Query { posts: [Post] }`;
  const list = reading({ posts: "list" });

  it("are filtered", async () => {
    const generator: Resolvers = {
      Query: {
        posts: async function* () {
          yield* posts;
        },
      },
    };
    expect(await ask(guarded(sdl, generator, list), bob, "{ posts { id } }")).toEqual({
      data: { posts: [{ id: "2" }] },
      errors: [],
    });
    const { errors } = await ask(
      guarded(sdl, generator, { ...list, development: true }),
      bob,
      "{ posts { id } }",
    );
    expect(errors).toEqual([expect.stringContaining("Query.posts did not take its filter")]);
  });

  it("may take their condition when they begin", async () => {
    const schema = guarded(
      sdl,
      {
        Query: {
          posts: async function* (_source, _args, _context, info) {
            for (const post of filtered(info)) yield post;
          },
        },
      },
      { ...list, development: true },
    );
    expect((await ask(schema, bob, "{ posts { id } }")).data).toEqual({ posts: [{ id: "2" }] });
  });

  it("fail as a whole", async () => {
    const schema = guarded(
      sdl,
      {
        Query: {
          posts: async function* (_source, _args, _context, info) {
            yield filterOf(info).kind === "always" ? undefined : posts[1];
            throw new Error("the database is gone");
          },
        },
      },
      list,
    );
    expect(await ask(schema, bob, "{ posts { id } }")).toEqual({
      data: { posts: null },
      errors: ["posts: the database is gone"],
    });
  });
});
