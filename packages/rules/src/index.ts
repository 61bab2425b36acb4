export { createPolicy } from "./policy.ts";
export type { FilterQuestion, Policy } from "./policy.ts";
export type { Compat, PolicyOptions } from "./options.ts";
export { AccessDenied, PolicyError } from "./error.ts";
export { matches } from "./condition.ts";
export type { Predicate } from "./condition.ts";
export { describeRights } from "./describe-rights.ts";
export { diffMatrix } from "./diff.ts";
export type { MatrixDiff, Right } from "./diff.ts";
export { renderMatrix } from "./render-matrix.ts";
export type { MatrixFormat } from "./render-matrix.ts";
export type { ListOperation } from "./filter.ts";
export { reloadablePolicy } from "./reloadable-policy.ts";
export type { ReloadablePolicy } from "./reloadable-policy.ts";
export { reportOnly } from "./report-only.ts";
export type { Difference, Report, ReportOnly } from "./report-only.ts";
export { allRows, closedModels, diffPolicies, matrixRows, wholeRecords } from "./rights.ts";
export { restAccess } from "./rest-access.ts";
export type {
  RestAccess,
  RestDecision,
  RestOperation,
  RestPathAccess,
  RestPaths,
  RestQuestion,
} from "./rest-access.ts";
export { checkBoot } from "./boot-check.ts";
export type { BootQuestion, ServedMode, ServedRoute } from "./boot-check.ts";
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
} from "./builder.ts";
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
} from "./builder.ts";
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
// For tools that show rules and write them.
export { groupRights } from "./describe-rights.ts";
export type { RightsGroup } from "./describe-rights.ts";
export { providerOfMode } from "./boot-check.ts";
export { readOperations } from "./operations.ts";
export { providerOf } from "./roles.ts";
export { sessionArn } from "./options.ts";
export type * from "./types.ts";
