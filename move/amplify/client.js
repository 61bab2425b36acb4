// An app on Amplify's client, as its documentation writes it. It is run as it is before the move and after it.

import { readFileSync } from "node:fs";
import { Amplify } from "aws-amplify";
import { generateClient } from "aws-amplify/data";

/** @param {string} name */
const read = (name) => JSON.parse(readFileSync(name, "utf8"));
const tokens = read("tokens.json"); // of the users that signed in
/** @type {string | undefined} */
let token;

Amplify.configure(read("amplify_outputs.json"), {
  Auth: {
    tokenProvider: {
      async getTokens() {
        if (token === undefined) return null;
        const text = token;
        const payload = JSON.parse(Buffer.from(text.split(".")[1] ?? "", "base64url").toString());
        return { accessToken: { payload, toString: () => text } };
      },
    },
  },
});
/** @type {any} its types come from `defineData` */
const { Book, Order } = generateClient().models;

/** @param {string} name @param {(options: object) => Promise<{ data: any, errors?: unknown[] }>} call */
async function as(name, call) {
  token = tokens[name];
  const { data, errors } = await call({ authMode: token === undefined ? "apiKey" : "userPool" });
  console.log(JSON.stringify({ data, errors }));
  return data;
}

await as("visitor", (options) => Book.list(options));
await as("visitor", (options) => Book.get({ id: "emma" }, options));
await as("visitor", (options) => Book.update({ id: "emma", price: 0 }, options));
await as("visitor", (options) => Order.list(options));

const { id } = await as("alice", (options) => Order.create({ bookId: "emma", quantity: 1 }, options));
await as("alice", (options) => Order.update({ id, note: "a gift" }, options));
await as("alice", (options) => Order.list(options));
await as("alice", (options) => Order.get({ id: "of-bob" }, options));
await as("alice", (options) => Order.update({ id: "of-bob", quantity: 9 }, options));
await as("alice", (options) => Book.get({ id: "emma" }, options));

await as("libby", (options) => Book.get({ id: "emma" }, options));
await as("libby", (options) => Book.update({ id: "emma", price: 9.5 }, options));
await as("libby", (options) => Order.list(options));
await as("libby", (options) => Order.update({ id: "of-bob", note: "sent" }, options));
await as("libby", (options) => Order.delete({ id: "of-bob" }, options));

await as("bob", (options) => Order.delete({ id }, options));
await as("alice", (options) => Order.delete({ id }, options));
