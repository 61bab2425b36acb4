import { fileURLToPath } from "node:url";

/** What the shop keeps between two starts: a template of its database, its keys, and what encrypts them. */
export const dataFolder: string = fileURLToPath(
  new URL("../../node_modules/.cache/bookstore", import.meta.url),
);
