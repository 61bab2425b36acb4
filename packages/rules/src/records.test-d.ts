// Records of ORMs and database clients pass without casts, and a policy knows its models. Checked by `npm run check:types`;
// nothing here runs.
import type { Access, Identity, Policy as CorePolicy } from "@authmodes/core";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import type { Selectable } from "kysely";
import type { HydratedDocument } from "mongoose";
import type { InferAttributes, InferCreationAttributes, Model } from "sequelize";
import type { BaseEntity } from "typeorm";
import {
  createPolicy,
  defineSchema,
  type Masked,
  matches,
  model as modelOf,
  type Policy,
  string,
} from "./index.ts";
import { parseSchema } from "./sdl.ts";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equals<A, B>): void {}

declare const identity: Identity;
declare const access: Access;

const policy = createPolicy({
  models: {
    Order: {
      rules: [{ allow: "owner" }],
      fields: { id: { type: "ID!" }, note: { type: "String" }, owner: { type: "String" } },
    },
  },
});

/** An entity of TypeORM. */
declare class OrderEntity {
  id: number;
  note: string | null;
  owner: string;
  save: BaseEntity["save"];
  total(): number;
}
/** An entity in the shape of MikroORM, whose own types need Node 22. */
declare class MikroOrder {
  readonly id: string;
  note?: string;
  owner: string;
}
interface OrderFields {
  note: string;
  owner: string;
  createdAt: Date;
}
declare class SequelizeOrder extends Model<
  InferAttributes<SequelizeOrder>,
  InferCreationAttributes<SequelizeOrder>
> {
  owner: string;
  note: string;
}
/** What Prisma generates for a model. */
type PrismaOrder = { id: string; note: string | null; owner: string; total: bigint };

export function anyRecord(
  entity: OrderEntity,
  mikro: MikroOrder,
  document: HydratedDocument<OrderFields>,
  instance: SequelizeOrder,
  prisma: PrismaOrder,
  kysely: Selectable<{ id: string; owner: string }>,
): void {
  const table = pgTable("orders", { id: integer().notNull(), note: text(), owner: text().notNull() });
  const drizzle: (typeof table.$inferSelect)[] = [];
  for (const record of [entity, mikro, document, instance, prisma, ...drizzle, kysely]) {
    policy.decide(identity, { model: "Order", operation: "update", record, input: { note: "x" } });
    policy.mask(identity, "Order", record);
    policy.maskWritten(identity, "Order", record);
    policy.readableFields(identity, "Order", record);
    policy.decideField(identity, "Order", "note", record);
    access.decide(record);
    access.mask(record);
    matches({ kind: "always" })(record);
  }
  const seen = policy.mask(identity, "Order", prisma);
  same<typeof seen, { id: string | null; note: string | null; owner: string | null; total: bigint | null }>(
    true,
  );
  // Methods are not in what a caller sees.
  same<keyof Masked<OrderEntity>, "id" | "note" | "owner">(true);
  same<Masked<OrderEntity>["id"], number | null>(true);
  same<Masked<MikroOrder>["note"], string | null | undefined>(true);
  same<ReturnType<typeof access.mask<PrismaOrder>>, typeof seen>(true);
  const shown: readonly (string | null)[] = [prisma].map((one) => access.mask(one).owner);
  void shown;
  // @ts-expect-error a text is no record
  policy.mask(identity, "Order", "1");
  // @ts-expect-error the fields may be hidden
  same<Masked<PrismaOrder>["owner"], string>(true);
}

export function names(): void {
  policy.decide(identity, { model: "Order", operation: "get" });
  // @ts-expect-error there is no such model
  policy.decide(identity, { model: "Oder", operation: "get" });
  // @ts-expect-error there is no such operation
  policy.decide(identity, { model: "Order", operation: "read" });
  // @ts-expect-error there is no such model
  policy.filter(identity, { model: "Oder" });
  policy.list(identity, { model: "Order", operation: "get" });
  // @ts-expect-error an update reads no records
  policy.list(identity, { model: "Order", operation: "update" });
  // @ts-expect-error there is no such model
  policy.mask(identity, "Oder", {});
  // @ts-expect-error there is no such model
  policy.needsRecord("Oder", "get");
  // @ts-expect-error there is no such model
  policy.matrix("Oder");

  const built = createPolicy(
    defineSchema({ Note: modelOf({ text: string() }).authorization((allow) => [allow.owner()]) }),
  );
  built.decide(identity, { model: "Note", operation: "get" });
  // @ts-expect-error there is no such model
  built.decide(identity, { model: "Not", operation: "get" });

  // The names of a text are known when it is read.
  const read = createPolicy(parseSchema("type Note @model { id: ID! }"));
  read.decide(identity, { model: "Anything", operation: "get" });
  same<typeof read, Policy>(true);

  // A policy with known names is one for every function that takes a policy.
  const any: Policy = policy;
  const core: CorePolicy = policy;
  void [any, core];
}
