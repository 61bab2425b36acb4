import type { CorsHeaders } from "@authmodes/core";
import type { Middleware } from "./middleware.ts";

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** The headers of MCP clients. */
const ofMcp = ["mcp-protocol-version", "mcp-method", "mcp-name"];

/** Allows requests from every origin. That is safe because browsers do not add the credentials, which are headers. */
export function cors({ allow, expose }: CorsHeaders): Middleware {
  return function cors(request, response, next) {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", expose.join(", "));
    const isPreflight =
      request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
    if (!isPreflight) return next();
    response.writeHead(204, {
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": [...allow, ...ofMcp].join(", "),
      "Access-Control-Max-Age": "600",
    });
    response.end();
  };
}
