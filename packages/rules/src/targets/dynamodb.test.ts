import { describe, expect, it } from "vitest";
import type { Condition, Values } from "../types.ts";
import { toDynamoDb } from "./dynamodb.ts";
import { driver } from "./test/driver.ts";
import { checkParity, odd, type Store } from "./test/parity.ts";

const owner = { kind: "equals", field: "owner", anyOf: ["a", "b"] } as const;
const groups = { kind: "contains", field: "groups", anyOf: ["a", "c"] } as const;

function many(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `group ${i}`);
}

describe("toDynamoDb", () => {
  it("asks for nothing where everything is allowed", () => {
    expect(toDynamoDb({ kind: "always" })).toEqual({});
  });

  it("asks for what cannot be where nothing is allowed, without a key", () => {
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

interface Sdk {
  DynamoDBClient: new (options: object) => {
    send(command: object): Promise<{ Items?: readonly { id: { N: string } }[] }>;
    destroy(): void;
  };
  CreateTableCommand: new (input: object) => object;
  DeleteTableCommand: new (input: object) => object;
  BatchWriteItemCommand: new (input: object) => object;
  ScanCommand: new (input: object) => object;
}
interface Dynalite {
  default(options: object): {
    listen(port: number, ready: () => void): void;
    address(): { port: number };
    close(): void;
  };
}

const sdk = await driver<Sdk>("@aws-sdk/client-dynamodb");
const dynalite = await driver<Dynalite>("dynalite");
const isInstalled = sdk !== undefined && dynalite !== undefined;

describe.skipIf(!isInstalled)(
  "parity with DynamoDB, where dynalite and @aws-sdk/client-dynamodb are installed",
  () => {
    it("finds what the predicate allows", async () => {
      if (sdk === undefined || dynalite === undefined) return;
      const server = dynalite.default({ createTableMs: 0, deleteTableMs: 0 });
      await new Promise<void>((resolve) => server.listen(0, resolve));
      const client = new sdk.DynamoDBClient({
        endpoint: `http://127.0.0.1:${server.address().port}`,
        region: "us-east-1",
        credentials: { accessKeyId: "none", secretAccessKey: "none" },
      });
      await client.send(
        new sdk.CreateTableCommand({
          TableName: "records",
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        }),
      );
      let stored = 0;
      const write = async (requests: readonly object[]): Promise<void> => {
        for (let i = 0; i < requests.length; i += 25) {
          const RequestItems = { records: requests.slice(i, i + 25) };
          await client.send(new sdk.BatchWriteItemCommand({ RequestItems }));
        }
      };
      const store: Store = {
        fill: async (records) => {
          const gone = Array.from(
            { length: Math.max(0, stored - records.length) },
            (_, i) => i + records.length,
          );
          await write([
            ...records.map((record) => ({ PutRequest: { Item: attributes(record) } })),
            ...gone.map((id) => ({ DeleteRequest: { Key: { id: { N: String(id) } } } })),
          ]);
          stored = records.length;
        },
        find: async (condition: Condition) => {
          const { ExpressionAttributeValues: values, ...filter } = toDynamoDb(condition);
          const marshalled = values === undefined ? {} : { ExpressionAttributeValues: attributes(values) };
          const { Items = [] } = await client.send(
            new sdk.ScanCommand({ TableName: "records", ...filter, ...marshalled }),
          );
          return Items.map(({ id }) => Number(id.N));
        },
      };
      try {
        await expect(
          checkParity(store, {
            oddTexts: [...odd.texts, ["a"], { a: "a" }, new Set(["a"])],
            oddLists: [...odd.lists, new Set(["a", "A"])],
            // Nine comparisons, the most that a condition of the test has, fit into an expression.
            mostValues: 12,
            // dynalite's contains() passes over empty texts in lists.
            cannotHold: (text) => text === "",
          }),
        ).resolves.toBeUndefined();
      } finally {
        client.destroy();
        server.close();
      }
    }, 120_000);
  },
);

function attributes(values: Values): Record<string, object> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, attribute(value)]),
  );
}

function attribute(value: unknown): object {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (value instanceof Set) return { SS: [...value] };
  return value === null ? { NULL: true } : { M: attributes(value as Values) };
}
