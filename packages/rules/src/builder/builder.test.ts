import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  belongsTo,
  boolean,
  customType,
  date,
  datetime,
  defineSchema,
  email,
  enumeration,
  float,
  hasMany,
  hasOne,
  id,
  integer,
  ipAddress,
  json,
  model,
  phone,
  ref,
  string,
  time,
  timestamp,
  url,
} from "./index.ts";
import { createPolicy } from "../policy.ts";
import { parseSchema } from "../sdl.ts";

const bookstore = readFileSync(new URL("../sdl/bookstore.fixture.graphql", import.meta.url), "utf8");

describe("Gen 2 syntax and SDL", () => {
  it("say the same rules of the bookstore", () => {
    const schema = defineSchema({
      Book: model({
        id: id().required(),
        title: string().required(),
        author: string().required(),
        price: float().required(),
        stock: integer().required(),
        costPrice: float().authorization((allow) => [allow.group("Librarians")]),
      })
        .subscriptions("off")
        .authorization((allow) => [
          allow.publicApiKey().to(["read"]),
          allow.guest().to(["read"]),
          allow.authenticated("identityPool").to(["read"]),
          allow.authenticated().to(["read"]),
          allow.authenticated("oidc").to(["read"]),
          allow.group("Librarians"),
        ]),
      Order: model({
        id: id().required(),
        bookId: id().required(),
        quantity: integer().required(),
        note: string(),
        status: string(),
        owner: string().authorization((allow) => [
          allow.owner().to(["read", "delete"]),
          allow.owner("oidc").identityClaim("sub").to(["read", "delete"]),
          allow.group("Librarians").to(["read"]),
        ]),
      })
        .subscriptions("off")
        .secondaryIndexes((index) => [index("owner")])
        .authorization((allow) => [
          allow.owner(),
          allow.owner("oidc").identityClaim("sub"),
          allow.group("Librarians").to(["read", "update"]),
        ]),
      Review: model({
        id: id().required(),
        bookId: id().required(),
        stars: integer().required(),
        text: string(),
        author: string().authorization((allow) => [
          allow.ownerDefinedIn("author").to(["create", "read", "delete"]),
          allow.ownerDefinedIn("author", "oidc").identityClaim("sub").to(["create", "read", "delete"]),
          allow.publicApiKey().to(["read"]),
          allow.guest().to(["read"]),
          allow.authenticated("identityPool").to(["read"]),
          allow.authenticated().to(["read"]),
          allow.authenticated("oidc").to(["read"]),
        ]),
      })
        .subscriptions("off")
        .secondaryIndexes((index) => [index("author")])
        .authorization((allow) => [
          allow.ownerDefinedIn("author"),
          allow.ownerDefinedIn("author", "oidc").identityClaim("sub"),
          allow.publicApiKey().to(["read"]),
          allow.guest().to(["read"]),
          allow.authenticated("identityPool").to(["read"]),
          allow.authenticated().to(["read"]),
          allow.authenticated("oidc").to(["read"]),
        ]),
      Club: model({ id: id().required(), name: string().required(), members: string().array() })
        .subscriptions("off")
        .authorization((allow) => [
          allow.groupsDefinedIn("members").to(["read", "update"]),
          allow.group("Librarians"),
        ]),
      Employee: model({
        id: id().required(),
        name: string().required(),
        email: string(),
        ssn: string().authorization((allow) => [allow.owner()]),
        owner: string().authorization((allow) => [
          allow.authenticated().to(["read"]),
          allow.owner().to(["create", "read", "delete"]),
        ]),
      })
        .subscriptions("off")
        .secondaryIndexes((index) => [index("owner")])
        .authorization((allow) => [allow.authenticated().to(["read"]), allow.owner()]),
      Report: model({ id: id().required(), title: string().required(), revenue: float(), profit: float() })
        .subscriptions("off")
        .authorization((allow) => [allow.custom().to(["read"])]),
    });
    expect(schema).toEqual(parseSchema(bookstore));
    expect(createPolicy(schema).matrix()).toEqual(createPolicy(parseSchema(bookstore)).matrix());
  });

  it("say the same of everything else that both can say", () => {
    const schema = defineSchema(
      {
        Status: enumeration(["draft", "published"]),
        Note: customType({ text: string().required(), tags: string().required().array().required() }),
        Post: model({
          shop: id().required(),
          number: integer().required(),
          day: date(),
          at: time(),
          made: datetime(),
          seen: timestamp(),
          mail: email(),
          call: phone(),
          page: url(),
          ip: ipAddress(),
          data: json(),
          open: boolean().authorization((allow) => [allow.guest().includingSignedIn().to(["read"])]),
          mood: enumeration(["good", "bad"]).required(),
          status: ref("Status"),
          note: ref("Note").required(),
          notes: ref("Note").required().array(),
          authors: string().array(),
          group: string(),
          comments: hasMany("Comment", ["shop", "number"]),
          cover: hasOne("Cover", "post").authorization((allow) => [allow.authenticated()]),
        })
          .identifier(["shop", "number"])
          .secondaryIndexes((index) => [
            index("day").sortKeys(["number"]),
            index("mail").name("mail").sortKeys(["day", "at"]).queryField("postsByMail"),
          ])
          .subscriptions("public")
          .authorization((allow) => [
            allow.ownersDefinedIn("authors").to(["get", "list"]),
            allow.owner().identityClaim("user_id").and(allow.group("Editors")).to(["update"]),
            allow
              .authenticated("userPools")
              .and(allow.groupDefinedIn("group"))
              .and(allow.owner())
              .to(["delete"]),
            allow.groups(["A", "B"], "oidc").withClaimIn("user_groups"),
            allow.groupDefinedIn("group"),
            allow.custom("function"),
          ]),
        Comment: model({ shop: id(), number: integer(), post: belongsTo("Post", ["shop", "number"]) }),
        Cover: model({ isbn: id().required(), post: id() }).identifier(["isbn"]),
      },
      { sandbox: true },
    );
    expect(schema).toEqual(
      parseSchema(`
        input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }
        enum Status { draft published }
        enum PostMood { good bad }
        type Note { text: String! tags: [String!]! }
        type Post
          @model(subscriptions: { level: public })
          @auth(
            rules: [
              { allow: owner, ownerField: "authors", operations: [get, list] }
              { allow: owner, identityClaim: "user_id", allOf: [{ allow: groups, groups: ["Editors"] }], operations: [update] }
              {
                allow: private
                provider: userPools
                allOf: [{ allow: groups, groupsField: "group" }, { allow: owner }]
                operations: [delete]
              }
              { allow: groups, groups: ["A", "B"], provider: oidc, groupClaim: "user_groups" }
              { allow: groups, groupsField: "group" }
              { allow: custom, provider: function }
            ]
          ) {
          shop: ID! @primaryKey(sortKeyFields: ["number"])
          number: Int!
          day: AWSDate @index(sortKeyFields: ["number"])
          at: AWSTime
          made: AWSDateTime
          seen: AWSTimestamp
          mail: AWSEmail @index(name: "mail", sortKeyFields: ["day", "at"], queryField: "postsByMail")
          call: AWSPhone
          page: AWSURL
          ip: AWSIPAddress
          data: AWSJSON
          open: Boolean
            @auth(rules: [{ allow: public, provider: identityPool, includeSignedIn: true, operations: [read] }])
          mood: PostMood!
          status: Status
          note: Note!
          notes: [Note!]
          authors: [String]
          group: String
          comments: [Comment] @hasMany(references: ["shop", "number"])
          cover: Cover @hasOne(references: ["post"]) @auth(rules: [{ allow: private }])
        }
        type Comment @model { shop: ID number: Int post: Post @belongsTo(references: ["shop", "number"]) }
        type Cover @model { isbn: ID! @primaryKey post: ID }
      `),
    );
    expect(() => createPolicy(schema)).not.toThrow();
  });
});

describe("defineSchema", () => {
  it("makes frozen plain JSON", () => {
    const schema = defineSchema({
      Post: model({ title: string() }).authorization((allow) => [allow.owner()]),
    });
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema).toEqual({
      models: { Post: { rules: [{ allow: "owner" }], fields: { title: { type: "String" } } } },
    });
    expect(Object.isFrozen(schema.models["Post"]?.rules?.[0])).toBe(true);
    expect(Object.isFrozen(schema.models["Post"]?.fields["title"])).toBe(true);
  });

  it("leaves what it is made of as it was", () => {
    const base = model({ title: string() });
    const text = string();
    base.authorization((allow) => [allow.owner()]);
    text.required();
    expect(defineSchema({ Post: base, Page: model({ text }) }).models).toEqual({
      Post: { fields: { title: { type: "String" } } },
      Page: { fields: { text: { type: "String" } } },
    });
  });

  // What the compiler would refuse too, as JavaScript could write it.
  const anything = (value: unknown): never => value as never;

  it.each<[string, () => unknown, string]>([
    [
      "a type that is not there",
      () => defineSchema(anything({ Note: customType({ a: string() }), Post: model({ note: ref("Noet") }) })),
      "There is no type for Post.note 'Noet'. Write 'Note'.",
    ],
    [
      "a relation to a nested type",
      () => defineSchema({ Note: customType({ a: string() }), Post: model({ notes: hasMany("Note", "a") }) }),
      "Post.notes: hasMany leads to a model, which Note is not",
    ],
    [
      "a reference that the related model does not have",
      () =>
        defineSchema({
          Post: model({ comments: hasMany("Comment", "postID") }),
          Comment: model({ postId: id() }),
        }),
      "There is no field for Post.comments to refer by 'postID'. Write 'postId'.",
    ],
    [
      "a reference that the model itself does not have",
      () => defineSchema({ Post: model({ a: id() }), Comment: model({ post: belongsTo("Post", "a") }) }),
      "There is no field for Comment.post to refer by 'a'",
    ],
    [
      "a key that is no field",
      () => defineSchema({ Post: model({ isbn: id() }).identifier([anything("isbm")]) }),
      "There is no field of Post 'isbm'. Write 'isbn'.",
    ],
    [
      "an index of what is no field",
      () =>
        defineSchema({ Post: model({ isbn: id() }).secondaryIndexes((index) => [index(anything("isbm"))]) }),
      "There is no field of Post 'isbm'. Write 'isbn'.",
    ],
    [
      "a name that GraphQL does not know",
      () => defineSchema({ "my-post": model({ a: string() }) }),
      "'my-post' cannot be the name of a type",
    ],
    [
      "a field named __proto__",
      () => defineSchema({ Post: model({ ["__proto__"]: string() }) }),
      "'__proto__' cannot be the name of a field",
    ],
    [
      "a field as an entry",
      () => defineSchema({ title: anything(string()) }),
      "title: make it with model, customType or enumeration",
    ],
    [
      "a field that is a word",
      () => defineSchema(anything({ Post: model({ title: anything("String") }) })),
      "Post.title: make it with string()",
    ],
    ["a list of lists", () => string().array().array.call(anything(string().array())), "a list already"],
    ["required twice", () => string().required().required(), "required already"],
    [
      "no operations",
      () => model({ a: string() }).authorization((allow) => [allow.owner().to(anything([]))]),
      "at least one operation",
    ],
    [
      "operations twice",
      () => model({ a: string() }).authorization((allow) => [allow.owner().to(["read"]).to(["list"])]),
      "The rule has its operations already",
    ],
    ["no rules", () => model({ a: string() }).authorization(() => []), "returns rules"],
    [
      "no list of rules",
      () => model({ a: string() }).authorization((allow) => anything(allow.owner())),
      "returns rules",
    ],
    [
      "a rule that is not called",
      () => model({ a: string() }).authorization((allow) => [anything(() => allow.owner())]),
      "A rule is a call",
    ],
    [
      "a rule of one's own making",
      () => model({ a: string() }).authorization(() => [anything({ rule: { allow: "public" } })]),
      "A rule is made with allow",
    ],
    [
      "rules of a model twice",
      () =>
        model({ a: string() })
          .authorization((allow) => [allow.owner()])
          .authorization((allow) => [allow.custom()]),
      "The model has its rules already",
    ],
    [
      "rules of a field twice",
      () =>
        string()
          .authorization((allow) => [allow.owner()])
          .authorization((allow) => [allow.custom()]),
      "The field has rules already",
    ],
    [
      "a further condition with operations",
      () =>
        model({ a: string() }).authorization((allow) => [allow.owner().and(allow.group("A").to(["read"]))]),
      "Operations belong to the whole rule",
    ],
    [
      "a further condition of another provider",
      () => model({ a: string() }).authorization((allow) => [allow.owner().and(allow.group("A", "oidc"))]),
      "one is of userPools, the other of oidc",
    ],
    ["an enumeration without words", () => enumeration([]), "enumeration names its words"],
  ])("rejects %s", (_, build, message) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(message);
  });
});
