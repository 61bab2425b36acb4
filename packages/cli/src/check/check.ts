import { policyOf } from "@authmodes/core/inspect";
import type { Auth, ModeDescription } from "@authmodes/core";
import { checkBoot, type Finding, type Policy } from "@authmodes/rules";
import { type Module, starting } from "../load/module.ts";
import { type CheckedRoute, isGuarded } from "./guards.ts";
import { routesOf } from "./routes.ts";

export interface CheckQuestion {
  readonly auth: Auth;
  /** The module with `app` or `routes`, if there is one. */
  readonly app: Module;
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

/** Starts the auth and the app and looks for problems. */
export async function check({ auth, app, production, offline }: CheckQuestion): Promise<CheckReport> {
  // Each key set reports its own failure.
  if (!offline) await auth.ready().catch(() => undefined);
  const modes = auth.describe();
  const routes = await starting("the app", () => routesOf(app));
  const policy = policyOf(auth);
  const findings = [
    ...modes.flatMap(({ mode, issuers }) =>
      groupsOf(issuers).flatMap((group) => issuerFindings(mode, group, offline)),
    ),
    ...keyFindings(modes),
    ...routes.filter((route) => !isGuarded(route)).map(openRoute),
    ...bootFindings(isPolicy(policy) ? policy : undefined, modes, routes, production),
  ];
  return { modes, routes, findings: findings.toSorted((a, b) => a.level.localeCompare(b.level)) };
}

function warning(code: string, message: string, mend: string): Finding {
  return { code, level: "warning", message, mend };
}

type Issuer = ModeDescription["issuers"][number];
type IssuerGroup = readonly [Issuer, ...Issuer[]];

/** Groups the two issuers of a user pool. */
function groupsOf(issuers: readonly Issuer[]): readonly IssuerGroup[] {
  const groups = new Map<string, IssuerGroup>();
  for (const one of issuers) {
    const pool = /^https:\/\/(?:issuer-)?cognito-idp\.[^/]+\/(.+)$/.exec(one.issuer)?.[1] ?? one.issuer;
    groups.set(pool, [...(groups.get(pool) ?? []), one] as const);
  }
  return [...groups.values()];
}

function issuerFindings(mode: string, group: IssuerGroup, offline: boolean): readonly Finding[] {
  const [{ issuer, keys, settings }] = group;
  const found: Finding[] = [];
  const add = (level: Finding["level"], code: string, message: string, mend: string) =>
    found.push({ code, level, message: `${mode}: ${message}`, mend });
  for (const one of group) {
    for (const skipped of one.keys.skipped) {
      const message = `${one.issuer} publishes a key that verifies nothing here, ${skipped}`;
      add(
        "warning",
        "key-skipped",
        message,
        "have the issuer replace the key and revoke the tokens that it signed",
      );
    }
  }
  if (!offline && group.every((one) => !one.keys.usable)) {
    add(
      "error",
      "keys-unavailable",
      `the keys of ${issuer} cannot be fetched: ${keys.trouble ?? "they were not fetched"}`,
      "compare the issuer with its discovery document, letter by letter; see whether this machine reaches it",
    );
  }
  const hosts = settings["allowInsecureHttp"];
  if (hosts !== undefined) {
    const message = `the keys of ${issuer} may come over http from ${hosts}: others on that network can replace them`;
    add("warning", "issuer-insecure", message, "use https, and remove allowInsecureHttp");
  }
  const asks = [settings["clientId"], settings["audience"]].filter((value) => value !== undefined);
  if (asks.every((value) => value === "any")) {
    const message = `tokens of ${issuer} are accepted, whichever client or API they were issued for`;
    add("warning", "any-client", message, mode === "oidc" ? "say audience, or clientId" : "say clientId");
  }
  return found;
}

/** Findings about API keys in a list; a store is not asked. */
function keyFindings(modes: readonly ModeDescription[]): readonly Finding[] {
  const keys = modes.find(({ mode }) => mode === "apiKey")?.settings["keys"] ?? "none";
  if (keys === "") {
    const mend =
      "add keys; the code of init reads them from API_KEYS: name the file that sets it, --env-file .env";
    return [warning("keys-empty", "apiKey: the list of keys is empty, so every API key is rejected", mend)];
  }
  return [...keys.matchAll(/([^,()]+) \((expired [^)]*|does not expire)\)/g)].map(
    ([, id = "", state = ""]) => {
      const message = `apiKey: the key ${id.trim()} ${state}`;
      if (state !== "does not expire")
        return warning("key-ended", message, "remove it; make a new one: npx authmodes keys create");
      const mend = "give it an expiry: npx authmodes keys create makes keys that expire";
      return warning("key-without-end", message, mend);
    },
  );
}

/** Whether a policy is one of @authmodes/rules, which may be another copy than ours. */
function isPolicy(policy: unknown): policy is Policy {
  const names = ["schema", "matrix", "options"];
  return typeof policy === "object" && policy !== null && names.every((name) => name in policy);
}

function bootFindings(
  policy: Policy | undefined,
  modes: readonly ModeDescription[],
  routes: readonly CheckedRoute[],
  production: boolean,
): readonly Finding[] {
  const found = checkBoot({
    ...(policy && { policy }),
    modes: modes.map(({ mode, issuers }) => ({
      name: mode,
      issuers: groupsOf(issuers).map(([{ issuer }]) => issuer),
      groupsClaim: nameOf(issuers[0]?.settings["groupsClaim"]),
    })),
    // If a route only authenticates, its handler decides.
    routes: routes
      .filter(isGuarded)
      .map(({ method, path, decision = "handler" }) => ({ method, path, decision })),
    production,
  });
  return found.map(({ model, field, message, ...finding }) => {
    const name = [model, field].filter((part) => part !== undefined).join(".");
    return { ...finding, message: name === "" ? message : `${name}: ${message}` };
  });
}

/** Rules read claims by name; a path, which is written as a list, is none. */
function nameOf(claim: string | undefined): string | undefined {
  return claim?.startsWith("[") ? undefined : claim;
}

function openRoute({ method, path }: CheckedRoute): Finding {
  const message = `${method} ${path}: requests are not authenticated`;
  return warning("route-open", message, "put authenticate(auth) before it, unless it is public");
}
