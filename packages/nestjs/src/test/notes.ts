import {
  apiKey,
  type Auth,
  type AuthEvent,
  createAuth,
  newApiKey,
  none,
  type Policy,
  type Question,
  type DeniedByRule,
  type RuleDecision,
  type Values,
} from "@authmodes/core";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "alice" });

export const alice: Readonly<Record<string, string>> = { "x-api-key": key };

/** Notes belong to their owner, who alone may do anything with them. Any caller may read drafts. */
export const policy: Policy = {
  decide({ id }, { model, operation, record, input }: Question<Values>) {
    if (id === null) return denied("no-matching-role");
    if (model === "Draft") return allowed();
    if (input?.["text"] === "forbidden") return denied("field-denied");
    if (operation === "create") return allowed({ owner: id });
    if (record === undefined) return denied("needs-record");
    if (record === null) return denied("record-missing", true);
    return record["owner"] === id ? allowed() : denied("record-filtered");
  },
  list({ id }) {
    if (id === null) return denied("no-matching-role");
    const filter = { kind: "equals" as const, field: "owner", anyOf: [id] };
    return { allowed: true, rule: "filtered", filter, explanation: "Note: filtered by owner" };
  },
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, hidden: null }),
  displayed: (_model, record) => record,
  fields: () => new Set(["text", "owner"]),
  needsRecord: (model, operation) => model === "Note" && operation !== "create",
};

function allowed(writes: Values = {}): RuleDecision {
  return { allowed: true, rule: "Note:owner", writes, explanation: "Note: the owner" };
}

function denied(reason: string, missing = false): DeniedByRule {
  return { allowed: false, reason, missing, explanation: `Note: ${reason}` };
}

export class Notes {
  readonly #all: Readonly<Record<string, Values>> = {
    mine: { id: "mine", owner: "alice", text: "hello", hidden: 1 },
    theirs: { id: "theirs", owner: "bob", text: "secret", hidden: 1 },
  };

  find(id: unknown): Values | undefined {
    return this.#all[String(id)];
  }
}

export function notesAuth(): { readonly auth: Auth; readonly events: readonly AuthEvent[] } {
  const auth = createAuth([apiKey({ keys: [stored] }), none()], { policy });
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { auth, events };
}
