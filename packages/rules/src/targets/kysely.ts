import type { Condition } from "../types.ts";
import { sqlParts, type SqlDialectOptions } from "./sql.ts";

/** The part of Kysely's `sql` that `toKysely` uses. */
export interface KyselySql<Part> {
  (fragments: TemplateStringsArray, ...parameters: unknown[]): Part;
  ref(column: string): unknown;
}

/** Options of `toKysely`. */
export interface KyselyOptions<Part> extends SqlDialectOptions {
  /** `import { sql } from "kysely"` */
  readonly sql: KyselySql<Part>;
  /** Returns the reference of a field's column, such as `orders.owner`. Default: the field's name. */
  readonly column?: (field: string) => string;
}

/** An expression for Kysely's `where()` and `and()`, of the type that they require. */
export interface KyselyFilter<Node> {
  readonly expressionType: boolean | undefined;
  toOperationNode(): Node;
}

/**
 * Converts a condition for Kysely's `where()`. Texts are compared byte by byte, as in `toSql`.
 * @throws TypeError if the dialect cannot express the condition
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { type Policy, toKysely } from "@authmodes/rules";
 * import { type Kysely, sql } from "kysely";
 * interface Tables {
 *   orders: { id: string; owner: string; status: string };
 * }
 * export async function openOrders(policy: Policy, identity: Identity, db: Kysely<Tables>) {
 *   const mine = toKysely(policy.filter(identity, { model: "Order" }), { sql, dialect: "postgresql" });
 *   return await db.selectFrom("orders").selectAll().where("status", "=", "open").where(mine).execute();
 * }
 */
export function toKysely<Node>(
  condition: Condition,
  options: KyselyOptions<{ toOperationNode(): Node }>,
): KyselyFilter<Node> {
  const { sql, column = (field) => field } = options;
  const texts = [""];
  const parameters: unknown[] = [];
  for (const part of sqlParts("toKysely()", condition, options)) {
    if (typeof part === "string") texts.push(`${texts.pop()}${part}`);
    else {
      parameters.push("value" in part ? part.value : sql.ref(column(part.field)));
      texts.push("");
    }
  }
  const filter = sql(Object.assign(texts, { raw: texts }), ...parameters);
  return { expressionType: undefined, toOperationNode: () => filter.toOperationNode() };
}
