import type { Condition, Values } from "../../../types.ts";
import { toDynamoDb } from "../../dynamodb.ts";
import { driver } from "../driver.ts";
import { odd, type ParityOptions, type Store } from "../parity.ts";

interface Sdk {
  DynamoDBClient: new (options: object) => {
    send(command: object): Promise<{ Items?: readonly { id: { N: string } }[] }>;
    destroy(): void;
  };
  CreateTableCommand: new (input: object) => object;
  BatchWriteItemCommand: new (input: object) => object;
  ScanCommand: new (input: object) => object;
}
interface Dynalite {
  default(options: object): {
    listen(port: number, host: string, ready: () => void): void;
    address(): { port: number };
    close(): void;
  };
}

const sdk = await driver<Sdk>("@aws-sdk/client-dynamodb");
const dynalite = await driver<Dynalite>("dynalite");

export interface DynamoDb {
  readonly store: Store;
  close(): void;
}

/** A table in dynalite, queried with the real client; undefined if they are not installed. */
export const openDynamoDb: (() => Promise<DynamoDb>) | undefined =
  sdk === undefined || dynalite === undefined ? undefined : () => open(sdk, dynalite);

async function open(sdk: Sdk, dynalite: Dynalite): Promise<DynamoDb> {
  const server = dynalite.default({ createTableMs: 0, deleteTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
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
      const gone = Array.from({ length: Math.max(0, stored - records.length) }, (_, i) => i + records.length);
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
  const close = (): void => {
    client.destroy();
    server.close();
  };
  return { store, close };
}

/** Values that items may hold instead of a text or a list. dynalite's contains() ignores empty texts in lists. */
export const oddInDynamoDb: Pick<ParityOptions, "oddTexts" | "oddLists" | "cannotHold"> = {
  oddTexts: [...odd.texts, ["a"], { a: "a" }, new Set(["a"])],
  oddLists: [...odd.lists, new Set(["a", "A"])],
  cannotHold: (text: string): boolean => text === "",
};

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
