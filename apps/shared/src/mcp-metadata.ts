import { type Auth, type ErrorFormat, type ProtectedResource, protectedResource } from "@authmodes/core";

/** The document by which MCP clients find the issuers. With AppSync's format there is none: `resource` rejects it. */
export function mcpMetadata(auth: Auth, format: ErrorFormat): Pick<ProtectedResource, "handler" | "node"> {
  if (format !== "appsync") return protectedResource(auth);
  return {
    node: (_request, _response, next) => next?.(),
    handler: () => new Response(null, { status: 404 }),
  };
}
