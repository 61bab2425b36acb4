import { checkOptionNames } from "@authmodes/core";
import type { Operation } from "@authmodes/rules";
import {
  type ConstDirectiveNode,
  getNamedType,
  type GraphQLField,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
} from "graphql";
import type { ModelField, ProtectOptions, RootName } from "../options.ts";
import type { RecordTypes } from "./record-types.ts";
import { fieldsOfType, own } from "./rule-fields.ts";

// What each root field does: with a model, by Amplify's names or as the options say; or by rules of its own.

export interface RootField {
  /** undefined: by rules of its own alone. */
  readonly use: ModelField | undefined;
  /** Rules on Query, Mutation or Subscription are about the field. */
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
  /** By Amplify's names, such as `Query.listBooks`. */
  readonly #named = new Map<string, readonly ModelField[]>();

  constructor(schema: GraphQLSchema, options: ProtectOptions<unknown>, types: RecordTypes) {
    this.#options = options;
    this.#types = types;
    for (const model of Object.keys(options.policy.schema.models)) this.#addNames(model, schema);
  }

  /**
   * A field of a root type under rules or directives.
   * @throws TypeError if nothing says what it does, what the options say cannot be, or its name fits several models
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
      `${root}.${field.name}: nothing says who may use it. Name it in operations, or write it with @auth on ${root}.`,
    );
  }

  #byName(root: RootName, field: AnyField): ModelField | undefined {
    const named = this.#named.get(`${root}.${field.name}`) ?? [];
    const [use, ...others] = named.filter((found) => this.#isAbout(found, field));
    if (use === undefined || others.length === 0) return use;
    const models = [use, ...others].map(({ model }) => model).join(" or ");
    throw new TypeError(`${root}.${field.name} could be about ${models}: say which in operations.`);
  }

  /** A query of that name that answers something else is not Amplify's. */
  #isAbout({ model, operation }: ModelField, { type }: AnyField): boolean {
    return operationsOf.Mutation.includes(operation) || this.#types.returnedBy(type)?.model === model;
  }

  /** Relay's `node` and `nodes`, federation's `_entities`: whichever model a record is of, its rules are asked. */
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
    if (definition === undefined) throw new TypeError(`${where}: there is no model '${model}'.`);
    if (!operationsOf[root].includes(operation)) {
      throw new TypeError(`${where}: '${operation}' is none of ${operationsOf[root].join(", ")}.`);
    }
    if (index !== undefined && definition.indexes?.some(({ name }) => name === index) !== true) {
      throw new TypeError(`${where}: ${model} has no index '${index}'.`);
    }
    if ((input !== undefined || ignore !== undefined) && root !== "Mutation") {
      throw new TypeError(`${where}: input and ignore are about mutations.`);
    }
    if (ignore !== undefined && !Array.isArray(ignore)) {
      throw new TypeError(`${where}: ignore is a list of names, such as ["notify"].`);
    }
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
      const name = text(directive, "name");
      const query = text(directive, "queryField");
      if (directive.name.value === "index" && name !== undefined && query !== undefined)
        queries.set(name, [...(queries.get(name) ?? []), query]);
    }
    return queries;
  }

  /** The names of root fields as Amplify generates them. */
  #addNames(model: string, schema: GraphQLSchema): void {
    const add = (name: string, use: Omit<ModelField, "model">): void => {
      const others = (this.#named.get(name) ?? []).filter((other) => other.model !== model);
      this.#named.set(name, [...others, { model, ...use }]);
    };
    add(`Query.get${model}`, { operation: "get" });
    for (const operation of ["list", "search", "sync"] as const) {
      for (const many of plurals(model)) add(`Query.${operation}${many}`, { operation });
    }
    for (const operation of ["create", "update", "delete"] as const) {
      add(`Mutation.${operation}${model}`, { operation });
    }
    for (const event of ["Create", "Update", "Delete"]) {
      add(`Subscription.on${event}${model}`, { operation: "listen" });
    }
    const written = this.#queryFieldsOfIndexes(model, schema);
    for (const { name, fields } of this.#options.policy.schema.models[model]?.indexes ?? []) {
      const by = `By${fields.map(upperFirst).join("And")}`;
      const generated = plurals(model).flatMap((many) => [`${lowerFirst(many)}${by}`, `list${many}${by}`]);
      for (const query of [...generated, ...(written.get(name) ?? [])])
        add(`Query.${query}`, { operation: "list", index: name });
    }
  }
}

/** More plurals than there are: a name that no field has does no harm. */
function plurals(model: string): readonly string[] {
  return [...new Set([model, `${model}s`, `${model}es`, model.replace(/y$/, "ies")])];
}

function text(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function lowerFirst(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}

function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
