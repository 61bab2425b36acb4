import type {
  Access,
  Auth,
  Policy,
  Question,
  RouteOperation,
  DeniedByRule,
  RuleDecision,
  Values,
} from "@authmodes/core";
import type { AuditAllow, AuditRoute } from "./app.ts";

/** The sub of an OIDC token: the owner of the note `mine`. */
export const owner = "alice";

export const notes: Readonly<Record<string, Values>> = {
  mine: { id: "mine", owner, hidden: 1 },
  theirs: { id: "theirs", owner: "bob", hidden: 1 },
  secret: { id: "secret", owner: "nobody", hidden: 1 },
};

/** A note is open to its owner alone, and some are not even known to others. Signed-in callers can delete drafts. */
export const notesPolicy: Policy = {
  decide({ id }, { model, operation, record, input }: Question<Values>) {
    if (id === null) return denied("no-matching-role");
    if (model === "Draft") return allowed();
    if (input?.["text"] === "forbidden") return denied("field-denied");
    if (operation === "create") return allowed({ owner: id });
    if (record === undefined) return denied("needs-record");
    if (record === null) return denied("record-missing", true);
    return record["owner"] === id ? allowed() : denied("record-filtered", record["id"] === "secret");
  },
  list({ id }) {
    if (id === null) return denied("no-matching-role");
    const filter = { kind: "equals" as const, field: "owner", anyOf: [id] };
    return { allowed: true, rule: "filtered", filter, explanation: "Note: filtered by owner" };
  },
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => ({ ...record, hidden: null, written: true }),
  displayed: (_model, record) => ({ ...record, displayed: true }),
  fields: () => new Set(["text", "owner"]),
  needsRecord: (model, operation) => model === "Note" && operation !== "create",
};

function allowed(writes: Values = {}): RuleDecision {
  return { allowed: true, rule: "Note:owner", writes, explanation: "Note owner: alice" };
}

function denied(reason: string, missing = false): DeniedByRule {
  return { allowed: false, reason, missing, explanation: `Note: ${reason}` };
}

/** The note that the last segment of the URL's path names. */
export function noteAt(url: string): Values | undefined {
  const { pathname } = new URL(url, "http://server");
  return notes[pathname.slice(pathname.lastIndexOf("/") + 1)];
}

/** An adapter that passes no signal fails here. */
export const load: NonNullable<AuditAllow["load"]> = async (url, { signal }) =>
  signal.aborted ? undefined : noteAt(url);

const masked = ({ mask, record }: Access): Values => mask(record);

/** The routes of the server named `rules`. */
export function notesRoutes(auth: Auth): readonly AuditRoute[] {
  const route = (
    path: string,
    operation: RouteOperation,
    allow: Partial<AuditAllow> & Pick<AuditAllow, "answer">,
  ) => ({
    path: `/notes/${path}`,
    guards: [{ auth }],
    allow: { operation, model: "Note", ...allow },
  });
  return [
    route("get", "get", { load, answer: masked }),
    route("create", "create", { answer: ({ input, mask }) => mask(input) }),
    route("update", "update", { load, answer: ({ input }) => input }),
    route("list", "list", { answer: ({ filter }) => filter }),
    route("unfiltered", "list", { answer: () => Object.values(notes) }),
    route("decided", "get", {
      handlerDecides: true,
      answer(access, url) {
        access.decide(noteAt(url) ?? null);
        return masked(access);
      },
    }),
    route("forgotten", "get", { handlerDecides: true, answer: (_access, url) => noteAt(url) }),
    route("draft", "delete", { model: "Draft", answer: () => ({ deleted: true }) }),
    route("loaded-draft", "get", { model: "Draft", load, answer: masked }),
  ];
}
