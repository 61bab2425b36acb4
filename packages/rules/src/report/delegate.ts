import type { Policy } from "../policy.ts";

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
