import { expect } from "vitest";
import { as, type Json } from "./running.ts";

// Queries and mutations in Amplify's shapes.

interface GraphqlError extends Json {
  readonly message: string;
  readonly errorType?: string;
  readonly path?: readonly unknown[];
}

export interface Result {
  readonly status: number;
  readonly headers: Headers;
  /** The one root field of the document. */
  readonly field: Json | null;
  readonly data: Json | null;
  readonly errors: readonly GraphqlError[];
}

export async function query(caller: string, document: string, variables?: Json): Promise<Result> {
  const { status, headers, body } = await as(caller, "POST /graphql", { query: document, variables });
  const data = (body["data"] ?? null) as Json | null;
  const [field = null] = Object.values(data ?? {}) as (Json | null)[];
  return { status, headers, field, data, errors: (body["errors"] ?? []) as GraphqlError[] };
}

/** Whether the root field was rejected. Any other error fails the test. */
export function isRefused({ status, field, errors }: Result): boolean {
  expect(status).toBe(200);
  const ofRoot = errors.filter(({ path }) => path?.length === 1);
  if (field !== null) {
    expect(ofRoot).toEqual([]);
    return false;
  }
  expect(ofRoot).toMatchObject([{ errorType: "Unauthorized" }]);
  return true;
}

export const itemsOf = (result: Result): readonly Json[] =>
  (result.field?.["items"] ?? []) as readonly Json[];

export async function withModel(
  model: string,
  input: Json,
  use: (id: string) => Promise<void>,
): Promise<void> {
  const made = await query("machine", create(model), { input });
  expect(made.errors).toEqual([]);
  const id = String(made.field?.["id"]);
  await use(id);
  await query("machine", remove(model), { input: { id } });
}

export const list = (model: string, selection = "id") =>
  `query List($filter: Model${model}FilterInput, $limit: Int, $nextToken: String) {
    list${model}s(filter: $filter, limit: $limit, nextToken: $nextToken) { items { ${selection} } nextToken } }`;
export const get = (model: string, selection = "id") =>
  `query Get($id: ID!) { get${model}(id: $id) { ${selection} } }`;
type Write = (model: string, selection?: string) => string;
const write =
  (verb: string): Write =>
  (model, selection = "id") =>
    `mutation Write($input: ${verb}${model}Input!, $condition: Model${model}ConditionInput) {
    ${verb.toLowerCase()}${model}(input: $input, condition: $condition) { ${selection} } }`;
export const create: Write = write("Create");
export const update: Write = write("Update");
export const remove: Write = write("Delete");
