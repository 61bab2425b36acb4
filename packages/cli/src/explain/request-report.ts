import type { Auth, AuthEvent, IdentityBase, RequestView, TraceEntry } from "@authmodes/core";
import { type Check, checksOf } from "./checks.ts";
import type { DecisionReport } from "./decision.ts";
import { meaningOf } from "./reasons/meaning.ts";
import { meaningOfSent } from "./sent.ts";
import { type ClientTexts, signatureReport, type SignatureReport } from "./signature.ts";
import { type Facts, tokenFacts, tokenIn } from "./token.ts";

/** Why a request was accepted or rejected. Holds no secret of the request. */
export interface RequestReport {
  /** `unknown` if no auth was asked. */
  readonly verdict: "accepted" | "refused" | "unknown";
  /** The mode that decided. */
  readonly mode?: string | undefined;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  /** In a sentence. */
  readonly cause: string;
  readonly detail?: string | undefined;
  readonly mend?: string | undefined;
  /** What each mode found. */
  readonly modes: readonly TraceEntry[];
  readonly checks: readonly Check[];
  readonly token?: Facts | undefined;
  readonly signature?: SignatureReport | undefined;
  /** Of the identity that was verified. */
  readonly caller?: Facts | undefined;
  /** What the rules say, if they were asked. */
  readonly decision?: DecisionReport | undefined;
}

export interface VerifiedRequest {
  readonly report: RequestReport;
  /** For asking the rules. */
  readonly identity: IdentityBase | undefined;
}

/**
 * Verifies a request by the auth and reports what it found.
 * @param auth undefined to report only what the request claims
 */
export async function reportOnRequest(
  view: RequestView,
  auth: Auth | undefined,
  client: ClientTexts = {},
): Promise<VerifiedRequest> {
  const asked = auth === undefined ? undefined : await ask(auth, view);
  const now = asked?.event?.time ?? Date.now();
  const token = tokenOf(view);
  const shared = {
    token: token === undefined ? undefined : tokenFacts(token, now),
    signature: await signatureReport(view, client, now),
  };
  const verdict = asked === undefined ? unverified : verdictOf(asked, view);
  return { report: { ...withMeaning(verdict, view, auth), ...shared }, identity: asked?.identity };
}

const unverified: RequestReport = {
  verdict: "unknown",
  cause: "no auth was given, so nothing is verified: this is what the request claims",
  modes: [],
  checks: [],
};

/** The modes that read a bearer token themselves. */
const tokenModes: ReadonlySet<string | undefined> = new Set(["userPool", "oidc", undefined]);

/** With what is known of a wrong credential, unless it was accepted or is for another mode. */
function withMeaning(report: RequestReport, view: RequestView, auth: Auth | undefined): RequestReport {
  if (report.verdict === "accepted" || !tokenModes.has(report.mode)) return report;
  const meaning = meaningOfSent(view, auth);
  if (meaning === undefined) return report;
  const { says, mend } = meaning;
  if (report.verdict === "unknown") return { ...report, detail: says, mend };
  // The detail of a credential that no mode reads guesses what it is.
  return { ...report, cause: says, mend, detail: report.mode === undefined ? undefined : report.detail };
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

function verdictOf({ event, identity }: Asked, view: RequestView): RequestReport {
  const { mode, reason, code, detail, trace = [] } = event ?? {};
  const checks = checksOf(mode, reason, view.header("x-amz-content-sha256") !== undefined);
  if (identity === undefined) return refusalReport({ mode, reason, code, detail, modes: trace, checks });
  const caller = callerFacts(identity);
  return { verdict: "accepted", mode, cause: "the credentials are valid", modes: trace, checks, caller };
}

type Refusal = Pick<RequestReport, "mode" | "code" | "reason" | "detail" | "modes" | "checks">;

/** A refusal with its reason in words. */
export function refusalReport(refusal: Refusal): RequestReport {
  const { reason } = refusal;
  const meaning = reason === undefined ? undefined : meaningOf(reason);
  const cause = meaning?.says ?? reason?.replaceAll(/[_-]/g, " ") ?? "it was refused";
  return { verdict: "refused", ...refusal, cause, mend: meaning?.mend };
}

function callerFacts({ mode, id, groups, scopes, expiresAt }: IdentityBase): Facts {
  return [
    ["mode", mode],
    ["id", id ?? "none"],
    ...(groups.length === 0 ? [] : [["groups", groups.join(", ")] as const]),
    ...(scopes.length === 0 ? [] : [["scopes", scopes.join(", ")] as const]),
    ...(expiresAt === null ? [] : [["until", new Date(expiresAt * 1000).toISOString()] as const]),
  ];
}

/** In Authorization, or in any other header, cookie or parameter that holds one. */
function tokenOf(view: RequestView): string | undefined {
  const inHeader = tokenIn(view.header("authorization") ?? "");
  if (inHeader !== undefined) return inHeader;
  const query = new URLSearchParams(view.target.split("?", 2)[1]);
  const values = view.rawHeaders.filter((_, index) => index % 2 === 1);
  const parts = values
    .flatMap((value) => value.split(/[;,]/))
    .map((part) => part.replace(/^[^=.]*=(?=e)/, ""));
  return [...parts, ...query.values()].map(tokenIn).find((token) => token !== undefined);
}
