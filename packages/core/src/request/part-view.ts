import type { RequestView } from "../types.ts";

// Many handlers may run for one request: the fields of a GraphQL document, the messages of a WebSocket client, the
// components of a page. The request is verified once for all of them; but what a guard of one rejects says nothing about
// the others, so each has a view of its own, on which its admission is kept.

const wholeKey: unique symbol = Symbol.for("@authmodes/core: whole view");
type AnyView = RequestView & { readonly [wholeKey]?: RequestView };

/** A view of the same request for one of many handlers: for adapters. It shares what was verified. */
export function partView(view: RequestView): RequestView {
  return new PartView(wholeView(view));
}

/** The view that a part is of; else the view itself. */
export function wholeView(view: AnyView): RequestView {
  return view[wholeKey] ?? view;
}

class PartView implements RequestView {
  readonly [wholeKey]: RequestView;

  constructor(whole: RequestView) {
    this[wholeKey] = whole;
  }

  get method(): string {
    return this[wholeKey].method;
  }

  get target(): string {
    return this[wholeKey].target;
  }

  get host(): string | undefined {
    return this[wholeKey].host;
  }

  get rawHeaders(): readonly string[] {
    return this[wholeKey].rawHeaders;
  }

  get exact(): boolean {
    return this[wholeKey].exact;
  }

  header(lowerName: string): string | undefined {
    return this[wholeKey].header(lowerName);
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return this[wholeKey].body(maxBytes);
  }
}
