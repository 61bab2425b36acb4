export { createPolicy } from "./policy.ts";
export type { ListQuestion } from "./types.ts";
export type { Policy } from "./policy.ts";
export type { Compat, PolicyOptions } from "./compile/options.ts";
export { AccessDenied, PolicyError } from "./check/errors.ts";
export { matches } from "./compile/condition.ts";
export type { Predicate } from "./compile/condition.ts";
export { describeRights } from "./report/render-matrix.ts";
export { diffMatrix } from "./report/matrix-diff.ts";
export type { MatrixDiff, Right } from "./report/matrix-diff.ts";
export { renderMatrix } from "./report/render-matrix.ts";
export type { MatrixFormat } from "./report/render-matrix.ts";
export type { ListOperation } from "./types.ts";
export { reloadablePolicy } from "./report/reloadable-policy.ts";
export type { ReloadablePolicy } from "./report/reloadable-policy.ts";
export { compareDecisions } from "./report/compare-decisions.ts";
export type { Difference, Report, ComparedDecisions } from "./report/compare-decisions.ts";
export { allRows, closedModels, diffPolicies, matrixRows, wholeRecords } from "./report/matrix-diff.ts";
export { restAccess } from "./decide/rest-access.ts";
export type {
  RestAccess,
  RestDecision,
  RestOperation,
  RestPathAccess,
  RestPaths,
  RestQuestion,
} from "./decide/rest-access.ts";
export { checkBoot } from "./check/boot-check.ts";
export type { BootQuestion, ServedMode, ServedRoute } from "./check/boot-check.ts";
export {
  belongsTo,
  boolean,
  customType,
  date,
  datetime,
  defineSchema,
  email,
  enumeration,
  float,
  hasMany,
  hasOne,
  id,
  integer,
  ipAddress,
  json,
  model,
  phone,
  ref,
  string,
  time,
  timestamp,
  url,
} from "./builder/index.ts";
export type {
  Allow,
  CustomType,
  DefinedSchema,
  Field,
  GroupRule,
  GuestRule,
  Model,
  ModelRecord,
  OwnerRule,
  RefField,
  Relation,
  Rule,
  SchemaOptions,
  TokenRule,
} from "./builder/index.ts";
export { toDrizzle } from "./targets/drizzle.ts";
export type { DrizzleOptions, DrizzleSql } from "./targets/drizzle.ts";
export { toDynamoDb } from "./targets/dynamodb.ts";
export type { DynamoDbFilter } from "./targets/dynamodb.ts";
export { toMongo } from "./targets/mongo.ts";
export type { MongoFilter } from "./targets/mongo.ts";
export { toPrisma } from "./targets/prisma.ts";
export type { PrismaOptions, PrismaProvider, PrismaWhere } from "./targets/prisma.ts";
export { toSql } from "./targets/sql.ts";
export type { SqlDialect, SqlDialectOptions, SqlFilter, SqlOptions } from "./targets/sql.ts";
export type * from "./types.ts";
