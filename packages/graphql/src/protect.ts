import type { Provider } from "@authmodes/rules";
import {
  defaultFieldResolver,
  defaultTypeResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
} from "graphql";
import { type Admission, admissionsOf } from "./aws-directives.ts";
import { keyOf, problemsOfModelField, problemsOfRootField } from "./check.ts";
import { guardModelField, guardMutation, guardPlainField, guardQuery, guardSubscription } from "./guards.ts";
import {
  checkOptions,
  isDevelopment,
  type ModelField,
  type ProtectOptions,
  type RootName,
} from "./options.ts";
import { type AbstractType, type Field, rebuild } from "./rebuild.ts";
import { isRecord } from "./records.ts";
import { returnedBy } from "./returned.ts";
import { amplifyNames, rootField, rootNames } from "./root-fields.ts";
import { refused, type Shared, type Site, whenThere } from "./site.ts";
import { typesUnderRules } from "./under-rules.ts";

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

class Guards {
  /** All of them are reported at once. */
  readonly problems: string[] = [];
  readonly #options: ProtectOptions<unknown>;
  readonly #shared: Shared;
  readonly #roots: ReadonlyMap<string, RootName>;
  readonly #amplify: ReadonlyMap<string, readonly ModelField[]>;
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
    this.#shared = { policy, identity, load, development, clock, onDecision };
    const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    this.#roots = new Map(rootNames.flatMap((root, i) => (types[i] ? [[types[i].name, root]] : [])));
    this.#amplify = amplifyNames(schema, policy);
    this.#underRules = typesUnderRules(schema, policy);
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
    const site = this.#site(type, type.name, name, field, this.#underRules.has(type.name));
    const definitions = type.getFields()[name]?.args ?? [];
    if (!Object.hasOwn(policy.schema.models, type.name)) {
      return { ...field, resolve: guardPlainField(site, definitions) };
    }
    this.problems.push(...problemsOfModelField(policy, type.name, name));
    return { ...field, resolve: guardModelField(site, definitions) };
  }

  #rootField(root: RootName, type: GraphQLObjectType, name: string, field: Field): Field {
    const definition = type.getFields()[name];
    const found = definition && this.#try(() => rootField(root, definition, this.#amplify, this.#options));
    if (definition === undefined || found === undefined) return field;
    if (found === "unknown") {
      this.problems.push(
        `${root}.${name}: nothing says who may use it. Name it in operations, or write it with @auth on ${root}.`,
      );
      return field;
    }
    const { use, ruled } = found;
    const site = this.#site(type, root, name, field, use !== undefined);
    if (use !== undefined) {
      const problems = problemsOfRootField(use, definition, this.#shared);
      this.problems.push(...problems.map((problem) => `${root}.${name}: ${problem}`));
    }
    const { args } = definition;
    switch (root) {
      case "Query":
        return { ...field, resolve: guardQuery(site, args, found) };
      case "Mutation": {
        const key = use === undefined ? [] : keyOf(this.#shared.policy, use.model);
        return { ...field, resolve: guardMutation({ site, ruled, key, definitions: args }, use) };
      }
      case "Subscription":
        return { ...field, ...guardSubscription(site, args, found, field.subscribe ?? defaultFieldResolver) };
    }
  }

  /** Where one of several types may stand: a record is decided on before anything is told of it. */
  resolveType(type: AbstractType): GraphQLTypeResolver<unknown, unknown> {
    const shared = this.#shared;
    const { policy } = shared;
    const resolve = type.resolveType ?? defaultTypeResolver;
    return (value, context, info, abstract) =>
      whenThere(resolve(value, context, info, abstract), (name) => {
        if (typeof name !== "string") return undefined;
        if (!Object.hasOwn(policy.schema.models, name)) return name;
        const record = isRecord(value) ? value : null;
        const identity = shared.identity(context);
        const decision = policy.decide(identity, { model: name, operation: "get", record });
        if (decision.allowed) return name;
        const { parentType, fieldName } = info;
        throw refused(
          { shared, typeName: parentType.name, fieldName },
          { identity, context },
          decision,
          info,
        );
      });
  }

  #site(
    type: GraphQLObjectType,
    typeName: string,
    fieldName: string,
    field: Field,
    isUnderRules: boolean,
  ): Site {
    return {
      shared: this.#shared,
      typeName,
      fieldName,
      returned: returnedBy(field.type, this.#shared.policy),
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
