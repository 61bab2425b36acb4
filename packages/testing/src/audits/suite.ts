import type { Auth } from "@authmodes/core";
import { createTestKit, type TestKit } from "../kit.ts";
import type { AuditRoute, Serve } from "./app.ts";
import type { Answer } from "./http.ts";
import { type ServerName, Servers } from "./servers.ts";
import { Target } from "./target.ts";

/** The subject of an audit. */
export type AuditTopic =
  | "modes"
  | "choosing"
  | "access"
  | "rules"
  | "iam"
  | "paths"
  | "http"
  | "formats"
  | "trouble";

/** What an audit is run with. */
export interface AuditRun {
  readonly kit: TestKit;
  /** The server named `problem`: every mode, the default options. */
  readonly server: Target;
  readonly on: (server: ServerName) => Promise<Target>;
  /** Starts a server for this audit alone. */
  readonly start: (auth: Auth, routes: readonly AuditRoute[]) => Promise<Target>;
}

export interface AuditDefinition {
  /** Four hexadecimal digits that never change: reports and exceptions name them. */
  readonly id: string;
  /** What a server MUST or SHOULD do, in the words of RFC 2119. */
  readonly name: string;
  readonly topic: AuditTopic;
  readonly run: (audit: AuditRun) => Promise<void>;
}

/** Names the topic of several audits once. */
export function auditsAbout(
  topic: AuditTopic,
): (id: string, name: string, run: AuditDefinition["run"]) => AuditDefinition {
  return (id, name, run) => ({ id, name, topic, run });
}

/** For a server that cannot do what an audit asks, since it answers before any adapter sees the request. */
export interface AuditException {
  /** The status that was measured. */
  readonly status: number;
  /** Why, for readers of the list. */
  readonly because: string;
}

/** Options of `audits`. */
export interface AuditOptions {
  readonly serve: Serve;
  /** By the audits' ids. The audit then passes only while the server answers as measured. */
  readonly exceptions?: Readonly<Record<string, AuditException>>;
}

/** One test of an adapter. */
export interface Audit {
  readonly id: string;
  /** With an exception, the measured answer and its reason follow. */
  readonly name: string;
  readonly topic: AuditTopic;
  /** Rejects if the server fails the audit. */
  readonly run: () => Promise<void>;
}

/** The audits of an adapter, with its servers. */
export interface AuditSuite {
  readonly audits: readonly Audit[];
  /** Closes the servers that were started. */
  readonly close: () => Promise<void>;
}

export function auditSuite(definitions: readonly AuditDefinition[], options: AuditOptions): AuditSuite {
  const exceptions = new Map(Object.entries(options.exceptions ?? {}));
  for (const id of exceptions.keys()) {
    if (!definitions.some((audit) => audit.id === id))
      throw new TypeError(`audits(): there is no audit ${id}`);
  }
  let started: Promise<{ kit: TestKit; servers: Servers }> | undefined;
  const start = async () => {
    const kit = await createTestKit();
    return { kit, servers: new Servers(options.serve, kit) };
  };
  return {
    audits: definitions.map(({ id, name, topic, run }) => ({
      id,
      name: nameOf(name, exceptions.get(id)),
      topic,
      async run() {
        const { kit, servers } = await (started ??= start());
        let last: Answer | undefined;
        const seen = (answer: Answer) => void (last = answer);
        const on = async (server: ServerName) => new Target(await servers.get(server), kit, seen);
        const startOwn = async (auth: Auth, routes: readonly AuditRoute[]) =>
          new Target(await servers.start(auth, routes), kit, seen);
        const server = await on("problem");
        await excepted(
          () => run({ kit, server, on, start: startOwn }),
          exceptions.get(id),
          () => last,
        );
      },
    })),
    close: async () => (await started)?.servers.close(),
  };
}

function nameOf(name: string, exception: AuditException | undefined): string {
  return exception === undefined ? name : `${name} (answers ${exception.status}: ${exception.because})`;
}

async function excepted(
  run: () => Promise<void>,
  exception: AuditException | undefined,
  last: () => Answer | undefined,
): Promise<void> {
  if (exception === undefined) return run();
  const passed = await run().then(
    () => true,
    () => false,
  );
  if (passed) throw new Error("passes: take the exception away");
  const status = last()?.status;
  if (status !== exception.status) {
    throw new Error(`the exception was measured as ${exception.status}, the server answers ${status}`);
  }
}
