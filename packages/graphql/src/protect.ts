import {
  defaultFieldResolver,
  defaultTypeResolver,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
} from "graphql";
import { guardField, guardPlainField, guardRecordField, guardType } from "./guards/field-guards.ts";
import type { GuardedField } from "./guards/resolver-call.ts";
import { guardSubscription } from "./guards/subscription.ts";
import { guardWrite } from "./guards/write.ts";
import { checkOptions, type GuardOptions, type ProtectOptions, type RootName } from "./options.ts";
import { modesOf } from "./schema/aws-directives.ts";
import { copySchema } from "./schema/copy-schema.ts";
import { isPublished, markRuled, protectedSchemas } from "./schema/marks.ts";
import { RecordTypes } from "./schema/record-types.ts";
import { RootFields } from "./schema/root-fields.ts";
import { fieldsOfType, own } from "./schema/rule-fields.ts";
import { problemsOfField } from "./schema/unguarded-answers.ts";
import { problemsOfArguments } from "./schema/unguarded-inputs.ts";
import { WriteArguments } from "./schema/write-arguments.ts";

/**
 * Returns a copy of the schema whose resolvers enforce the rules. The given schema does not change.
 *
 * Root fields are recognised by Amplify's names (`getOrder`, `listOrders`, `createOrder` …) or declared in `operations`. Any
 * other root field needs rules of its own, on Query, Mutation or Subscription in the schema of the rules. List resolvers
 * query with `filterOf(info)`.
 * @throws TypeError with everything that the rules would not cover: unknown root fields, fields and inputs that the rules
 *   do not have, updates that cannot be decided without `load`
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { authDirectiveSdl, modelDirectivesSdl, protect } from "@authmodes/graphql";
 * import { createPolicy } from "@authmodes/rules";
 * import { parseSchema } from "@authmodes/rules/sdl";
 * import { buildSchema } from "graphql";
 * const models = `type Order @model @auth(rules: [{ allow: owner }]) { id: ID! note: String owner: String }`;
 * const schema = buildSchema(`${authDirectiveSdl} ${modelDirectivesSdl} ${models}
 *   type Query { getOrder(id: ID!): Order }
 * `);
 * export const guarded = protect<{ identity: Identity }>(schema, {
 *   policy: createPolicy(parseSchema(models)),
 *   identity: (context) => context.identity,
 * });
 */
export function protect<TContext>(schema: GraphQLSchema, options: ProtectOptions<TContext>): GraphQLSchema {
  checkOptions(options);
  const copy = copySchema(schema);
  // The context is only passed on to the functions of the options.
  const problems = new Guards(copy, options as ProtectOptions<unknown>).install(copy);
  protectedSchemas.add(copy);
  if (problems.length === 0) return copy;
  throw new TypeError(["protect():", ...problems].join("\n- "));
}

type Field = GraphQLField<unknown, unknown>;

class Guards {
  readonly #options: GuardOptions;
  readonly #rootFields: RootFields;
  /** All problems are reported together. */
  readonly #problems: string[] = [];

  constructor(schema: GraphQLSchema, given: ProtectOptions<unknown>) {
    const types = new RecordTypes(schema, given.policy, given.types ?? {});
    const development = globalThis.process?.env?.["NODE_ENV"] !== "production";
    this.#options = { load: {}, development, clock: Date.now, ...given, types };
    this.#rootFields = new RootFields(schema, given, types);
    for (const name of Object.keys(given.types ?? {})) {
      if (isObjectType(schema.getType(name))) continue;
      this.#problems.push(`types.${name}: the schema has no such object type.`);
    }
  }

  /** @returns everything that the rules would not cover */
  install(schema: GraphQLSchema): readonly string[] {
    const roots: readonly (readonly [RootName, GraphQLObjectType | null | undefined])[] = [
      ["Query", schema.getQueryType()],
      ["Mutation", schema.getMutationType()],
      ["Subscription", schema.getSubscriptionType()],
    ];
    for (const [root, type] of roots) {
      for (const name of Object.keys(this.#options.operations?.[root] ?? {})) {
        if (type?.getFields()[name] !== undefined) continue;
        this.#problems.push(`operations.${root}.${name}: the schema has no such field.`);
      }
    }
    for (const type of Object.values(schema.getTypeMap())) {
      if (isIntrospectionType(type)) continue;
      if (isAbstractType(type))
        type.resolveType = guardType(this.#options, type.resolveType ?? defaultTypeResolver);
      if (!isObjectType(type)) continue;
      const [root] = roots.find(([, rootType]) => rootType === type) ?? [];
      for (const field of Object.values(type.getFields())) {
        if (root === undefined) this.#guardField(type, field);
        else this.#guardRootField(root, type, field);
      }
    }
    return this.#problems;
  }

  #guardField(type: GraphQLObjectType, field: Field): void {
    const { policy, types } = this.#options;
    const model = types.modelOf(type);
    const typeName = model ?? type.name;
    const ofPage = types.modelOfPage(type);
    const isEdges = ofPage !== undefined && types.roleOf(type, field.name) === "edges";
    const returned = isEdges ? { kind: "edges" as const, model: ofPage } : types.returnedBy(field.type);
    const ruled = model === undefined && own(fieldsOfType(policy, typeName), field.name) !== undefined;
    const guarded = this.#guarded({ typeName, returned, ruled }, type, field, types.isUnderRules(type));
    this.#report(type.name, field, problemsOfField(guarded, type, field));
    field.resolve = model === undefined ? guardPlainField(guarded) : guardRecordField(guarded);
  }

  #guardRootField(root: RootName, type: GraphQLObjectType, field: Field): void {
    const found = this.#try(() => this.#rootFields.get(root, field));
    if (found === undefined) return;
    const { use, ruled } = found;
    const { policy, types } = this.#options;
    const returned = use === undefined ? types.returnedBy(field.type) : types.returnedByRoot(use, field);
    const guarded = this.#guarded({ typeName: root, returned, ruled }, type, field, use !== undefined);
    this.#report(root, field, problemsOfField(guarded, type, field, use));
    if (root === "Subscription") {
      const subscribe = field.subscribe ?? defaultFieldResolver;
      Object.assign(field, guardSubscription(guarded, use, subscribe, isPublished(field)));
      markRuled(field);
    } else if (root === "Mutation" && use !== undefined) {
      const written = new WriteArguments(policy, use, field.args);
      this.#report(root, field, problemsOfArguments(written, this.#options));
      field.resolve = guardWrite(guarded, written);
    } else {
      field.resolve = guardField(guarded, use);
    }
  }

  #guarded(
    known: Required<Pick<GuardedField, "typeName" | "ruled" | "returned">>,
    type: GraphQLObjectType,
    field: Field,
    isUnderRules: boolean,
  ): Required<GuardedField> {
    const { awsDirectives, types } = this.#options;
    const answered = known.returned === undefined ? types.concrete(getNamedType(field.type)) : [];
    return {
      ...known,
      options: this.#options,
      fieldName: field.name,
      models: [...new Set(answered.flatMap((one) => types.modelOf(one) ?? []))],
      role: types.roleOf(type, field.name),
      modes: awsDirectives && this.#try(() => modesOf(type, field, isUnderRules, awsDirectives.providers)),
      resolve: field.resolve ?? defaultFieldResolver,
      hasResolver: field.resolve !== undefined,
    };
  }

  #report(type: string, { name }: Field, problems: readonly string[]): void {
    this.#problems.push(...problems.map((problem) => `${type}.${name}: ${problem}`));
  }

  /** Reports a TypeError with the other problems. */
  #try<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#problems.push(error.message);
      return undefined;
    }
  }
}
