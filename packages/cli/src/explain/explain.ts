import type { Auth, AuthEvent, IdentityBase, RequestView, TraceEntry } from "@authmodes/core";
import { type Check, checksOf } from "./checks.ts";
import { meaningOf } from "./reasons/meaning.ts";
import { type ClientTexts, signatureReport, type SignatureReport } from "./signature.ts";
import { type Facts, tokenFacts, tokenIn } from "./token.ts";

/** Why a request is let in, or is not. No secret of it is in here. */
export interface Explanation {
  /** `unknown` where no auth was asked. */
  readonly verdict: "accepted" | "refused" | "unknown";
  /** The mode that decided. */
  readonly mode?: string | undefined;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  /** The cause in a sentence, as the server's own code tells it where it does. */
  readonly cause: string;
  readonly detail?: string | undefined;
  readonly mend?: string | undefined;
  /** What each mode saw. */
  readonly modes: readonly TraceEntry[];
  readonly checks: readonly Check[];
  readonly token?: Facts | undefined;
  readonly signature?: SignatureReport | undefined;
  /** Who called; `identity` is for asking the rules. */
  readonly caller?: Facts | undefined;
}

export interface Explained {
  readonly explanation: Explanation;
  readonly identity: IdentityBase | undefined;
}

/**
 * Lets the auth itself verify the request and tells what came of it: nothing is decided here.
 * @param auth undefined to say only what the request says of itself
 */
export async function explainRequest(
  view: RequestView,
  auth: Auth | undefined,
  client: ClientTexts = {},
): Promise<Explained> {
  const asked = auth === undefined ? undefined : await ask(auth, view);
  const now = asked?.event?.time ?? Date.now();
  const token = tokenOf(view);
  const shared = {
    token: token === undefined ? undefined : tokenFacts(token, now),
    signature: await signatureReport(view, client, now),
  };
  if (asked === undefined) {
    const cause = "no auth was given, so nothing is verified: this is what the request says of itself";
    return {
      explanation: { verdict: "unknown", cause, modes: [], checks: [], ...shared },
      identity: undefined,
    };
  }
  const { event, identity } = asked;
  return { explanation: { ...verdictOf(event, identity, view), ...shared }, identity };
}

interface Asked {
  readonly event: AuthEvent | undefined;
  readonly identity: IdentityBase | undefined;
}

async function ask(auth: Auth, view: RequestView): Promise<Asked> {
  let event: AuthEvent | undefined;
  const stop = auth.onEvent((heard) => (event = heard));
  try {
    const identity = await auth.authenticate(view);
    return { event, identity: identity.mode === "refused" ? undefined : identity };
  } catch (error) {
    if (event === undefined) throw error;
    return { event, identity: undefined };
  } finally {
    stop();
  }
}

function verdictOf(
  event: AuthEvent | undefined,
  identity: IdentityBase | undefined,
  view: RequestView,
): Explanation {
  const mode = event?.mode;
  const reason = event?.reason;
  const declares = view.header("x-amz-content-sha256") !== undefined;
  const checks = mode === undefined ? [] : checksOf(mode, reason, declares);
  const common = { mode, modes: event?.trace ?? [], checks };
  if (identity !== undefined) {
    return {
      verdict: "accepted",
      cause: "the credentials are good",
      ...common,
      caller: callerFacts(identity),
    };
  }
  const meaning = reason === undefined ? undefined : meaningOf(reason);
  return {
    verdict: "refused",
    code: event?.code,
    reason,
    cause: meaning?.says ?? reason?.replaceAll("_", " ") ?? "it was refused",
    detail: event?.detail,
    mend: meaning?.mend,
    ...common,
  };
}

function callerFacts({ mode, id, groups, scopes, expiresAt }: IdentityBase): Facts {
  return [
    ["mode", mode],
    ["id", id ?? "nobody"],
    ...(groups.length === 0 ? [] : [["groups", groups.join(", ")] as const]),
    ...(scopes.length === 0 ? [] : [["scopes", scopes.join(", ")] as const]),
    ...(expiresAt === null ? [] : [["until", new Date(expiresAt * 1000).toISOString()] as const]),
  ];
}

/** In the header, or in any cookie that holds one. */
function tokenOf(view: RequestView): string | undefined {
  const inHeader = tokenIn(view.header("authorization") ?? "");
  if (inHeader !== undefined) return inHeader;
  const cookies = (view.header("cookie") ?? "").split(";").map((pair) => pair.slice(pair.indexOf("=") + 1));
  return cookies.map(tokenIn).find((token) => token !== undefined);
}
