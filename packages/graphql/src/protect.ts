import type { Provider } from "@authmodes/rules";
import {
  defaultFieldResolver,
  defaultTypeResolver,
  getNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isAbstractType,
  isObjectType,
} from "graphql";
import { type Admission, admissionsOf } from "./schema/aws-directives.ts";
import {
  keyOf,
  problemsOfArguments,
  problemsOfFieldType,
  problemsOfModelField,
} from "./schema/unguarded-inputs.ts";
import { answerOf, type Checked, problemsBelow, problemsOfAnswer } from "./schema/unguarded-answers.ts";
import {
  guardModelField,
  guardMutation,
  guardPlainField,
  guardQuery,
  guardSubscription,
} from "./guards/field-guards.ts";
import { checkOptions, isDevelopment, type ProtectOptions, type RootName } from "./options.ts";
import { ModelTypes } from "./schema/model-types.ts";
import { Pages } from "./schema/record-types.ts";
import { placeAt } from "./guards/response-position.ts";
import { type AbstractType, type Field, rebuild } from "./schema/copy-schema.ts";
import { isRecord, mustBeRecord } from "./guards/read.ts";
import { type Returned, returnedBy, type Types } from "./schema/returned.ts";
import { amplifyNames, type KnownNames, rootField, rootNames } from "./schema/root-fields.ts";
import { refused, type Shared, type Site, whenThere } from "./guards/resolver-call.ts";
import { typesUnderRules } from "./schema/under-rules.ts";

/**
 * The same schema with its resolvers under the policy's rules. The schema that is given stays as it is.
 *
 * Root fields are recognised by Amplify's names or named in `operations`; any other is written down on Query, Mutation
 * or Subscription in the rules' schema. List resolvers query by `filterOf(info)`.
 * @throws TypeError with everything that would be left without a guard: unknown root fields, fields and inputs that the
 *   rules do not know, updates that cannot be decided without `load`
 */
export function protect<TContext>(schema: GraphQLSchema, options: ProtectOptions<TContext>): GraphQLSchema {
  checkOptions(options);
  // The context is handed through as it comes; only the caller's own functions look into it.
  const guards = new Guards(schema, options as ProtectOptions<unknown>);
  const copy = rebuild(schema, {
    field: (type, name, field) => guards.field(type, name, field),
    resolveType: (type) => guards.resolveType(type),
  });
  if (guards.problems.length === 0) return copy;
  throw new TypeError(["protect():", ...guards.problems].join("\n- "));
}

interface Place extends Pick<Site, "typeName" | "fieldName" | "returned"> {
  readonly type: GraphQLObjectType;
  readonly isUnderRules: boolean;
}

class Guards {
  /** All of them are reported at once. */
  readonly problems: string[] = [];
  readonly #options: ProtectOptions<unknown>;
  readonly #shared: Shared;
  readonly #roots: ReadonlyMap<string, RootName>;
  readonly #types: Types;
  readonly #known: KnownNames;
  readonly #underRules: ReadonlySet<string>;

  constructor(schema: GraphQLSchema, options: ProtectOptions<unknown>) {
    const {
      policy,
      identity,
      load = {},
      development = isDevelopment(),
      clock = Date.now,
      onDecision,
    } = options;
    this.#options = options;
    const models = new ModelTypes(schema, policy, options.types ?? {});
    this.#types = { models, pages: new Pages(schema, models) };
    this.#shared = { policy, types: this.#types, identity, load, development, clock, onDecision };
    const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    this.#roots = new Map(rootNames.flatMap((root, i) => (types[i] ? [[types[i].name, root]] : [])));
    this.#known = { schema, types: this.#types, named: amplifyNames(schema, policy, this.#types) };
    this.#underRules = typesUnderRules(schema, this.#types);
    for (const name of Object.keys(options.types ?? {})) {
      if (isObjectType(schema.getType(name))) continue;
      this.problems.push(`types.${name}: the schema has no such object type.`);
    }
    rootNames.forEach((root, i) => this.#checkNames(root, types[i]));
  }

  #checkNames(root: RootName, type: GraphQLObjectType | null | undefined): void {
    for (const name of Object.keys(this.#options.operations?.[root] ?? {})) {
      if (type?.getFields()[name] === undefined) {
        this.problems.push(`operations.${root}.${name}: the schema has no such field.`);
      }
    }
  }

  field(type: GraphQLObjectType, name: string, field: Field): Field {
    const root = this.#roots.get(type.name);
    if (root !== undefined) return this.#rootField(root, type, name, field);
    const { policy } = this.#shared;
    const model = this.#types.models.of(type);
    const returned = this.#returnedBy(type, name, field);
    const isUnderRules = this.#underRules.has(type.name);
    const site = this.#site(
      { type, typeName: model ?? type.name, fieldName: name, returned, isUnderRules },
      field,
    );
    const definition = type.getFields()[name];
    if (definition !== undefined)
      this.#report(type.name, name, problemsOfFieldType(policy, site.typeName, definition, returned));
    if (model === undefined) return { ...field, resolve: guardPlainField(site) };
    this.#report(type.name, name, problemsOfModelField(policy, type.name, model, name));
    if (returned?.kind === "page")
      this.#report(type.name, name, problemsBelow(getNamedType(field.type), this.#checked));
    return { ...field, resolve: guardModelField(site) };
  }

  #rootField(root: RootName, type: GraphQLObjectType, name: string, field: Field): Field {
    const definition = type.getFields()[name];
    const found = definition && this.#try(() => rootField(root, definition, this.#known, this.#options));
    if (definition === undefined || found === undefined) return field;
    if (found === "unknown") {
      this.problems.push(
        `${root}.${name}: nothing says who may use it. Name it in operations, or write it with @auth on ${root}.`,
      );
      return field;
    }
    const { use, ruled } = found;
    const returned =
      use === undefined ? returnedBy(field.type, this.#types) : answerOf(use, definition, this.#types);
    const site = this.#site(
      { type, typeName: root, fieldName: name, returned, isUnderRules: use !== undefined },
      field,
    );
    this.#report(root, name, problemsOfFieldType(this.#shared.policy, root, definition, returned));
    if (use !== undefined) {
      this.#report(root, name, problemsOfArguments(use, definition, this.#shared));
      this.#report(root, name, problemsOfAnswer(use, definition, this.#checked));
    }
    const { args } = definition;
    switch (root) {
      case "Query":
        return { ...field, resolve: guardQuery(site, found) };
      case "Mutation": {
        const key = use === undefined ? [] : keyOf(this.#shared.policy, use.model);
        return { ...field, resolve: guardMutation({ site, ruled, key, definitions: args }, use) };
      }
      case "Subscription":
        return { ...field, ...guardSubscription(site, found, field.subscribe ?? defaultFieldResolver) };
    }
  }

  /** Of several types one: a record is decided on before anything is told of it. */
  resolveType(type: AbstractType): GraphQLTypeResolver<unknown, unknown> {
    const shared = this.#shared;
    const resolve = type.resolveType ?? defaultTypeResolver;
    return (value, context, info, abstract) =>
      whenThere(resolve(value, context, info, abstract), (name) => {
        if (typeof name !== "string") return undefined;
        const model = this.#types.models.of({ name });
        if (model === undefined) return name;
        const { parentType, fieldName } = info;
        const site = { shared, typeName: parentType.name, fieldName };
        const record = isRecord(value) ? value : null;
        // As part of a list of one model it was decided on already.
        if (record !== null && placeAt(info.path)?.records.has(record) === true) return name;
        if (record !== null) mustBeRecord(site, record, model);
        const identity = shared.identity(context);
        const decision = shared.policy.decide(identity, { model, operation: "get", record });
        if (decision.allowed) return name;
        throw refused(site, { identity, context }, decision, info);
      });
  }

  #returnedBy(type: GraphQLObjectType, name: string, field: Field): Returned | undefined {
    const model = this.#types.pages.modelOf(type);
    const isEdges = this.#types.pages.roleOf(type, name) === "edges";
    return isEdges && model !== undefined ? { kind: "edges", model } : returnedBy(field.type, this.#types);
  }

  #modelsOf(field: Field): readonly string[] {
    const type = getNamedType(field.type);
    const possible = isAbstractType(type) ? this.#known.schema.getPossibleTypes(type) : [];
    return [...new Set(possible.flatMap((one) => this.#types.models.of(one) ?? []))];
  }

  get #checked(): Checked {
    return { schema: this.#known.schema, policy: this.#shared.policy, types: this.#types };
  }

  #report(type: string, field: string, problems: readonly string[]): void {
    this.problems.push(...problems.map((problem) => `${type}.${field}: ${problem}`));
  }

  #site({ type, isUnderRules, ...place }: Place, field: Field): Site {
    return {
      ...place,
      shared: this.#shared,
      models: place.returned === undefined ? this.#modelsOf(field) : [],
      role: this.#types.pages.roleOf(type, place.fieldName),
      admissions: this.#admissions(type, field, isUnderRules),
      resolve: field.resolve ?? defaultFieldResolver,
      hasResolver: field.resolve !== undefined,
    };
  }

  #admissions(
    type: GraphQLObjectType,
    field: Field,
    isUnderRules: boolean,
  ): readonly Admission[] | undefined {
    const providers: readonly Provider[] | undefined = this.#options.awsDirectives?.providers;
    return providers && this.#try(() => admissionsOf(type, field, isUnderRules, providers));
  }

  /** What is wrong is reported with everything else. */
  #try<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.problems.push(error.message);
      return undefined;
    }
  }
}
