import { must } from "@authmodes/core/options";
import type { Condition } from "../types.ts";
import { compile } from "./compile.ts";

export type PrismaProvider = "postgresql" | "cockroachdb" | "mongodb" | "sqlite" | "mysql" | "sqlserver";

export interface PrismaOptions {
  /** The `provider` of the datasource in schema.prisma. */
  readonly provider: PrismaProvider;
  /**
   * MySQL and SQL Server: states that every column compared has a collation that compares byte by byte, trailing spaces
   * too, such as `utf8mb4_0900_bin`. Prisma cannot ask for it, and their usual collations hold `a` and `A` to be equal.
   */
  readonly binaryCollation?: boolean;
}

/** Fits into the `where` of every model that has the fields. */
export interface PrismaWhere {
  AND?: PrismaWhere[];
  OR?: PrismaWhere[];
  [field: string]: PrismaWhere[] | { in: string[] } | { hasSome: string[] } | undefined;
}

/**
 * A condition for Prisma's `where`. Combine it with AND alone: in `{ ...filter, OR: […] }` the caller's filter would
 * replace the rules.
 *
 * @example
 * const mine = toPrisma(policy.filter(identity, { model: "Order" }), { provider: "postgresql" });
 * await prisma.order.findMany({ where: { AND: [mine, { status: "open" }] } });
 * @throws TypeError where Prisma cannot express it: lists outside of PostgreSQL, CockroachDB and MongoDB, and byte-wise
 * comparison where the collation decides
 */
export function toPrisma(condition: Condition, options: PrismaOptions): PrismaWhere {
  const { provider, binaryCollation = false } = options;
  const isKnown = providers.includes(provider);
  must(isKnown, `toPrisma(): provider is one of ${providers.join(", ")}, not ${provider}`);
  return compile<PrismaWhere>(condition, {
    name: "toPrisma()",
    // PostgreSQL refuses the whole query over a text that holds NUL.
    canHold: (text) => !text.includes("\0"),
    always: () => ({}),
    // Prisma: an empty OR finds nothing, whereas an empty AND finds all.
    never: () => ({ OR: [] }),
    equals(field, anyOf) {
      must(
        comparingBytes.includes(provider) || binaryCollation,
        `toPrisma(): on ${provider} the collation of '${field}' decides what is equal. Give the column a binary collation and say binaryCollation: true, or query with toSql() and $queryRawUnsafe().`,
      );
      return { [checkField(field)]: { in: [...anyOf] } };
    },
    contains(field, anyOf) {
      must(
        withLists.includes(provider),
        `toPrisma(): on ${provider} Prisma has no lists of texts, so '${field}' cannot be asked for an element. Query with toSql() and $queryRawUnsafe().`,
      );
      return { [checkField(field)]: { hasSome: [...anyOf] } };
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
