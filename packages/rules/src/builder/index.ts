export {
  belongsTo,
  boolean,
  date,
  datetime,
  email,
  enumeration,
  type Field,
  float,
  hasMany,
  hasOne,
  id,
  integer,
  ipAddress,
  json,
  phone,
  ref,
  type RefField,
  type Relation,
  string,
  time,
  timestamp,
  url,
} from "./field.ts";
export { type CustomType, customType, type Model, model } from "./model.ts";
export type { Allow, GroupRule, GuestRule, OwnerRule, Rule, TokenRule } from "./rule.ts";
export { type DefinedSchema, defineSchema, type ModelRecord, type SchemaOptions } from "./schema.ts";
