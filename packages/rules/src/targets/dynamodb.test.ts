import { describe, expect, it } from "vitest";
import { toDynamoDb } from "./dynamodb.ts";
import { checkParity } from "./test/parity.ts";
import { oddInDynamoDb, openDynamoDb } from "./test/stores/dynamodb.ts";

const owner = { kind: "equals", field: "owner", anyOf: ["a", "b"] } as const;
const groups = { kind: "contains", field: "groups", anyOf: ["a", "c"] } as const;

function many(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `group ${i}`);
}

describe("toDynamoDb", () => {
  it("has no filter if everything is allowed", () => {
    expect(toDynamoDb({ kind: "always" })).toEqual({});
  });

  it("has a filter that matches nothing, without a key, if nothing is allowed", () => {
    expect(toDynamoDb({ kind: "never" })).toEqual({
      FilterExpression: "attribute_exists(#rule0) AND attribute_not_exists(#rule0)",
      ExpressionAttributeNames: { "#rule0": "authmodes:never" },
    });
  });

  it("puts names and values into placeholders, each once", () => {
    expect(toDynamoDb({ kind: "or", any: [owner, groups] })).toEqual({
      FilterExpression:
        "(#rule0 IN (:rule0, :rule1) OR (attribute_type(#rule1, :rule2) AND (contains(#rule1, :rule0) OR contains(#rule1, :rule3))))",
      ExpressionAttributeNames: { "#rule0": "owner", "#rule1": "groups" },
      ExpressionAttributeValues: { ":rule0": "a", ":rule1": "b", ":rule2": "L", ":rule3": "c" },
    });
  });

  it("splits what IN cannot take at once", () => {
    const { FilterExpression = "" } = toDynamoDb({ ...owner, anyOf: many(201) });
    const operands = [...FilterExpression.matchAll(/IN \((.*?)\)/g)].map(
      ([, list]) => list?.split(",").length,
    );
    expect(operands).toEqual([100, 100, 1]);
  });

  it("takes a hundred groups, and says what to do with more than fit", () => {
    expect(toDynamoDb({ ...groups, anyOf: many(100) }).FilterExpression).toMatch(/:rule100\)/);
    expect(() => toDynamoDb({ ...groups, anyOf: many(160) })).toThrow(
      /takes expressions of 4096 bytes.*matches\(condition\)/,
    );
  });
});

describe.skipIf(openDynamoDb === undefined)(
  "parity with DynamoDB, where dynalite and @aws-sdk/client-dynamodb are installed",
  () => {
    it("finds what the predicate allows", async () => {
      if (openDynamoDb === undefined) return;
      const { store, close } = await openDynamoDb();
      try {
        // Nine comparisons, the most that a condition of the test has, fit into an expression.
        const options = { ...oddInDynamoDb, mostValues: 12 };
        await expect(checkParity(store, options)).resolves.toBeUndefined();
      } finally {
        close();
      }
    }, 120_000);
  },
);
