import type { RequestView } from "../types.ts";
import { Decisions } from "./decisions.ts";
import { RequestState, viewState } from "./state.ts";

/** Shows what another view shows, except for what a subclass overrides. */
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
 * A view of a request for one of the many handlers that run for it: the fields of a GraphQL document, the messages of a
 * WebSocket client, the components of a page. The request is verified once for all of them; but what a guard of one
 * rejects says nothing about the others, so each has decisions of its own.
 */
export function partView(whole: RequestView): RequestView {
  const { decisions } = viewState(whole);
  const state = new RequestState(whole, new Decisions({ view: whole, decisions }));
  return state.view(undefined, () => new DelegatingView(whole));
}
