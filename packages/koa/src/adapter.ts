import { type NodeRequest, nodeView } from "@authmodes/core";
import { Adapter } from "@authmodes/core/adapter";
import type { ExtendableContext } from "koa";

export const adapter: Adapter<NodeRequest> = new Adapter(nodeView);

/** Mounted apps see a part of the path; the client signed the whole. */
export function requestOf({ req, originalUrl }: ExtendableContext): NodeRequest {
  const request: NodeRequest = req;
  request.originalUrl ??= originalUrl;
  return request;
}
