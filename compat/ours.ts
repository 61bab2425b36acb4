import { createPolicy, type Operation, PolicyError, type Provider } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { type Answer, type Cells, cellKey } from "./answer.ts";

const operations: readonly Operation[] = [
  "create",
  "update",
  "delete",
  "get",
  "list",
  "sync",
  "listen",
  "search",
];

export function askOurs(sdl: string, providers: readonly Provider[]): Answer {
  try {
    return { cells: cellsOf(createPolicy(parseSchema(sdl), { providers })) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { refused: error.errors };
  }
}

function cellsOf(policy: ReturnType<typeof createPolicy>): Cells {
  const cells = new Map<string, boolean>();
  for (const { model, role, field, operations: granted } of policy.matrix()) {
    for (const operation of operations) {
      cells.set(cellKey(model, role, field, operation), granted.includes(operation));
    }
  }
  return cells;
}
