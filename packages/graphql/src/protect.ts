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
import { guardListen, guardOtherStream } from "./guards/subscription.ts";
import { guardWrite } from "./guards/write.ts";
import {
  checkOptions,
  type GuardOptions,
  isDevelopment,
  type ProtectOptions,
  type RootName,
} from "./options.ts";
import { modesOf } from "./schema/aws-directives.ts";
import { copySchema } from "./schema/copy-schema.ts";
import { RecordTypes, type ReturnedRecords } from "./schema/record-types.ts";
import { RootFields } from "./schema/root-fields.ts";
import { fieldsOfType, own } from "./schema/rule-fields.ts";
import {
  problemsOfAnswer,
  problemsOfFieldType,
  problemsOfRecordField,
  problemsWithin,
  returnedByRoot,
} from "./schema/unguarded-answers.ts";
import { problemsOfArguments } from "./schema/unguarded-inputs.ts";
import { WriteArguments } from "./schema/write-arguments.ts";

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
  const copy = copySchema(schema);
  // The context is passed as it comes; only the caller's own functions look into it.
  const problems = new Guards(copy, options as ProtectOptions<unknown>).install();
  if (problems.length === 0) return copy;
  throw new TypeError(["protect():", ...problems].join("\n- "));
}

type Field = GraphQLField<unknown, unknown>;

class Guards {
  readonly #schema: GraphQLSchema;
  readonly #given: ProtectOptions<unknown>;
  readonly #types: RecordTypes;
  readonly #options: GuardOptions;
  readonly #rootFields: RootFields;
  readonly #underRules: ReadonlySet<string>;
  /** All of them are reported together. */
  readonly #problems: string[] = [];

  constructor(schema: GraphQLSchema, given: ProtectOptions<unknown>) {
    this.#schema = schema;
    this.#given = given;
    this.#types = new RecordTypes(schema, given.policy, given.types ?? {});
    const defaults = { load: {}, development: isDevelopment(), clock: Date.now };
    this.#options = { ...defaults, ...given, types: this.#types };
    this.#rootFields = new RootFields(schema, given, this.#types);
    this.#underRules = this.#types.underRules();
  }

  /** @returns everything that would be left without a guard */
  install(): readonly string[] {
    const roots: readonly (readonly [RootName, GraphQLObjectType | null | undefined])[] = [
      ["Query", this.#schema.getQueryType()],
      ["Mutation", this.#schema.getMutationType()],
      ["Subscription", this.#schema.getSubscriptionType()],
    ];
    for (const name of Object.keys(this.#given.types ?? {})) {
      if (isObjectType(this.#schema.getType(name))) continue;
      this.#problems.push(`types.${name}: the schema has no such object type.`);
    }
    for (const [root, type] of roots) {
      for (const name of Object.keys(this.#given.operations?.[root] ?? {})) {
        if (type?.getFields()[name] !== undefined) continue;
        this.#problems.push(`operations.${root}.${name}: the schema has no such field.`);
      }
    }
    for (const type of Object.values(this.#schema.getTypeMap())) {
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
    const { policy } = this.#options;
    const model = this.#types.modelOf(type);
    const typeName = model ?? type.name;
    const returned = this.#returnedBy(type, field);
    const ruled = model === undefined && own(fieldsOfType(policy, typeName), field.name) !== undefined;
    const isUnderRules = this.#underRules.has(type.name);
    const guarded = this.#guarded({ typeName, returned, ruled }, type, field, isUnderRules);
    this.#report(type.name, field, problemsOfFieldType(policy, typeName, field, returned));
    if (model === undefined) {
      field.resolve = guardPlainField(guarded);
      return;
    }
    this.#report(type.name, field, problemsOfRecordField(policy, type.name, model, field.name));
    if (returned?.kind === "page")
      this.#report(type.name, field, problemsWithin(getNamedType(field.type), this.#options));
    field.resolve = guardRecordField(guarded);
  }

  #guardRootField(root: RootName, type: GraphQLObjectType, field: Field): void {
    const found = this.#try(() => this.#rootFields.get(root, field));
    if (found === undefined) return;
    const { use, ruled } = found;
    const { policy } = this.#options;
    const returned =
      use === undefined ? this.#types.returnedBy(field.type) : returnedByRoot(use, field, this.#types);
    const guarded = this.#guarded({ typeName: root, returned, ruled }, type, field, use !== undefined);
    this.#report(root, field, problemsOfFieldType(policy, root, field, returned));
    if (use !== undefined) this.#report(root, field, problemsOfAnswer(use, field, this.#options));
    const subscribe = field.subscribe ?? defaultFieldResolver;
    if (root === "Subscription") {
      if (use !== undefined && own(policy.schema.models, use.model)?.subscriptions === "off")
        this.#report(root, field, [`the subscriptions of ${use.model} are off.`]);
      const stream =
        use === undefined ? guardOtherStream(guarded, subscribe) : guardListen(guarded, use, subscribe);
      Object.assign(field, stream);
    } else if (root === "Mutation" && use !== undefined) {
      const written = new WriteArguments(policy, use, field.args);
      this.#report(root, field, problemsOfArguments(written, this.#options));
      field.resolve = guardWrite(guarded, written);
    } else {
      field.resolve = guardField(guarded, use);
    }
  }

  #returnedBy(type: GraphQLObjectType, field: Field): ReturnedRecords | undefined {
    const model = this.#types.modelOfPage(type);
    const isEdges = this.#types.roleOf(type, field.name) === "edges";
    return isEdges && model !== undefined ? { kind: "edges", model } : this.#types.returnedBy(field.type);
  }

  #guarded(
    known: Pick<GuardedField, "typeName" | "ruled" | "returned">,
    type: GraphQLObjectType,
    field: Field,
    isUnderRules: boolean,
  ): GuardedField {
    const { awsDirectives } = this.#given;
    const answered = known.returned === undefined ? this.#types.concrete(getNamedType(field.type)) : [];
    return {
      ...known,
      options: this.#options,
      fieldName: field.name,
      models: [...new Set(answered.flatMap((one) => this.#types.modelOf(one) ?? []))],
      role: this.#types.roleOf(type, field.name),
      modes: awsDirectives && this.#try(() => modesOf(type, field, isUnderRules, awsDirectives.providers)),
      resolve: field.resolve ?? defaultFieldResolver,
      hasResolver: field.resolve !== undefined,
    };
  }

  #report(type: string, { name }: Field, problems: readonly string[]): void {
    this.#problems.push(...problems.map((problem) => `${type}.${name}: ${problem}`));
  }

  /** What is wrong is reported with everything else. */
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
