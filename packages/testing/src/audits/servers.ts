import { createHash } from "node:crypto";
import {
  apiKey,
  type Auth,
  type AuthEvent,
  type AuthMode,
  createAuth,
  iam,
  lambda,
  none,
  oidc,
  userPool,
} from "@authmodes/core";
import type { TestKit } from "../kit.ts";
import { type AuditRoute, type AuditServer, auditRoutes, type Serve } from "./app.ts";
import { notesPolicy, notesRoutes } from "./notes.ts";

/** The servers that the audits ask for: the same app, each with another auth. */
export type ServerName =
  | "problem"
  | "apigateway"
  | "appsync"
  | "precedence"
  | "requires"
  | "publicUrl"
  | "cookies"
  | "reportOnly"
  | "rules"
  | "down";

/** How large a body the server named `problem` verifies. */
export const maxBodyBytes: number = 10 * 1024 * 1024;

/** A token with this `jti` is revoked; asking about the other fails. */
export const revokedJti = "revoked";
export const unknowableJti = "unknowable";

/** The app client in the names of Amplify's cookies. */
export const amplifyClient = "1h57kf5cpq17m0eml12EXAMPLE";
/** Looking up this key never ends, on the server that is down. */
export const hangingKey = "amk_hanging";
const hangingHash = createHash("sha256").update(hangingKey).digest("hex");

export const publicUrl = "https://api.example.com/v1";

const makers: Readonly<Record<ServerName, (kit: TestKit) => Auth>> = {
  problem: ({ modes, accessKeys, clock }) =>
    createAuth(Object.values<AuthMode>({ ...modes, iam: iam({ ...accessKeys.options, maxBodyBytes }) }), {
      clock: clock.now,
      revoked({ jti }) {
        if (jti === unknowableJti) throw new Error("the store is down");
        return jti === revokedJti;
      },
    }),
  apigateway: (kit) => kit.auth({ errorFormat: "apigateway" }),
  appsync: (kit) => kit.auth({ errorFormat: "appsync" }),
  precedence: (kit) => kit.auth({ precedence: ["apiKey", "iam"] }),
  requires({ modes: { apiKey: requires, ...others }, clock }) {
    return createAuth(Object.values<AuthMode>(others), { requires, clock: clock.now });
  },
  cookies({ modes, userPool: { options }, clock }) {
    const from = ["header", { cookie: "session" }, { amplifyCookies: amplifyClient }] as const;
    return createAuth([userPool({ ...options, from }), modes.none], { clock: clock.now });
  },
  publicUrl: (kit) => kit.auth({ publicUrl }),
  reportOnly: ({ modes, clock }) =>
    createAuth(Object.values<AuthMode>({ ...modes }), { clock: clock.now, reportOnly: true }),
  rules: (kit) => kit.auth({ policy: notesPolicy }),
  down: (kit) => createAuth(failingModes(kit), { clock: kit.clock.now }),
};

/** Modes of which everything that they ask is out of order. */
function failingModes(kit: TestKit): readonly AuthMode[] {
  const fail = (): never => {
    throw new Error("out of order");
  };
  const keySet = { fetch: async () => fail() };
  return [
    apiKey({ keys: (hash) => (hash === hangingHash ? new Promise(() => {}) : fail()) }),
    iam({ ...kit.accessKeys.options, credentials: fail }),
    userPool({ ...kit.userPool.options, keySet }),
    oidc({ ...kit.oidc.options, keySet }),
    lambda({ authorizer: fail }),
    none(),
  ];
}

export interface RunningServer extends Omit<AuditServer, "close"> {
  readonly auth: Auth;
  readonly events: readonly AuthEvent[];
}

/** Starts each server when it is first asked for. */
export class Servers {
  readonly #serve: Serve;
  readonly #kit: TestKit;
  readonly #running = new Map<ServerName, Promise<RunningServer & AuditServer>>();
  /** Of single audits. */
  readonly #own: (RunningServer & AuditServer)[] = [];

  constructor(serve: Serve, kit: TestKit) {
    this.#serve = serve;
    this.#kit = kit;
  }

  get(name: ServerName): Promise<RunningServer> {
    let server = this.#running.get(name);
    if (server === undefined) this.#running.set(name, (server = this.#startNamed(name)));
    return server;
  }

  /** Starts a server for one audit, whose auth or routes the others do not have. */
  async start(auth: Auth, routes: readonly AuditRoute[]): Promise<RunningServer> {
    const server = await this.#start(`own-${this.#own.length}`, auth, routes);
    this.#own.push(server);
    return server;
  }

  async close(): Promise<void> {
    const servers = [...this.#running.values(), ...this.#own];
    await Promise.all(servers.map(async (server) => (await server).close()));
  }

  async #startNamed(name: ServerName): Promise<RunningServer & AuditServer> {
    const auth = makers[name](this.#kit);
    return this.#start(name, auth, name === "rules" ? notesRoutes(auth) : auditRoutes(auth));
  }

  async #start(
    name: string,
    auth: Auth,
    routes: readonly AuditRoute[],
  ): Promise<RunningServer & AuditServer> {
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    return { ...(await this.#serve({ name, auth, routes })), auth, events };
  }
}
