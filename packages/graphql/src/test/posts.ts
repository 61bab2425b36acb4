import { createPolicy, matches, type Policy, type Values } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { buildSchema, type GraphQLSchema, isAbstractType } from "graphql";
import { filterOf, type ProtectOptions } from "../index.ts";
import { type Context, resolveBy, type Resolvers } from "./resolvers.ts";
import { guardedSchema } from "./shop.ts";

// Posts of their owners, in schemas of any shape.

export const postsSdl = `
type Post @model(subscriptions: { level: public }) @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String
  owner: String
  secret: String @auth(rules: [{ allow: groups, groups: ["Admins"] }])
  parts: [Part]
  tree: Tree
}
type Part @model @auth(rules: [{ allow: owner }]) { id: ID! text: String owner: String post: Post }
type Tree { child: Tree name: String hidden: String @auth(rules: [{ allow: groups, groups: ["Admins"] }]) }
`;

export const posts: readonly Values[] = [
  { id: "1", title: "a", owner: "s-alice::alice", secret: "x" },
  { id: "2", title: "b", owner: "s-bob::bob", secret: "y" },
  { id: "3", title: "c", owner: "s-alice::alice", secret: "z" },
];

export const postsPolicy = (more = ""): Policy =>
  createPolicy(parseSchema(postsSdl + more), { providers: ["userPools"] });

export type PostsOptions = Partial<ProtectOptions<Context>>;

/** A schema with these resolvers and the rules of posts. Records of interfaces and unions have `__typename`. */
export function guarded(sdl: string, resolvers: Resolvers = {}, options: PostsOptions = {}): GraphQLSchema {
  const schema = buildSchema(sdl);
  resolveBy(schema, resolvers);
  for (const type of Object.values(schema.getTypeMap()).filter(isAbstractType)) {
    type.resolveType ??= (value) => (value as { __typename: string }).__typename;
  }
  return guardedSchema(schema, {
    policy: postsPolicy(),
    development: false,
    load: { Post: ({ id }) => posts.find((post) => post["id"] === id) },
    ...options,
  });
}

type Resolve = Extract<Resolvers[string][string], (...args: never) => unknown>;

/** The result of a list resolver that takes its filter. */
export const filtered = (info: Parameters<Resolve>[3]): readonly Values[] =>
  posts.filter(matches(filterOf(info)));
