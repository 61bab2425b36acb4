import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isListType,
  isNamedType,
  isObjectType,
  isSpecifiedScalarType,
} from "graphql";
import type { ModelTypes } from "./model-types.ts";

// Types that hold a part of a list: Amplify's ModelBookConnection { items, nextToken }, Relay's connections
// { edges { node, cursor }, pageInfo, totalCount }, pages of one's own { rows, total }.

/**
 * What a field of such a type is. `rows` are the records, `edges` hold one each as their `node`, a `count` (a number, or
 * `aggregateItems` of Amplify's searches) is held to the filter of the list, `info` is an object of counts and positions, a `position` (a cursor, hasNextPage) names a place in
 * the list and is left alone.
 */
export type PageRole = "rows" | "edges" | "node" | "count" | "info" | "position";

type AnyField = GraphQLField<unknown, unknown>;

const counts: ReadonlySet<string> = new Set([
  "count",
  "total",
  "totalCount",
  "totalItems",
  "totalPages",
  "pageCount",
  "itemCount",
]);
const positions =
  /^(?:(?:next|prev(?:ious)?|start|end)?(?:token|cursor|page)|startedAt|has(?:Next|Prev(?:ious)?)(?:Page)?|hasMore|pageSize|perPage|limit|offset)$/i;

export class Pages {
  readonly #types: ModelTypes;
  readonly #models = new Map<string, string>();
  readonly #roles = new Map<string, ReadonlyMap<string, PageRole>>();

  constructor(schema: GraphQLSchema, types: ModelTypes) {
    this.#types = types;
    for (const type of Object.values(schema.getTypeMap())) {
      if (isObjectType(type) && types.of(type) === undefined) this.#read(type);
    }
  }

  /** The model of the records that a page holds; undefined: the type is no page. */
  modelOf({ name }: GraphQLNamedType): string | undefined {
    return this.#models.get(name);
  }

  /** undefined: nothing that a page has. */
  roleOf({ name }: GraphQLNamedType, field: string): PageRole | undefined {
    return this.#roles.get(name)?.get(field);
  }

  #read(type: GraphQLObjectType): void {
    const fields = Object.values(type.getFields());
    const models = new Set<string>();
    const roles = new Map<string, PageRole>();
    for (const field of fields) {
      const model = this.#modelOfList(field);
      if (model !== undefined) models.add(model);
      const role = this.#roleIn(field);
      if (role !== undefined) roles.set(field.name, role);
    }
    const [model] = models;
    if (model === undefined || models.size > 1) return;
    const isWhole = roles.size === fields.length;
    const hasOthers = [...roles.values()].some((role) => role !== "rows" && role !== "edges");
    if (!isWhole && !hasOthers && !type.name.endsWith("Connection")) return;
    this.#models.set(type.name, model);
    this.#roles.set(type.name, roles);
    for (const field of fields) this.#readWithin(getNamedType(field.type), roles.get(field.name));
  }

  /** Edges and objects of counts are what they are as parts of a page. */
  #readWithin(type: GraphQLNamedType, role: PageRole | undefined): void {
    if ((role !== "edges" && role !== "info") || !isObjectType(type)) return;
    const roles = Object.values(type.getFields()).flatMap((field) => {
      const own: PageRole | undefined = field.name === "node" ? "node" : leafRole(field);
      return own === undefined ? [] : [[field.name, own] as const];
    });
    this.#roles.set(type.name, new Map(roles));
  }

  #roleIn(field: AnyField): PageRole | undefined {
    const type = getNamedType(field.type);
    if (this.#modelOfList(field) !== undefined) return this.#types.of(type) === undefined ? "edges" : "rows";
    const role = leafRole(field);
    if (role !== undefined || isList(field) || !isObjectType(type)) return role;
    return Object.values(type.getFields()).every((inner) => leafRole(inner) !== undefined)
      ? "info"
      : undefined;
  }

  #modelOfList(field: AnyField): string | undefined {
    const type = getNamedType(field.type);
    if (!isList(field)) return undefined;
    const node = isObjectType(type) ? type.getFields()["node"] : undefined;
    return (
      this.#types.of(type) ?? (node && !isList(node) ? this.#types.of(getNamedType(node.type)) : undefined)
    );
  }
}

function leafRole({ name, type }: AnyField): PageRole | undefined {
  if (name === "aggregateItems") return "count";
  if (!isPlain(getNullableType(type))) return undefined;
  if (counts.has(name)) return "count";
  return positions.test(name) ? "position" : undefined;
}

/** Text, numbers and the like. Another scalar, such as JSON, may hold records. */
function isPlain(type: GraphQLOutputType): boolean {
  return isNamedType(type) && (isSpecifiedScalarType(type) || type.name === "AWSTimestamp");
}

function isList({ type }: AnyField): boolean {
  return isListType(getNullableType(type));
}
