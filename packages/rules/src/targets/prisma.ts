import { must } from "@authmodes/core/options";
import type { Condition } from "../types.ts";
import { canBeIn, checkTypes, type ColumnTypes, isWhole, compile } from "./compile.ts";

/** The databases that `toPrisma` knows. */
export type PrismaProvider = "postgresql" | "cockroachdb" | "mongodb" | "sqlite" | "mysql" | "sqlserver";

/** Options of `toPrisma`. */
export interface PrismaOptions {
  /** The `provider` of the datasource in schema.prisma. */
  readonly provider: PrismaProvider;
  /**
   * MySQL and SQL Server: confirms that every compared column has a collation that compares byte by byte, including
   * trailing spaces, such as `utf8mb4_0900_bin`. Under their default collations `a` equals `A`. Default false.
   */
  readonly binaryCollation?: boolean;
  /**
   * The fields that are no `String`, or have `@db.Uuid`: `{ ownerId: "int", team: ["red", "blue"] }`, by the words `uuid`,
   * `int`, `bigint`, or the words of the enum. Prisma rejects other values for them; here they match no record.
   */
  readonly types?: ColumnTypes;
}

/** A value of a column: text, or a number if `types` says so. */
export type PrismaValue = string | number | bigint;

/** A `where` for every Prisma model that has the fields. */
export interface PrismaWhere {
  AND?: PrismaWhere[];
  OR?: PrismaWhere[];
  [field: string]: PrismaWhere[] | { in: PrismaValue[] } | { hasSome: PrismaValue[] } | undefined;
}

/**
 * Converts a condition to Prisma's `where`. Combine it with AND only: in `{ ...filter, OR: […] }` an OR from the caller would
 * replace that of the rules. On PostgreSQL and SQLite a column of type `citext`, or with another collation that ignores case,
 * ignores it here too, so that `alice` gets the records of `Alice`: query such a column with `toSql()`.
 * @throws TypeError if Prisma cannot express it: lists outside PostgreSQL, CockroachDB and MongoDB, and comparisons on
 *   MySQL and SQL Server without `binaryCollation`
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { type Policy, type PrismaWhere, toPrisma } from "@authmodes/rules";
 * // prisma.order.findMany({ where: openOrders(policy, identity) })
 * export function openOrders(policy: Policy, identity: Identity): PrismaWhere {
 *   const mine = toPrisma(policy.filter(identity, { model: "Order" }), { provider: "postgresql" });
 *   return { AND: [mine, { status: { in: ["open"] } }] };
 * }
 */
export function toPrisma(condition: Condition, options: PrismaOptions): PrismaWhere {
  const { provider, binaryCollation = false } = options;
  const isKnown = providers.includes(provider);
  must(isKnown, `toPrisma(): provider is one of ${providers.join(", ")}, not ${provider}`);
  checkTypes("toPrisma()", options.types);
  const types = new Map(Object.entries(options.types ?? {}));
  const valuesOf = (field: string, anyOf: readonly string[]): PrismaValue[] => {
    const type = types.get(field);
    return anyOf.map((text) => (type === "int" ? Number(text) : type === "bigint" ? BigInt(text) : text));
  };
  return compile<PrismaWhere>(condition, {
    name: "toPrisma()",
    // PostgreSQL rejects the whole query if a text contains NUL.
    canHold: (text, field) => canBeIn(types.get(field), text) && !text.includes("\0"),
    always: () => ({}),
    // In Prisma an empty OR matches nothing, an empty AND everything.
    never: () => ({ OR: [] }),
    equals(field, anyOf) {
      must(
        comparingBytes.includes(provider) || binaryCollation || isWhole(types.get(field)),
        `toPrisma(): on ${provider} the collation of '${field}' decides what is equal. Give the column a binary collation and set binaryCollation: true, or query with toSql() and $queryRawUnsafe().`,
      );
      return { [checkField(field)]: { in: valuesOf(field, anyOf) } };
    },
    contains(field, anyOf) {
      must(
        withLists.includes(provider),
        `toPrisma(): on ${provider} Prisma has no lists of texts, so '${field}' cannot be asked for an element. Query with toSql() and $queryRawUnsafe().`,
      );
      return { [checkField(field)]: { hasSome: valuesOf(field, anyOf) } };
    },
    and: (all) => ({ AND: [...all] }),
    or: (any) => ({ OR: [...any] }),
  });
}

const withLists: readonly PrismaProvider[] = ["postgresql", "cockroachdb", "mongodb"];
const comparingBytes: readonly PrismaProvider[] = [...withLists, "sqlite"];
const providers: readonly PrismaProvider[] = [...comparingBytes, "mysql", "sqlserver"];

/** A field of this name would be read as an operator. */
function checkField(field: string): string {
  must(!["AND", "OR", "NOT"].includes(field), `toPrisma(): a field cannot be named '${field}'`);
  return field;
}
