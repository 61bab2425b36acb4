import type { Values } from "../../../types.ts";
import { toPrisma, type PrismaWhere } from "../../prisma.ts";
import type { Store } from "../parity.ts";

/** Records in memory, filtered as Prisma's reference describes `AND`, `OR`, `in` and `hasSome`. */
export function prismaStore(): Store {
  let stored: readonly Values[] = [];
  return {
    fill: async (records) => {
      stored = records;
    },
    find: async (condition) => {
      const where = toPrisma(condition, { provider: "postgresql" });
      return stored.filter((record) => isFound(where, record)).map(({ id }) => Number(id));
    },
  };
}

function isFound(where: PrismaWhere, record: Values): boolean {
  return Object.entries(where).every(([name, asked]) => {
    if (asked === undefined) return true;
    if (Array.isArray(asked)) {
      return name === "AND"
        ? asked.every((part) => isFound(part, record))
        : asked.some((part) => isFound(part, record));
    }
    const value = record[name];
    if ("in" in asked) return asked.in.some((text) => text === value);
    return Array.isArray(value) && asked.hasSome.some((text) => value.includes(text));
  });
}
