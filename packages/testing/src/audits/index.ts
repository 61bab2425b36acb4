import { requirementAudits } from "./requirements.ts";
import { allowAudits } from "./allow.ts";
import { byHandAudits } from "./by-hand.ts";
import { choosingAudits } from "./choosing.ts";
import { formatAudits } from "./formats.ts";
import { iamAudits } from "./iam.ts";
import { modeAudits } from "./modes.ts";
import { pathAudits } from "./paths.ts";
import { protocolAudits } from "./protocol.ts";
import { type AuditOptions, type AuditSuite, auditSuite } from "./suite.ts";
import { troubleAudits } from "./trouble.ts";

export { auditAnswer } from "./app.ts";
export type { AuditAllow, AuditAnswer, AuditApp, AuditGuard, AuditRoute, AuditServer, Serve } from "./app.ts";
export type { Audit, AuditException, AuditOptions, AuditSuite, AuditTopic } from "./suite.ts";

/**
 * Lists what every adapter must do, as tests over real HTTP against a server of the adapter that serves an `AuditApp`. Servers
 * are started when an audit first needs them.
 * @throws TypeError for exceptions of audits that do not exist
 * @example
 * import { audits, type Serve } from "@authmodes/testing/audits";
 * import { afterAll, it } from "vitest";
 *
 * declare const serve: Serve; // starts a server of the adapter
 * const suite = audits({ serve });
 * afterAll(() => suite.close());
 * for (const { id, name, run } of suite.audits) it(`${id} ${name}`, run);
 */
export function audits(options: AuditOptions): AuditSuite {
  const definitions = [
    ...modeAudits,
    ...choosingAudits,
    ...requirementAudits,
    ...allowAudits,
    ...iamAudits,
    ...pathAudits,
    ...protocolAudits,
    ...byHandAudits,
    ...formatAudits,
    ...troubleAudits,
  ];
  return auditSuite(definitions, options);
}
