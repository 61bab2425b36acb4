import type { Identity } from "@authmodes/core";
import { execute, GraphQLError, parse, subscribe } from "graphql";
import { describe, expect, it } from "vitest";
import { apolloFormatError, FieldRefusal } from "./index.ts";
import { alice, apiKey, bob } from "./test/callers.ts";
import { data } from "./test/shop-data.ts";
import { shop } from "./test/shop.ts";
import { askApollo, askYoga, streamYoga } from "./test/servers.ts";

const refused = `{ ok: getBook(id: "b1") { title } secret: getOrder(id: "o1") { id } }`;

/** As AppSync writes it. */
const asAmplify = {
  message: "Not Authorized to access getOrder on type Query",
  path: ["secret"],
  locations: [{ line: 1, column: 35 }],
  errorType: "Unauthorized",
  errorInfo: null,
  data: null,
};

interface Written {
  readonly data: unknown;
  readonly errors?: readonly object[];
}

async function written(identity: Identity, document: string): Promise<Written> {
  const result = await execute({ schema: shop(), document: parse(document), contextValue: { identity } });
  return JSON.parse(JSON.stringify(result)) as Written;
}

describe("errors of denied fields", () => {
  it("are written down as Amplify's clients know them", async () => {
    expect(await written(bob, refused)).toEqual({
      data: { ok: { title: "Emma" }, secret: null },
      errors: [{ ...asAmplify, extensions: { errorType: "Unauthorized", code: "FORBIDDEN" } }],
    });
  });

  it("name the fields of a write", async () => {
    const { errors } = await written(alice, `mutation { createOrder(input: { owner: "alice" }) { id } }`);
    expect(errors).toEqual([
      expect.objectContaining({ message: "Unauthorized on [owner]", errorType: "Unauthorized", data: null }),
    ]);
  });

  it("tell a missing record apart", async () => {
    const { errors } = await written(alice, `mutation { updateBook(input: { id: "b9" }) { id } }`);
    expect(errors).toEqual([expect.objectContaining({ errorType: "Unauthorized" })]);
    const missing = await written(alice, `mutation { updateOrder(input: { id: "o9" }) { id } }`);
    expect(missing.errors).toEqual([expect.objectContaining({ errorType: "NotFound" })]);
  });

  it("of subscriptions have the same format", async () => {
    const document = parse(`subscription { onCreateOrder { id } }`);
    const result = await subscribe({ schema: shop(), document, contextValue: { identity: apiKey } });
    const [error] = ("errors" in result && result.errors) || [];
    expect(error).toBeInstanceOf(FieldRefusal);
    expect(error?.toJSON()).toMatchObject({ errorType: "Unauthorized" });
  });

  it("say no more than the field", async () => {
    expect(JSON.stringify(await written(bob, refused))).not.toMatch(/owner|alice|bob|rule/);
  });
});

describe("apolloFormatError", () => {
  it("restores errorType, and leaves other errors as they are", () => {
    const formatted = { message: "m", extensions: { errorType: "Unauthorized" } };
    expect(apolloFormatError(formatted)).toEqual({
      ...formatted,
      errorType: "Unauthorized",
      errorInfo: null,
      data: null,
    });
    const other = new GraphQLError("other").toJSON();
    expect(apolloFormatError(other)).toBe(other);
  });
});

describe("servers", () => {
  const answer = {
    data: { ok: { title: "Emma" }, secret: null },
    errors: [
      expect.objectContaining({ ...asAmplify, extensions: { errorType: "Unauthorized", code: "FORBIDDEN" } }),
    ],
  };

  it("graphql-yoga with yogaErrors answers as Amplify's clients know it", async () => {
    expect(await askYoga(shop(), bob, refused)).toEqual(answer);
    expect(await askYoga(shop(), bob, `{ me }`)).toEqual({ data: { me: "s-bob" } });
  });

  it("graphql-yoga with yogaErrors sends events as Amplify's clients know them", async () => {
    const events = async function* (): AsyncGenerator<object> {
      yield { onUpdateEmployee: data.employees[0] };
    };
    const schema = shop({}, { Subscription: { onUpdateEmployee: { subscribe: () => events() } } });
    const sent = await streamYoga(schema, bob, `subscription { onUpdateEmployee { id ssn } }`);
    expect(sent).toContain(`"data":{"onUpdateEmployee":{"id":"e1","ssn":null}}`);
    expect(sent).toContain(`"errorType":"Unauthorized","errorInfo":null,"data":null`);
  });

  it("Apollo Server with apolloFormatError answers as Amplify's clients know it", async () => {
    expect(await askApollo(shop(), bob, refused)).toEqual(answer);
  });
});
