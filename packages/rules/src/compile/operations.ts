import { must } from "@authmodes/core/options";
import { unknownName } from "../check/spelling.ts";
import type { AuthRule, Operation, ReadOperation } from "../types.ts";

// A set of operations is a number with a bit for each, since decisions read the matrix.

/** The operations that `read` stands for, in Amplify's order. */
export const readOperations: readonly ReadOperation[] = ["get", "list", "search", "listen", "sync"];

export const bits: Readonly<Record<Operation, number>> = {
  create: 1,
  update: 2,
  delete: 4,
  get: 8,
  list: 16,
  search: 32,
  listen: 64,
  sync: 128,
};

export const operations: readonly Operation[] = ["create", "update", "delete", ...readOperations];

/** Any kind of reading. */
export const readBits: number = bits.get | bits.list | bits.search | bits.listen | bits.sync;
export const allBits: number = readBits | bits.create | bits.update | bits.delete;

/** The operations of a rule. */
export function bitsOfRule(rule: AuthRule): number {
  if (rule.operations === undefined) return allBits;
  let granted = 0;
  for (const operation of rule.operations) granted |= operation === "read" ? readBits : bits[operation];
  return granted;
}

/** Whether the operation creates, updates or deletes. */
export function isWrite(operation: Operation): boolean {
  return (bits[operation] & readBits) === 0;
}

export function operationsOf(granted: number): readonly Operation[] {
  return operations.filter((operation) => (granted & bits[operation]) !== 0);
}

/** @throws TypeError for an unknown operation */
export function checkOperation(operation: string): void {
  if (Object.hasOwn(bits, operation)) return;
  const choice = "Write 'get', 'list', 'search', 'listen' or 'sync'.";
  must(operation !== "read", `'read' is a word of rules, not an operation. ${choice}`);
  unknownName("operation", operation, operations);
}
