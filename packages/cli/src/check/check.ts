import { policyOf } from "@authmodes/core/inspect";
import type { Auth, ModeDescription } from "@authmodes/core";
import { checkBoot, type Policy } from "@authmodes/rules";
import type { Module } from "../load/module.ts";
import type { Finding } from "./finding.ts";
import type { CheckedRoute } from "./guards.ts";
import { routesOf, servedRoutes } from "./routes.ts";

export interface CheckQuestion {
  readonly auth: Auth;
  /** The module with `app` or `routes`, where there is one. */
  readonly app: Module | undefined;
  readonly production: boolean;
  /** Fetch no keys. */
  readonly offline: boolean;
}

export interface CheckReport {
  readonly modes: readonly ModeDescription[];
  readonly routes: readonly CheckedRoute[];
  /** Errors first. */
  readonly findings: readonly Finding[];
}

/** Starts what there is and looks for what is wrong with it. */
export async function check({ auth, app, production, offline }: CheckQuestion): Promise<CheckReport> {
  // What is in the way is told by the key sets themselves.
  if (!offline) await auth.ready().catch(() => undefined);
  const modes = auth.describe();
  const routes = app === undefined ? [] : await routesOf(app);
  const findings = [
    ...(offline ? [] : issuersWithoutKeys(modes)),
    ...skippedKeys(modes),
    ...openIssuers(modes),
    ...endedKeys(modes),
    ...rulesFindings(auth, modes, routes, production),
  ];
  const byLevel = (level: Finding["level"]) => findings.filter((finding) => finding.level === level);
  return { modes, routes, findings: [...byLevel("error"), ...byLevel("warning")] };
}

/** A user pool writes one of two issuers: it is well if either has keys. */
function issuersWithoutKeys(modes: readonly ModeDescription[]): readonly Finding[] {
  return modes.flatMap(({ mode, issuers }) =>
    groupsOf(issuers)
      .filter((group) => group.every(({ keys }) => !keys.usable))
      .map(([first]) => ({
        code: "keys-unavailable",
        level: "error" as const,
        message: `${mode}: the keys of ${first?.issuer} cannot be had: ${first?.keys.trouble ?? "nobody fetched them"}`,
        mend: "compare the issuer with its discovery document, letter by letter; see whether this machine reaches it",
      })),
  );
}

type Issuers = ModeDescription["issuers"];

function groupsOf(issuers: Issuers): readonly Issuers[] {
  const groups = new Map<string, Issuers[number][]>();
  for (const one of issuers) {
    const pool = /^https:\/\/(?:issuer-)?cognito-idp\.[^/]+\/(.+)$/.exec(one.issuer)?.[1] ?? one.issuer;
    groups.set(pool, [...(groups.get(pool) ?? []), one]);
  }
  return [...groups.values()];
}

function skippedKeys(modes: readonly ModeDescription[]): readonly Finding[] {
  return modes.flatMap(({ mode, issuers }) =>
    issuers.flatMap(({ issuer, keys }) =>
      keys.skipped.map((skipped) => ({
        code: "key-skipped",
        level: "warning" as const,
        message: `${mode}: ${issuer} publishes a key that verifies nothing here, ${skipped}`,
        mend: "let the issuer replace the key, and withdraw what it signed",
      })),
    ),
  );
}

function openIssuers(modes: readonly ModeDescription[]): readonly Finding[] {
  return modes.flatMap(({ mode, issuers }) =>
    groupsOf(issuers).flatMap(([first]): Finding[] => {
      if (first === undefined) return [];
      const { issuer, settings } = first;
      const found: Finding[] = [];
      const hosts = settings["allowInsecureHttp"];
      if (hosts !== undefined) {
        found.push({
          code: "issuer-insecure",
          level: "warning",
          message: `${mode}: the keys of ${issuer} may come over http from ${hosts}: others on that network can replace them`,
          mend: "use https, and remove allowInsecureHttp",
        });
      }
      const asks = [settings["clientId"], settings["audience"]].filter((value) => value !== undefined);
      if (asks.every((value) => value === "any")) {
        found.push({
          code: "any-client",
          level: "warning",
          message: `${mode}: tokens of ${issuer} are accepted whomever they were made for`,
          mend: mode === "oidc" ? "say audience, or clientId" : "say clientId",
        });
      }
      return found;
    }),
  );
}

/** Of keys in a list; a store is not asked. */
function endedKeys(modes: readonly ModeDescription[]): readonly Finding[] {
  const keys = modes.find(({ mode }) => mode === "apiKey")?.settings["keys"] ?? "";
  return [...keys.matchAll(/([^,()]+) \((ended [^)]*|does not end)\)/g)].map(
    ([, id = "", state = ""]): Finding => {
      const message = `apiKey: the key ${id.trim()} ${state}`;
      return state === "does not end"
        ? {
            code: "key-without-end",
            level: "warning",
            message,
            mend: "give it an end: authmodes keys new --expires-in-days 90",
          }
        : {
            code: "key-ended",
            level: "warning",
            message,
            mend: "remove it; make a new one: authmodes keys new",
          };
    },
  );
}

function rulesFindings(
  auth: Auth,
  modes: readonly ModeDescription[],
  routes: readonly CheckedRoute[],
  production: boolean,
): readonly Finding[] {
  const policy = policyOf(auth);
  const served = modes.map(({ mode, issuers }) => ({
    name: mode,
    issuers: groupsOf(issuers).map(([first]) => first?.issuer ?? ""),
  }));
  if (!isPolicy(policy)) return openRoutes(routes);
  const found = checkBoot({ policy, modes: served, routes: guarded(routes), production });
  return [
    ...openRoutes(routes),
    ...found.map(({ code, level, model, field, message, mend }) => ({
      code,
      level,
      message: [[model, field].filter((part) => part !== undefined).join("."), message]
        .filter((part) => part !== "")
        .join(": "),
      mend,
    })),
  ];
}

/** That of @authmodes/rules, whichever copy of it: another one may be the user's own. */
function isPolicy(policy: unknown): policy is Policy {
  return (
    typeof policy === "object" &&
    policy !== null &&
    "schema" in policy &&
    "matrix" in policy &&
    "options" in policy
  );
}

/** What the list of a module leaves open; what an app leaves open is told by `openRoutes`. */
function guarded(routes: readonly CheckedRoute[]): ReturnType<typeof servedRoutes> {
  return servedRoutes(routes.filter(({ modes, decision }) => modes !== undefined || decision !== undefined));
}

function openRoutes(routes: readonly CheckedRoute[]): readonly Finding[] {
  return routes
    .filter(({ modes, decision }) => modes === undefined && decision === undefined)
    .map(({ method, path }) => ({
      code: "route-open",
      level: "warning",
      message: `${method} ${path}: nobody asks who calls`,
      mend: "put authenticate(auth) before it, unless it is for everybody",
    }));
}
