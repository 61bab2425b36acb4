import type { RequestView } from "../types.ts";
import { Decisions, RequestState, viewState } from "./state.ts";

/**
 * A view that delegates to another one, for subclasses that override a part of it.
 * @example
 * import { DelegatingView } from "@authmodes/core/adapter";
 *
 * export class PostView extends DelegatingView {
 *   override get method(): string {
 *     return "POST";
 *   }
 * }
 */
export class DelegatingView implements RequestView {
  readonly #view: RequestView;

  constructor(view: RequestView) {
    this.#view = view;
  }

  get method(): string {
    return this.#view.method;
  }

  get target(): string {
    return this.#view.target;
  }

  get host(): string | undefined {
    return this.#view.host;
  }

  get rawHeaders(): readonly string[] {
    return this.#view.rawHeaders;
  }

  get exact(): boolean {
    return this.#view.exact;
  }

  header(lowerName: string): string | undefined {
    return this.#view.header(lowerName);
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return this.#view.body(maxBytes);
  }
}

/**
 * Returns a view for one of the many handlers of a request: the fields of a GraphQL document, the messages of a WebSocket
 * client, the components of a page. The request is verified once for all of them, but each has decisions of its own: a
 * rejection of one does not close the others.
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 * import { partView } from "@authmodes/core/adapter";
 *
 * export async function handleMessage(auth: Auth, upgrade: NodeRequest): Promise<string | null> {
 *   return (await auth.authenticate(partView(nodeView(upgrade, auth.publicUrl)))).id;
 * }
 */
export function partView(whole: RequestView): RequestView {
  const { decisions } = viewState(whole);
  const state = new RequestState(whole, new Decisions({ view: whole, decisions }));
  return state.view(undefined, () => new DelegatingView(whole));
}
