import { protect } from "@authmodes/graphql";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { buildSchema } from "graphql";
import { EventEmitter } from "node:events";

// One schema, with the rules and without.

const models = `
type Post @model @auth(rules: [{ allow: owner }, { allow: private, operations: [read] }]) {
  id: ID!
  title: String
  text: String
  owner: String
  secret: String @auth(rules: [{ allow: owner }])
}
type Note @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  text: String
  owner: String
}
`;

const sdl = `
type Post { id: ID! title: String text: String owner: String secret: String }
type Note { id: ID! text: String owner: String }
type Query { getPost(id: ID!): Post getNote(id: ID!): Note }
type Subscription { onCreatePost: Post onCreateNote: Note }
`;

export const queries = {
  posts: "subscription { onCreatePost { id title text owner } }",
  secrets: "subscription { onCreatePost { id title text secret } }",
  notes: "subscription { onCreateNote { id text owner } }",
};

/** What the subscriptions listen to: events are named by the field. */
export const events = new EventEmitter().setMaxListeners(0);

/** A source of events. `on` of `node:events` keeps 32 KiB for each. @param {string} name @returns {AsyncIterableIterator<any>} */
function listen(name) {
  /** @type {unknown[]} */
  const waiting = [];
  /** @type {((event: any) => void) | undefined} */
  let next;
  const hear = (/** @type {unknown} */ value) => {
    if (next === undefined) waiting.push(value);
    else next({ done: false, value });
    next = undefined;
  };
  events.on(name, hear);
  return {
    async next() {
      if (waiting.length > 0) return { done: false, value: waiting.shift() };
      return new Promise((resolve) => (next = resolve));
    },
    async return() {
      events.off(name, hear);
      next?.({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export function openSchema() {
  const schema = buildSchema(sdl);
  for (const [name, field] of Object.entries(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.subscribe = () => listen(name);
    field.resolve = (record) => record;
  }
  return schema;
}

export function guardedSchema() {
  const policy = createPolicy(parseSchema(models), { providers: ["userPools"] });
  return protect(openSchema(), { policy, identity: ({ identity }) => identity, development: false });
}
