import { must } from "@authmodes/core/options";
import type { Condition } from "../types.ts";
import { numbersOf, compile } from "./compile.ts";

/** Parameters of Query and Scan, as the document client takes them; empty if the condition matches every item. */
export interface DynamoDbFilter {
  FilterExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  /** For the low-level client: `marshall()` of @aws-sdk/util-dynamodb. */
  ExpressionAttributeValues?: Record<string, string | number>;
}

/** Operands of IN: Amazon DynamoDB Developer Guide, "Comparison operator and function reference". */
const maxOperands = 100;
/** Bytes, and operators plus functions: Developer Guide, "Quotas in Amazon DynamoDB", "Expression parameters". */
const maxExpression = 4096;
const maxOperators = 300;

/**
 * Converts a condition to DynamoDB's FilterExpression. Its placeholders begin with `#rule` and `:rule`, so that you can add
 * others. Query accepts no filter on the attributes of its key: put those into the KeyConditionExpression.
 * @throws TypeError if the expression exceeds DynamoDB's limits, which happens from about 135 values of a list
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { type Policy, toDynamoDb } from "@authmodes/rules";
 * // client.send(new ScanCommand(scanOfOrders(policy, identity)))
 * export function scanOfOrders(policy: Policy, identity: Identity) {
 *   return { TableName: "orders", ...toDynamoDb(policy.filter(identity, { model: "Order" })) };
 * }
 */
export function toDynamoDb(condition: Condition): DynamoDbFilter {
  const names = new Map<string, string>();
  const values = new Map<string | number, string>();
  const nameOf = placeholderIn(names, "#rule");
  const valueOf = placeholderIn(values, ":rule");
  const expression = compile<string>(condition, {
    name: "toDynamoDb()",
    always: () => "",
    never: () => {
      // Any name that is not part of a key.
      const name = nameOf("authmodes:never");
      return `attribute_exists(${name}) AND attribute_not_exists(${name})`;
    },
    equals(field, anyOf) {
      const name = nameOf(field);
      return either(
        chunks(withNumbers(anyOf), maxOperands).map((some) => `${name} IN (${some.map(valueOf).join(", ")})`),
      );
    },
    // contains() alone would match in texts and sets as well.
    contains(field, anyOf) {
      const name = nameOf(field);
      const isList = `attribute_type(${name}, ${valueOf("L")})`;
      return `(${isList} AND ${either(withNumbers(anyOf).map((value) => `contains(${name}, ${valueOf(value)})`))})`;
    },
    and: (all) => `(${all.join(" AND ")})`,
    or: either,
  });
  if (expression === "") return {};
  checkLimits(expression);
  return {
    FilterExpression: expression,
    ExpressionAttributeNames: byPlaceholder(names),
    ...(values.size === 0 ? {} : { ExpressionAttributeValues: byPlaceholder(values) }),
  };
}

/** An attribute may hold a whole number instead of its text. */
function withNumbers(anyOf: readonly string[]): readonly (string | number)[] {
  return [...anyOf, ...numbersOf(anyOf)];
}

/** Returns the placeholder of a value: a new one for a new value. */
function placeholderIn<Value>(known: Map<Value, string>, prefix: string): (value: Value) => string {
  return (value) => {
    const placeholder = known.get(value) ?? `${prefix}${known.size}`;
    known.set(value, placeholder);
    return placeholder;
  };
}

function byPlaceholder<Value>(known: ReadonlyMap<Value, string>): Record<string, Value> {
  return Object.fromEntries([...known].map(([value, placeholder]) => [placeholder, value]));
}

function either(any: readonly string[]): string {
  return any.length === 1 ? any.join("") : `(${any.join(" OR ")})`;
}

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return list.length <= size ? [list] : [list.slice(0, size), ...chunks(list.slice(size), size)];
}

function checkLimits(expression: string): void {
  const operators = expression.match(/ OR | AND | IN |contains\(|attribute_\w+\(/g)?.length ?? 0;
  must(
    expression.length <= maxExpression && operators <= maxOperators,
    `toDynamoDb(): DynamoDB takes expressions of ${maxExpression} bytes with ${maxOperators} operators, this has ${expression.length} with ${operators}. Ask without the filter and keep the items for which matches(condition) is true.`,
  );
}
