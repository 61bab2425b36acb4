import { checkOptionNames, must } from "@authmodes/core/options";
import type { Operation } from "@authmodes/rules";
import { getNamedType, type GraphQLField, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";
import type { ModelField, ProtectOptions, RootName } from "../options.ts";
import { argumentOf } from "./aws-directives.ts";
import type { RecordTypes } from "./record-types.ts";
import { fieldsOfType, own } from "./rule-fields.ts";

// What each root field does: with a model, by Amplify's names or the options, or by rules of its own.

export interface RootField {
  /** undefined if only rules of its own decide. */
  readonly use: ModelField | undefined;
  /** Whether the field has rules on Query, Mutation or Subscription. */
  readonly ruled: boolean;
}

type AnyField = GraphQLField<unknown, unknown>;

const operationsOf: Readonly<Record<RootName, readonly Operation[]>> = {
  Query: ["get", "list", "search", "sync"],
  Mutation: ["create", "update", "delete"],
  Subscription: ["listen"],
};

const memberNames: readonly (keyof ModelField)[] = ["model", "operation", "index", "input", "ignore"];

export class RootFields {
  readonly #options: ProtectOptions<unknown>;
  readonly #types: RecordTypes;
  /** Fields by Amplify's names, such as `Query.listBooks`. */
  readonly #named = new Map<string, readonly ModelField[]>();

  constructor(schema: GraphQLSchema, options: ProtectOptions<unknown>, types: RecordTypes) {
    this.#options = options;
    this.#types = types;
    for (const model of Object.keys(options.policy.schema.models)) this.#addNames(model, schema);
  }

  /**
   * Returns what a root field does.
   * @throws TypeError if nothing says it, the options are invalid, or the name fits several models
   */
  get(root: RootName, field: AnyField): RootField {
    const { policy, operations, awsDirectives } = this.#options;
    const written = own(fieldsOfType(policy, root), field.name);
    const use =
      this.#checked(root, field.name, own(operations?.[root], field.name)) ?? this.#byName(root, field);
    if (use !== undefined) return { use, ruled: written?.rules !== undefined };
    if (written !== undefined) return { use, ruled: true };
    if (awsDirectives !== undefined || (root === "Query" && this.#isOfModels(field)))
      return { use, ruled: false };
    throw new TypeError(
      `${root}.${field.name}: nothing says who may use it. Declare it in operations, or give it @auth on ${root} in the rules.`,
    );
  }

  #byName(root: RootName, field: AnyField): ModelField | undefined {
    const named = this.#named.get(`${root}.${field.name}`) ?? [];
    const [use, ...others] = named.filter((found) => this.#isAbout(found, field));
    if (use === undefined || others.length === 0) return use;
    const models = [use, ...others].map(({ model }) => model).join(" or ");
    throw new TypeError(`${root}.${field.name} could be about ${models}: declare it in operations.`);
  }

  /** A query with a name of Amplify's is about the model only if it returns its records. */
  #isAbout({ model, operation }: ModelField, { type }: AnyField): boolean {
    return operationsOf.Mutation.includes(operation) || this.#types.returnedBy(type)?.model === model;
  }

  /** Relay's `node` and `nodes`, federation's `_entities`: the rules of its own model decide about each record. */
  #isOfModels({ type }: AnyField): boolean {
    const named = getNamedType(type);
    return (
      isAbstractType(named) &&
      this.#types.concrete(named).every((possible) => this.#types.modelOf(possible) !== undefined)
    );
  }

  #checked(root: RootName, field: string, use: ModelField | undefined): ModelField | undefined {
    if (use === undefined) return undefined;
    const { model, operation, index, input, ignore } = use;
    const where = `operations.${root}.${field}`;
    checkOptionNames(where, use, memberNames);
    const definition = own(this.#options.policy.schema.models, model);
    must(definition !== undefined, `${where}: there is no model '${model}'.`);
    const operations = operationsOf[root];
    must(operations.includes(operation), `${where}: '${operation}' is not one of ${operations.join(", ")}.`);
    const isKnown = index === undefined || definition.indexes?.some(({ name }) => name === index) === true;
    must(isKnown, `${where}: ${model} has no index '${index}'.`);
    const isOfMutation = input !== undefined || ignore !== undefined;
    must(!isOfMutation || root === "Mutation", `${where}: input and ignore are for mutations.`);
    const isList = ignore === undefined || Array.isArray(ignore);
    must(isList, `${where}: ignore is a list of names, such as ["notify"].`);
    return use;
  }

  /** The query fields that `@index(queryField:)` names in the SDL of a model, by index. */
  #queryFieldsOfIndexes(model: string, schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
    const queries = new Map<string, readonly string[]>();
    const fields = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => this.#types.modelOf(type) === model)
      .flatMap((type) => Object.values(type.getFields()));
    for (const directive of fields.flatMap(({ astNode }) => astNode?.directives ?? [])) {
      const name = argumentOf(directive, "name");
      const query = argumentOf(directive, "queryField");
      if (directive.name.value === "index" && typeof name === "string" && typeof query === "string")
        queries.set(name, [...(queries.get(name) ?? []), query]);
    }
    return queries;
  }

  /** The names of root fields as Amplify generates them. */
  #addNames(model: string, schema: GraphQLSchema): void {
    const add = (root: RootName, names: readonly string[], operation: Operation, index?: string): void => {
      for (const name of names.map((field) => `${root}.${field}`)) {
        const others = (this.#named.get(name) ?? []).filter((other) => other.model !== model);
        this.#named.set(name, [...others, { model, operation, ...(index !== undefined && { index }) }]);
      }
    };
    const many = plurals(model);
    add("Query", [`get${model}`], "get");
    for (const operation of ["list", "search", "sync"] as const)
      for (const plural of many) add("Query", [`${operation}${plural}`], operation);
    for (const operation of operationsOf.Mutation) add("Mutation", [`${operation}${model}`], operation);
    add("Subscription", [`onCreate${model}`, `onUpdate${model}`, `onDelete${model}`], "listen");
    const written = this.#queryFieldsOfIndexes(model, schema);
    for (const { name, fields } of this.#options.policy.schema.models[model]?.indexes ?? []) {
      const by = `By${fields.map(upperFirst).join("And")}`;
      const generated = many.flatMap((plural) => [`${lowerFirst(plural)}${by}`, `list${plural}${by}`]);
      add("Query", [...generated, ...(written.get(name) ?? [])], "list", name);
    }
  }
}

/** All plausible plurals: a name that no field has does no harm. */
function plurals(model: string): readonly string[] {
  return [...new Set([model, `${model}s`, `${model}es`, model.replace(/y$/, "ies")])];
}

function lowerFirst(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}

function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
