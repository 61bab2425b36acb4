import { protectedResource } from "@authmodes/next";
import { noSuchRoute } from "../../../../lib/replies.ts";
import { bookstore } from "../../../../src/bookstore.ts";

/** Tells MCP clients how to sign in. They do not understand the format of AppSync. */
function metadata(request: Request): Response {
  const { auth, shop } = bookstore();
  return shop.errorFormat === "appsync" ? noSuchRoute() : protectedResource(auth).handler(request);
}

export { metadata as GET, metadata as OPTIONS };
