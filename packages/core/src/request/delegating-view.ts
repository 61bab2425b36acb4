import type { RequestView } from "../types.ts";

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
