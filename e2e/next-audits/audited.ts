import type { AsyncLocalStorage } from "node:async_hooks";
import type { AuditApp } from "@authmodes/testing/audits";

/** Which of the test's apps a request is for: all of its servers share one Next. */
export function auditedApp(): AuditApp {
  const { audited } = globalThis as { readonly audited?: AsyncLocalStorage<AuditApp> };
  const app = audited?.getStore();
  if (app === undefined) throw new Error("no audit asks");
  return app;
}
