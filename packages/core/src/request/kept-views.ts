import { joinAdmissions } from "./admissions.ts";
import type { PublicUrl } from "./public-url.ts";
import type { RequestView } from "../types.ts";

interface KeptView extends RequestView {
  readonly publicUrl: PublicUrl | undefined;
}

/**
 * The views of requests, each for its whole life, so that a request is verified once. Auths with different public URLs
 * have views of their own, and each finds there what it found out.
 */
export class KeptViews<R extends WeakKey, V extends KeptView> {
  readonly #views = new WeakMap<R, readonly V[]>();

  /**
   * @param make makes the view if there is none yet; given the first view of the request, which shares what can be read
   * once only
   * @param isCurrent whether a view that was kept is still right
   */
  of(
    request: R,
    publicUrl: PublicUrl | undefined,
    make: (first: V | undefined) => V,
    isCurrent: (view: V) => boolean = () => true,
  ): V {
    const known = this.#views.get(request) ?? [];
    const kept = known.find((view) => view.publicUrl === publicUrl && isCurrent(view));
    if (kept !== undefined) return kept;
    const view = make(known[0]);
    const first = known.find(isCurrent);
    if (first !== undefined) joinAdmissions(view, first);
    this.#views.set(request, [...known, view]);
    return view;
  }
}
