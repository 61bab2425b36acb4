import { AuthError } from "../refusal/error.ts";
import type { AuthMode, Fit, IdentityBase, MaybePromise } from "../types.ts";

export interface FakeIdentity<N extends string> extends IdentityBase {
  readonly mode: N;
}

export interface FakeModeOptions {
  readonly header?: string;
  readonly fit?: Fit;
  readonly identity?: Partial<Omit<IdentityBase, "mode">> & Readonly<Record<string, unknown>>;
  readonly verify?: (value: string) => MaybePromise<void>;
}

/** A mode written by a user: it accepts the word `good` in its header. */
export function fakeMode<const N extends string>(
  name: N,
  options: FakeModeOptions = {},
): AuthMode<FakeIdentity<N>> {
  const header = options.header ?? `x-${name.toLowerCase()}`;
  return {
    name,
    scheme: name,
    requestHeaders: [header],
    detect(request) {
      const value = request.header(header);
      if (value === undefined) return undefined;
      return {
        place: header,
        ...(options.fit !== undefined && { fit: options.fit }),
        async verify() {
          await options.verify?.(value);
          if (value !== "good") throw new AuthError("credentials_refused", "not_good");
          return { mode: name, id: "somebody", groups: [], scopes: [], expiresAt: null, ...options.identity };
        },
      };
    },
  };
}
