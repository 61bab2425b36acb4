import {
  type AuthEvent,
  createAuth,
  type Identity,
  type Auth,
  type Policy,
  type Question,
  userPool,
  type Values,
} from "@authmodes/core";
import { createTestKit, type TestKit } from "@authmodes/testing";
import { NextRequest } from "next/server.js";
import type { AnyRouteContext } from "../route.ts";

export const kit: TestKit = await createTestKit();

/** Notes belong to their owner, who alone may do anything with them. */
export const policy: Policy = {
  decide({ id }, { operation, record, input }: Question<Values>) {
    const denied = (reason: string, missing = false) => ({
      allowed: false as const,
      reason,
      missing,
      explanation: "Note",
    });
    const allowed = { allowed: true as const, rule: "Note:owner", writes: {}, explanation: "Note" };
    if (id === null) return denied("no-matching-role");
    if (input?.["text"] === "forbidden") return denied("field-denied");
    if (operation === "create") return { ...allowed, writes: { owner: id } };
    if (record === undefined) return denied("needs-record");
    if (record === null) return denied("record-missing", true);
    return record["owner"] === id ? allowed : denied("record-filtered");
  },
  list: ({ id }) => ({
    allowed: true,
    rule: "filtered",
    filter: { kind: "equals", field: "owner", anyOf: [String(id)] },
    explanation: "Note: filtered by owner",
  }),
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, hidden: null }),
  displayed: (_model, record) => record,
  fields: () => new Set(["text", "owner", "hidden"]),
  needsRecord: (_model, operation) => operation !== "create",
};

export interface TestAuth {
  readonly auth: Auth<Identity>;
  /** What it reported, oldest first. */
  readonly events: AuthEvent[];
}

/** All six modes; tokens of the pool also from a cookie. */
export function createTestAuth(publicUrl?: string): TestAuth {
  const { modes } = kit;
  const pool = userPool({ ...kit.userPool.options, from: ["header", { cookie: "session" }] });
  const auth = createAuth([modes.apiKey, modes.iam, pool, modes.oidc, modes.lambda, modes.none], {
    clock: kit.clock.now,
    policy,
    ...(publicUrl !== undefined && { publicUrl }),
  });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { auth, events };
}

/** A request as Next makes it, which names a host of its own. */
export function requestTo(
  target: string,
  init: ConstructorParameters<typeof NextRequest>[1] = {},
): NextRequest {
  const headers = new Headers(init.headers);
  if (!headers.has("host")) headers.set("host", "shop.example");
  return new NextRequest(new URL(target, "http://localhost:3000"), { ...init, headers });
}

export const context: AnyRouteContext = { params: Promise.resolve({}) };
