import type { Policy } from "../policy.ts";
import type { ModelDefinition, RuleSchema } from "../types.ts";
import { diffPolicies, type MatrixDiff } from "./matrix-diff.ts";

/** Rules that change while a server runs. */
export interface ReloadablePolicy {
  /** What the server is given: always the newest rules. */
  readonly policy: Policy;
  /**
   * From the next decision on these rules hold.
   * @returns what changed
   * @throws TypeError where models or fields are others: routes and resolvers were built for those that there were, so
   *   that the server has to start again. The rules stay as they are.
   */
  replace(next: Policy): MatrixDiff;
}

/**
 * For development, and for a server whose rules are edited while it runs: give `policy` to `createAuth` and load every
 * record that rules may look at, since rules that come later may depend on it.
 */
export function reloadablePolicy(first: Policy): ReloadablePolicy {
  let current = first;
  return {
    policy: delegateTo(() => current),
    replace(next) {
      const [name] = otherShapes(current.schema, next.schema);
      if (name !== undefined) {
        throw new TypeError(
          `${name} is not as it was when the server started, which was built for its fields: start it again`,
        );
      }
      const diff = diffPolicies(current, next);
      current = next;
      return diff;
    },
  };
}

/** Models and types whose fields are not the same. */
function otherShapes(before: RuleSchema, after: RuleSchema): readonly string[] {
  const had = shapes(before);
  const has = shapes(after);
  const names = [...new Set([...had.keys(), ...has.keys()])];
  return names.filter((name) => had.get(name) !== has.get(name));
}

function shapes({ models, types = {} }: RuleSchema): ReadonlyMap<string, string> {
  return new Map(
    Object.entries<ModelDefinition>({ ...types, ...models }).map(([name, { fields, key, indexes }]) => {
      const columns = Object.entries(fields).map(([field, { type, primaryKey, relation }]) =>
        JSON.stringify([field, type, primaryKey, relation]),
      );
      return [name, JSON.stringify([columns.toSorted(), key, indexes])];
    }),
  );
}

/** A policy that is another one at each moment. */
export function delegateTo(current: () => Policy): Policy {
  return {
    get schema() {
      return current().schema;
    },
    get options() {
      return current().options;
    },
    get providers() {
      return current().providers;
    },
    get warnings() {
      return current().warnings;
    },
    decide: (...args) => current().decide(...args),
    list: (...args) => current().list(...args),
    filter: (...args) => current().filter(...args),
    mask: (...args) => current().mask(...args),
    maskWritten: (...args) => current().maskWritten(...args),
    nullFieldsAfterWrite: (...args) => current().nullFieldsAfterWrite(...args),
    displayed: (...args) => current().displayed(...args),
    readableFields: (...args) => current().readableFields(...args),
    checkFilterFields: (...args) => current().checkFilterFields(...args),
    decideField: (...args) => current().decideField(...args),
    fields: (...args) => current().fields(...args),
    needsRecord: (...args) => current().needsRecord(...args),
    matrix: (...args) => current().matrix(...args),
  };
}
