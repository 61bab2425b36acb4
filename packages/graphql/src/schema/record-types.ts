import type { Policy } from "@authmodes/rules";
import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  isAbstractType,
  isListType,
  isObjectType,
  isSpecifiedScalarType,
} from "graphql";
import type { ModelField } from "../options.ts";
import { isListing, isModel } from "./rule-fields.ts";

// Finds the types of the schema that are records of a model, and those that are pages of records: Amplify's
// ModelBookConnection { items, nextToken }, Relay's connections { edges { node, cursor }, pageInfo, totalCount }, and others
// such as { rows, total }.

/** The records that a field returns. */
export interface ReturnedRecords {
  readonly kind: "record" | "list" | "edges" | "page" | "count";
  readonly model: string;
}

/**
 * The role of a field of a page. `rows` are the records, `edges` have one each as their `node`, a `count` (a number, or
 * `aggregateItems` of Amplify's searches) needs the filter of the list, `info` is an object of counts and positions, and a
 * `position` (a cursor, hasNextPage) is not guarded.
 */
export type PageRole = "rows" | "edges" | "node" | "count" | "info" | "position";

type AnyField = GraphQLField<unknown, unknown>;
type Named = Pick<GraphQLNamedType, "name">;

const counts = /^(?:count|total(?:Count|Items|Pages)?|(?:page|item)Count)$/;
const positions =
  /^(?:(?:next|prev(?:ious)?|start|end)?(?:token|cursor|page)|startedAt|has(?:Next|Prev(?:ious)?)(?:Page)?|hasMore|pageSize|perPage|limit|offset)$/i;

export class RecordTypes {
  readonly #schema: GraphQLSchema;
  /** The model of each record type. */
  readonly #models = new Map<string, string>();
  /** The model of each page type. */
  readonly #pages = new Map<string, string>();
  /** The roles of the fields of pages, edges and info objects. */
  readonly #roles = new Map<string, ReadonlyMap<string, PageRole>>();
  readonly #underRules = new Set<string>();

  /** @param mapped the models of types that have another name */
  constructor(schema: GraphQLSchema, policy: Policy, mapped: Readonly<Record<string, string>>) {
    this.#schema = schema;
    const all = Object.values(schema.getTypeMap());
    for (const { name } of all.filter(isObjectType)) {
      const model = Object.hasOwn(mapped, name) ? mapped[name] : name;
      if (model !== undefined && isModel(policy, model)) this.#models.set(name, model);
    }
    for (const type of all.filter(isAbstractType)) {
      const [model, ...others] = new Set(this.concrete(type).map((possible) => this.modelOf(possible)));
      if (model !== undefined && others.length === 0) this.#models.set(type.name, model);
    }
    for (const type of all.filter(isObjectType)) {
      if (this.modelOf(type) === undefined) this.#readPage(type);
      if (this.returnedBy(type) !== undefined) this.#follow(type);
    }
  }

  /** The model of a record type. An interface or a union has one if all its types have the same. */
  modelOf({ name }: Named): string | undefined {
    return this.#models.get(name);
  }

  /** The model of a page type; undefined if the type is not a page. */
  modelOfPage({ name }: Named): string | undefined {
    return this.#pages.get(name);
  }

  /** undefined if the type is not part of a page, or the field has no role there. */
  roleOf({ name }: Named, field: string): PageRole | undefined {
    return this.#roles.get(name)?.get(field);
  }

  /** undefined if the type holds no records of one model. */
  returnedBy(type: GraphQLOutputType): ReturnedRecords | undefined {
    const named = getNamedType(type);
    const isMany = isList({ type });
    const model = this.modelOf(named);
    if (model !== undefined) return { kind: isMany ? "list" : "record", model };
    const ofPage = isMany ? undefined : this.modelOfPage(named);
    return ofPage === undefined ? undefined : { kind: "page", model: ofPage };
  }

  /** The records that a root field of a model returns, or their number if its name has "count" in it. */
  returnedByRoot({ model, operation }: ModelField, { name, type }: AnyField): ReturnedRecords | undefined {
    const isCount = isListing(operation) && getNamedType(type).name === "Int" && /count/i.test(name);
    return this.returnedBy(type) ?? (isCount ? { kind: "count", model } : undefined);
  }

  /** The object types that a value of this type can have. */
  concrete(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
  }

  /** Whether rules of a model cover the type: models, their nested types and pages. */
  isUnderRules({ name }: Named): boolean {
    return this.#underRules.has(name);
  }

  #follow(type: GraphQLNamedType): void {
    if (!isObjectType(type) || this.#underRules.has(type.name)) return;
    this.#underRules.add(type.name);
    for (const field of Object.values(type.getFields())) this.#follow(getNamedType(field.type));
  }

  #readPage(type: GraphQLObjectType): void {
    const fields = Object.values(type.getFields());
    const [model, ...others] = new Set(fields.flatMap((field) => this.#modelOfList(field) ?? []));
    if (model === undefined || others.length > 0) return;
    const roles = rolesOf(type, (field) => this.#roleIn(field));
    const isWhole = roles.size === fields.length;
    const hasOthers = [...roles.values()].some((role) => role !== "rows" && role !== "edges");
    if (!isWhole && !hasOthers && !type.name.endsWith("Connection")) return;
    this.#pages.set(type.name, model);
    this.#roles.set(type.name, roles);
    for (const field of fields) {
      const role = roles.get(field.name);
      const inner = getNamedType(field.type);
      if ((role !== "edges" && role !== "info") || !isObjectType(inner)) continue;
      this.#roles.set(
        inner.name,
        rolesOf(inner, (part) => (part.name === "node" ? "node" : leafRole(part))),
      );
    }
  }

  #roleIn(field: AnyField): PageRole | undefined {
    const type = getNamedType(field.type);
    if (this.#modelOfList(field) !== undefined) return this.modelOf(type) === undefined ? "edges" : "rows";
    const role = leafRole(field);
    if (role !== undefined || isList(field) || !isObjectType(type)) return role;
    return Object.values(type.getFields()).every((inner) => leafRole(inner) !== undefined)
      ? "info"
      : undefined;
  }

  #modelOfList(field: AnyField): string | undefined {
    if (!isList(field)) return undefined;
    const type = getNamedType(field.type);
    const node = isObjectType(type) ? type.getFields()["node"] : undefined;
    return this.modelOf(type) ?? (node && !isList(node) ? this.modelOf(getNamedType(node.type)) : undefined);
  }
}

function rolesOf(
  type: GraphQLObjectType,
  roleOf: (field: AnyField) => PageRole | undefined,
): ReadonlyMap<string, PageRole> {
  const roles = new Map<string, PageRole>();
  for (const field of Object.values(type.getFields())) {
    const role = roleOf(field);
    if (role !== undefined) roles.set(field.name, role);
  }
  return roles;
}

/** Counts and positions are built-in scalars. Another scalar, such as JSON, may hold records. */
function leafRole({ name, type }: AnyField): PageRole | undefined {
  if (name === "aggregateItems") return "count";
  const leaf = getNullableType(type);
  if (isListType(leaf) || (!isSpecifiedScalarType(leaf) && leaf.name !== "AWSTimestamp")) return undefined;
  if (counts.test(name)) return "count";
  return positions.test(name) ? "position" : undefined;
}

/** Whether a field or an argument is a list. */
export function isList({ type }: { readonly type: GraphQLType }): boolean {
  return isListType(getNullableType(type));
}
