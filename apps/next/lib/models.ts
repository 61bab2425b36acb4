import { HttpError, maxBodyBytes } from "@authmodes/app-shared/answers";
import { nextView } from "@authmodes/next";
import type { NextRequest } from "next/server";
import { bookstore } from "../src/bookstore.ts";
import { allow, withAuth } from "./auth.ts";
import { noSuchRoute } from "./replies.ts";

interface OneContext {
  readonly params: Promise<{ readonly id: string }>;
}

interface AllContext {
  readonly params: Promise<unknown>;
}

/** The table of a model. */
export function recordsOf(model: string): ReturnType<typeof modelOf>["records"] {
  return modelOf(model).records;
}

function modelOf(name: string) {
  const model = bookstore().shop.models.find((model) => model.name === name);
  if (model === undefined) throw new TypeError(`there is no model ${name}`);
  return model;
}

/** Answers methods that a route does not have. */
const unused = withAuth(noSuchRoute);

/** Reads the body; undefined if it is not JSON. */
export async function jsonBody(request: NextRequest): Promise<unknown> {
  if (request.headers.get("content-type")?.includes("json") !== true) return undefined;
  const bytes = await nextView(request, bookstore().auth.publicUrl).body(maxBodyBytes);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new HttpError(400, error instanceof Error ? error.message : "The body is no JSON");
  }
}

/**
 * The routes of all records of a model. `allow` asks its rules in schema.graphql, such as
 * `type Order @auth(rules: [{ allow: owner }])`: a handler runs only if they allow the request.
 */
export function collection(model: string) {
  return {
    GET: allow("list", model, {}, async (request, _context: AllContext, { access }) => {
      const { filter, mask } = access;
      const { items, cursor } = await recordsOf(model).list(filter, request.url);
      return Response.json({ items: items.map(mask), cursor });
    }),
    POST: allow("create", model, { input: jsonBody }, async (_request, _context: AllContext, { access }) => {
      const { input, mask } = access;
      return Response.json(mask(await recordsOf(model).create(input)), { status: 201 });
    }),
    PUT: unused,
    PATCH: unused,
    DELETE: unused,
  };
}

/** The routes of one record. */
export function record(model: string) {
  const load = async (_request: NextRequest, { params }: OneContext) =>
    recordsOf(model).get((await params).id);
  return {
    GET: allow("get", model, { load }, (_request, _context, { access: { record, mask } }) =>
      Response.json(mask(record)),
    ),
    PATCH: allow("update", model, { load, input: jsonBody }, async (_request, { params }, { access }) => {
      const { input, filter, mask } = access;
      return Response.json(mask(await recordsOf(model).update((await params).id, input, filter)));
    }),
    DELETE: allow("delete", model, { load }, async (_request, { params }, { access }) => {
      await recordsOf(model).remove((await params).id, access.filter);
      return new Response(null, { status: 204 });
    }),
    PUT: unused,
    POST: unused,
  };
}
