import { generateStatements } from "@aws-amplify/graphql-generator";
import { generateClient } from "aws-amplify/api";
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from "graphql";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { configureAmplify, type Session } from "./support/amplify.ts";

// Documents as Amplify's code generator writes them from the schema that the bookstore serves, run by Amplify's client.

const { url, region, credentials } = inject("bookstore");
const { alice, guest, libby, otto, lambda } = credentials;
const endpoint = `${url}/graphql`;

type Mode = "apiKey" | "iam" | "userPool" | "oidc" | "lambda";
type Documents = ReadonlyMap<string, string>;
type Fields = Readonly<Record<string, unknown>>;

interface Caller {
  readonly mode: Mode;
  readonly session: Session;
  readonly authToken?: string;
}

const callers = {
  "API key": { mode: "apiKey", session: {} },
  guest: { mode: "iam", session: { credentials: guest } },
  "alice, signing": { mode: "iam", session: { credentials: alice.aws } },
  alice: { mode: "userPool", session: { accessToken: alice.accessToken } },
  libby: { mode: "userPool", session: { accessToken: libby.accessToken } },
  otto: { mode: "oidc", session: { accessToken: otto.accessToken } },
  lambda: { mode: "lambda", session: {}, authToken: lambda.token },
} as const satisfies Readonly<Record<string, Caller>>;
type Name = keyof typeof callers;

let documents: Documents;

beforeAll(async () => {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: libby.accessToken },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
  });
  const { data } = (await response.json()) as { data: IntrospectionQuery };
  const schema = printSchema(buildClientSchema(data));
  documents = byName(generateStatements({ schema, target: "graphql" }));
});

/** The generator's files hold a document for each operation. */
function byName(files: Readonly<Record<string, string>>): Documents {
  const found = Object.values(files).flatMap((text) =>
    text.split(/^(?=(?:query|mutation) )/m).filter((part) => /^(?:query|mutation) /.test(part)),
  );
  return new Map(found.map((text) => [/\w+(?=\s*\()/.exec(text.slice(text.indexOf("{")))?.[0] ?? "", text]));
}

interface Answer {
  readonly field: Fields | null;
  readonly errors: readonly { readonly errorType?: string; readonly message: string }[];
}

/** Amplify throws answers that have errors, with what could be answered. */
async function run(caller: Name, name: string, variables: Fields = {}): Promise<Answer> {
  const { mode, session, authToken }: Caller = callers[caller];
  configureAmplify({ graphql: endpoint, rest: url, region, apiKey: credentials.apiKey }, session);
  const query = documents.get(name);
  if (query === undefined)
    throw new TypeError(`the generator wrote no ${name}: ${[...documents.keys()].join()}`);
  const asked = generateClient().graphql({
    query,
    variables,
    authMode: mode,
    ...(authToken !== undefined && { authToken }),
  });
  const { data, errors = [] } = (await Promise.resolve(asked).catch((thrown: unknown) => thrown)) as {
    data: Record<string, Fields | null>;
    errors?: Answer["errors"];
  };
  return { field: data[name] ?? null, errors };
}

const items = ({ field }: Answer) => (field?.["items"] ?? []) as readonly Fields[];
const refused = { field: null, errors: [{ errorType: "Unauthorized" }] };

describe("documents of Amplify's code generator, run by Amplify JS", () => {
  it("are there for every operation of every model", () => {
    for (const model of ["Book", "Order", "Review", "Club", "Employee", "Report"]) {
      for (const name of [
        `get${model}`,
        `list${model}s`,
        `create${model}`,
        `update${model}`,
        `delete${model}`,
      ])
        expect(documents.get(name), name).toBeDefined();
    }
  });

  it.each<[Name, boolean]>([
    ["API key", false],
    ["guest", false],
    ["alice, signing", false],
    ["alice", false],
    ["otto", false],
    ["libby", true],
  ])("list and get books for %s, with what they cost the shop: %s", async (caller, seesCost) => {
    const book = await run(caller, "getBook", { id: "101" });
    expect(book.field).toMatchObject({ title: "Pride and Prejudice", __typename: "Book" });
    expect(book.field?.["costPrice"]).toEqual(seesCost ? expect.any(Number) : null);
    expect(book.errors).toMatchObject(
      seesCost
        ? []
        : [{ errorType: "Unauthorized", message: "Not Authorized to access costPrice on type Book" }],
    );
    const filter = { author: { eq: "Jane Austen" } };
    const books = await run(caller, "listBooks", { filter, limit: 2 });
    expect(items(books)).toHaveLength(2);
    const next = await run(caller, "listBooks", {
      filter,
      limit: 100,
      nextToken: books.field?.["nextToken"],
    });
    expect(items(next).every(({ author }) => author === "Jane Austen")).toBe(true);
  });

  it.each<Name>(["alice", "otto"])("create, change and delete orders of %s", async (caller) => {
    const created = await run(caller, "createOrder", { input: { bookId: "101", quantity: 1 } });
    expect(created).toMatchObject({ field: { owner: caller, quantity: 1 }, errors: [] });
    const id = created.field?.["id"];
    const changed = await run(caller, "updateOrder", {
      input: { id, quantity: 2 },
      condition: { quantity: { eq: 1 } },
    });
    expect(changed).toMatchObject({ field: { quantity: 2 }, errors: [] });
    expect(
      await run(caller, "updateOrder", { input: { id, quantity: 3 }, condition: { quantity: { eq: 1 } } }),
    ).toMatchObject({ field: null, errors: [{ errorType: "DynamoDB:ConditionalCheckFailedException" }] });
    expect(await run("libby", "getOrder", { id })).toMatchObject({ field: { owner: caller } });
    expect(await run("libby", "deleteOrder", { input: { id } })).toMatchObject(refused);
    expect(await run(caller, "deleteOrder", { input: { id } })).toMatchObject({ field: { id }, errors: [] });
  });

  it("show the authorizer's callers reports without the profit", async () => {
    const { field, errors } = await run("lambda", "getReport", { id: "101" });
    expect(field).toMatchObject({ revenue: expect.any(Number) as number, profit: null });
    expect(errors).toMatchObject([{ errorType: "Unauthorized" }]);
  });

  it.each<[Name, string, Fields]>([
    ["API key", "listOrders", {}],
    ["guest", "createReview", { input: { bookId: "101", stars: 5 } }],
    ["alice, signing", "getOrder", { id: "101" }],
    ["alice", "getOrder", { id: "104" }],
    ["alice", "deleteBook", { input: { id: "101" } }],
    ["alice", "listReports", {}],
    ["otto", "listEmployees", {}],
    ["libby", "getReport", { id: "101" }],
    ["lambda", "listBooks", {}],
  ])("are refused for %s running %s", async (caller, name, variables) => {
    expect(await run(caller, name, variables)).toMatchObject(refused);
  });
});
