import type { Policy } from "@authmodes/rules";
import { type GraphQLNamedType, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";

/**
 * Which types of the schema are records of a model: those that have its name, those that the option `types` maps to it,
 * and interfaces and unions of such types alone.
 */
export class ModelTypes {
  readonly #models = new Map<string, string>();

  constructor(schema: GraphQLSchema, policy: Policy, mapped: Readonly<Record<string, string>>) {
    const all = Object.values(schema.getTypeMap());
    for (const { name } of all.filter(isObjectType)) {
      const model = Object.hasOwn(mapped, name) ? mapped[name] : name;
      if (model !== undefined && Object.hasOwn(policy.schema.models, model)) this.#models.set(name, model);
    }
    for (const type of all.filter(isAbstractType)) {
      const [model, ...others] = new Set(schema.getPossibleTypes(type).map((possible) => this.of(possible)));
      if (model !== undefined && others.length === 0) this.#models.set(type.name, model);
    }
  }

  of({ name }: Pick<GraphQLNamedType, "name">): string | undefined {
    return this.#models.get(name);
  }

  /** The names of the types that are records of a model. */
  namesOf(model: string): readonly string[] {
    return [...this.#models].flatMap(([name, of]) => (of === model ? [name] : []));
  }
}
