import { createPolicy, toSql } from "@authmodes/rules";
import { PGlite } from "@electric-sql/pglite";
import { race } from "../measure.js";
import { identityOf } from "./contestants.js";

const policy = createPolicy({
  models: {
    Order: {
      rules: [{ allow: "owner" }, { allow: "groups", groups: ["Librarians"] }],
      fields: { id: { type: "ID!" }, owner: { type: "String" }, note: { type: "String" } },
      indexes: [{ name: "byOwner", fields: ["owner"] }],
    },
  },
});

/** Forty of a million rows are the caller's: our filter beside the query that one would write by hand. */
export async function rows() {
  const db = await PGlite.create();
  await db.exec(`
    CREATE TABLE orders (id int PRIMARY KEY, owner text NOT NULL, note text NOT NULL);
    INSERT INTO orders SELECT i, 'sub-' || i % 25000 || '::user ' || i % 25000, 'note ' || i FROM generate_series(1, 1000000) i;
    CREATE INDEX orders_by_owner ON orders (owner);
    ANALYZE orders`);
  const user = { sub: "sub-777", username: "user 777", groups: ["Staff"] };
  const identity = identityOf(user);
  const names = ["sub-777::user 777", "sub-777", "user 777"];
  const queries = {
    authmodes: () => {
      const { text, values } = toSql(policy.filter(identity, { model: "Order" }), { dialect: "postgresql" });
      return db.query(`SELECT id, owner, note FROM orders WHERE ${text}`, values);
    },
    "by hand": () => db.query("SELECT id, owner, note FROM orders WHERE owner = ANY($1::text[])", [names]),
  };
  for (const query of Object.values(queries)) {
    const found = await query();
    if (found.rows.length !== 40) throw new Error(`${found.rows.length} rows were found, not 40`);
  }
  const measured = await race(queries, { rounds: 15, operations: 60 });
  await db.close();
  return measured;
}
