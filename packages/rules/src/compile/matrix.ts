import type { Model } from "./model.ts";
import { operationsOf } from "./operations.ts";
import type { MatrixRow } from "../types.ts";

/** Role × field, the roles in the order in which the rules name them; also where nothing is granted. */
export function matrixOf(model: Model): readonly MatrixRow[] {
  return model.grants.flatMap(({ role, byField }) =>
    [...byField].map(([field, granted]) => ({
      model: model.name,
      role: role.name,
      field,
      operations: operationsOf(granted),
    })),
  );
}
