import type { Policy } from "@authmodes/rules";
import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isListType,
  isObjectType,
  isSpecifiedScalarType,
} from "graphql";
import type { ModelField } from "../options.ts";
import { isListing, isModel } from "./rule-fields.ts";

// Which types of the schema are records of a model, and which hold a part of a list of them: Amplify's
// ModelBookConnection { items, nextToken }, Relay's connections { edges { node, cursor }, pageInfo, totalCount }, pages of
// one's own { rows, total }.

/** What a field answers, as far as records are concerned. */
export interface ReturnedRecords {
  readonly kind: "record" | "list" | "edges" | "page" | "count";
  readonly model: string;
}

/**
 * What a field of a page is. `rows` are the records, `edges` hold one each as their `node`, a `count` (a number, or
 * `aggregateItems` of Amplify's searches) is held to the filter of the list, `info` is an object of counts and positions,
 * a `position` (a cursor, hasNextPage) names a place in the list and is left alone.
 */
export type PageRole = "rows" | "edges" | "node" | "count" | "info" | "position";

type AnyField = GraphQLField<unknown, unknown>;
type Named = Pick<GraphQLNamedType, "name">;

const counts = /^(?:count|total(?:Count|Items|Pages)?|(?:page|item)Count)$/;
const positions =
  /^(?:(?:next|prev(?:ious)?|start|end)?(?:token|cursor|page)|startedAt|has(?:Next|Prev(?:ious)?)(?:Page)?|hasMore|pageSize|perPage|limit|offset)$/i;

export class RecordTypes {
  readonly #schema: GraphQLSchema;
  /** The models of types that are records. */
  readonly #models = new Map<string, string>();
  /** The models of pages. */
  readonly #pages = new Map<string, string>();
  /** The fields of pages, of their edges and objects of counts. */
  readonly #roles = new Map<string, ReadonlyMap<string, PageRole>>();
  readonly #underRules = new Set<string>();

  /** @param mapped types that are records of a model of another name */
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

  /** The model that a type is a record of: an interface or a union, if all its types are. */
  modelOf({ name }: Named): string | undefined {
    return this.#models.get(name);
  }

  /** The model of the records that a page holds; undefined: the type is no page. */
  modelOfPage({ name }: Named): string | undefined {
    return this.#pages.get(name);
  }

  /** undefined: the type is no page or part of one, or the field is nothing that a page has. */
  roleOf({ name }: Named, field: string): PageRole | undefined {
    return this.#roles.get(name)?.get(field);
  }

  /** undefined: no records of one model. */
  returnedBy(type: GraphQLOutputType): ReturnedRecords | undefined {
    const named = getNamedType(type);
    const isMany = isList({ type });
    const model = this.modelOf(named);
    if (model !== undefined) return { kind: isMany ? "list" : "record", model };
    const ofPage = isMany ? undefined : this.modelOfPage(named);
    return ofPage === undefined ? undefined : { kind: "page", model: ofPage };
  }

  /**
   * What a root field that does something with a model answers: besides records a number, if its name says "count".
   */
  returnedByRoot({ model, operation }: ModelField, { name, type }: AnyField): ReturnedRecords | undefined {
    const isCount = isListing(operation) && getNamedType(type).name === "Int" && /count/i.test(name);
    return this.returnedBy(type) ?? (isCount ? { kind: "count", model } : undefined);
  }

  /** The object types that a value of this type can be of. */
  concrete(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
  }

  /** Whether a model's rules are about a type: models, what they hold, their connections. */
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

/** Counts and positions are text, numbers and the like. Another scalar, such as JSON, may hold records. */
function leafRole({ name, type }: AnyField): PageRole | undefined {
  if (name === "aggregateItems") return "count";
  const leaf = getNullableType(type);
  if (isListType(leaf) || (!isSpecifiedScalarType(leaf) && leaf.name !== "AWSTimestamp")) return undefined;
  if (counts.test(name)) return "count";
  return positions.test(name) ? "position" : undefined;
}

function isList({ type }: Pick<AnyField, "type">): boolean {
  return isListType(getNullableType(type));
}
