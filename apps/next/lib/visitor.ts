import { fetchView } from "@authmodes/core/fetch";
import type { Values } from "@authmodes/next";
import { bookstore } from "../src/bookstore.ts";
import { identity } from "./auth.ts";

/** A user who signed in on the page. */
export interface Visitor {
  readonly name: string;
  readonly isLibrarian: boolean;
}

/** Reads the signed-in user: undefined without a cookie, or if it has expired. */
export async function readVisitor(): Promise<Visitor | undefined> {
  const caller = await identity();
  if (caller === undefined) return undefined;
  const name = caller.mode === "userPool" ? caller.username : caller.sub;
  return { name, isLibrarian: caller.groups.includes("Librarians") };
}

/** What every visitor may read of a model: what the rules allow the shop's public API key. */
export async function publicAccess(model: string) {
  const { shop, auth } = bookstore();
  const request = new Request("http://127.0.0.1/books", { headers: { "x-api-key": shop.publicKey } });
  const caller = await auth.authenticate(fetchView(request));
  return {
    filter: shop.policy.filter(caller, { model }),
    mask: (record: Values) => shop.policy.mask(caller, model, record),
  };
}
