import { deepEqual, fail, ok } from "node:assert/strict";
import { inspect } from "node:util";
import type { AuditRoute } from "./app.ts";
import type { AuditRun } from "./suite.ts";

/** Servers reject each of the routes with a TypeError, since it would guard nothing. */
export async function mustNotStart({ kit, start }: AuditRun, routes: readonly AuditRoute[]): Promise<void> {
  const headers = await kit.headersFor("userPool");
  const started: string[] = [];
  for (const route of routes) {
    const [guard] = route.guards;
    try {
      const server = await start(guard?.auth ?? kit.auth(), [route]);
      const { status } = await server.get(route.path, headers);
      const text = `${inspect(route.allow ?? guard?.needs)} starts, and answers a verified caller ${status}`;
      if (status < 500) fail(text);
      started.push(text);
    } catch (error) {
      ok(error instanceof TypeError, error instanceof Error ? error.message : String(error));
    }
  }
  deepEqual(started, []);
}
