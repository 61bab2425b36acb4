import type { RequestView } from "../types.ts";
import { Decisions } from "./decisions.ts";
import { DelegatingView } from "./delegating-view.ts";
import { RequestState, viewState } from "./state.ts";

/**
 * A view of a request for one of the many handlers that run for it: the fields of a GraphQL document, the messages of a
 * WebSocket client, the components of a page. The request is verified once for all of them; but what a guard of one
 * rejects says nothing about the others, so each has decisions of its own.
 */
export function partView(whole: RequestView): RequestView {
  const { decisions } = viewState(whole);
  const state = new RequestState(whole, new Decisions({ view: whole, decisions }));
  return state.view(undefined, () => new DelegatingView(whole));
}
