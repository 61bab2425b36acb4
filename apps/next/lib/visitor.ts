import { identity } from "./auth.ts";

/** Somebody who signed in on the page. */
export interface Visitor {
  readonly name: string;
  readonly isLibrarian: boolean;
}

/** undefined where nobody did, or the cookie has expired. */
export async function readVisitor(): Promise<Visitor | undefined> {
  const caller = await identity();
  if (caller === undefined) return undefined;
  const name = caller.mode === "userPool" ? caller.username : caller.sub;
  return { name, isLibrarian: caller.groups.includes("Librarians") };
}
