import type { Policy } from "../policy.ts";
import type { ModelDefinition, RuleSchema } from "../types.ts";
import { diffPolicies, type MatrixDiff } from "./matrix-diff.ts";

/** A policy whose rules can be replaced while the server runs. */
export interface ReloadablePolicy {
  /** The policy for the server. It always decides by the current rules. */
  readonly policy: Policy;
  /**
   * Replaces the rules, from the next decision on.
   * @returns the rights that changed
   * @throws TypeError if models or fields differ, since routes and resolvers were built for them: restart the server. The
   *   old rules stay in force.
   */
  replace(next: Policy): MatrixDiff;
}

/**
 * Makes a policy whose rules can be replaced while the server runs. Load the record in every route, since later rules may
 * depend on it.
 * @example
 * import { readFileSync, watchFile } from "node:fs";
 * import { createPolicy, reloadablePolicy } from "@authmodes/rules";
 * import { parseSchema } from "@authmodes/rules/sdl";
 * const read = () => createPolicy(parseSchema(readFileSync("schema.graphql", "utf8")));
 * const rules = reloadablePolicy(read());
 * watchFile("schema.graphql", () => console.log(rules.replace(read()).widened));
 * export const policy = rules.policy;
 */
export function reloadablePolicy(first: Policy): ReloadablePolicy {
  let current = first;
  return {
    policy: delegateTo(() => current),
    replace(next) {
      const [name] = otherShapes(current.schema, next.schema);
      if (name !== undefined) {
        throw new TypeError(`${name} has other fields than when the server started: restart the server`);
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

/** A policy that forwards each call to the current one. */
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
