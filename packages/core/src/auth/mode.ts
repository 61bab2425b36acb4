import { DelegatingView } from "../request/part-view.ts";
import type {
  AuthMode,
  CallContext,
  Detection,
  IdentityBase,
  MaybePromise,
  RequestView,
  Settings,
} from "../types.ts";
import { isObject } from "../lib/json.ts";
import { after, within } from "../lib/promises.ts";
import { AuthError } from "../refusal/error.ts";

// A mode of the developer's own has one time limit for `verify`. The built-in modes have one for each function that they
// were given; key sets and bodies have limits of their own.

// By name, because bundlers such as Next's make copies of this module.
const builtInKey: unique symbol = Symbol.for("@authmodes/core: detect of a built-in mode");
type MaybeBuiltIn = AuthMode & { readonly [builtInKey]?: unknown };

/** Marks a mode of this package. A copy with another `detect` is not marked. */
export function builtIn<M extends AuthMode>(mode: M): M {
  return Object.assign(mode, { [builtInKey]: Reflect.get(mode, "detect") });
}

function isBuiltIn(mode: MaybeBuiltIn): boolean {
  return mode[builtInKey] === mode.detect;
}

/** Detects the credentials of a mode, and limits the time of `verify` if the mode is not built in. */
export function detectBy<I extends IdentityBase>(
  mode: AuthMode<I>,
  request: RequestView,
): Detection<I> | undefined {
  if (isBuiltIn(mode)) return mode.detect(request);
  const watched = mode.readsBody === true ? new WatchedView(request) : undefined;
  const detection = mode.detect(watched ?? request);
  if (detection === undefined) return undefined;
  const { place, fit, forward } = detection;
  const limited = (name: string, call: (context: CallContext) => MaybePromise<I>) => {
    const what = `${name}() of the mode ${mode.name}`;
    const asked = within({ what, reason: "mode_timeout" }, call, () => watched?.reading);
    return after(asked, (identity) => identityOf(what, identity));
  };
  return {
    place,
    ...(fit !== undefined && { fit }),
    ...(forward !== undefined && { forward }),
    verify: (now) => limited("verify", (context) => detection.verify(now, context)),
    ...(detection.again !== undefined && {
      onChange: detection.onChange,
      again: (now: number) =>
        limited("again", (context) => detection.again?.(now, context) ?? detection.verify(now, context)),
    }),
  };
}

/** @throws AuthError for what is no identity: a mode may return false to reject a caller, who would be let in */
function identityOf<I extends IdentityBase>(what: string, identity: I): I {
  if (isObject(identity)) return identity;
  const detail = `${what} returned no identity: return { mode, id, … }, or throw an AuthError to reject the caller`;
  throw new AuthError("misconfigured", "no_identity", { detail });
}

/** Records whether the body is being read: a slow upload does not count as the mode's time. */
class WatchedView extends DelegatingView {
  reading: Promise<unknown> | undefined;

  override body(maxBytes: number): Promise<Uint8Array> {
    const body = super.body(maxBytes);
    const done = () => void (this.reading = undefined);
    this.reading = body.then(done, done);
    return body;
  }
}

/** Options as text, without those that are not set. */
export function settingsOf(options: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
  );
}
