import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Auth } from "@authmodes/core";
import { invalidInput } from "@authmodes/core/adapter";
import type { AuditAllow } from "./app.ts";
import { badInput, failed, invalid, refused } from "./expect.ts";
import type { AuditRequest } from "./http.ts";
import { mustNotStart } from "./must-not-start.ts";
import { load, notesPolicy, owner } from "./notes.ts";
import { type AuditDefinition, type AuditRun, auditsAbout } from "./suite.ts";
import type { Exchange, Target } from "./target.ts";

const audit = auditsAbout("rules");
const preflight = { origin: "https://app.example", "access-control-request-method": "GET" };

/** Asks the server named `rules`, as the owner of the note `mine` or without credentials. */
async function asking({ kit, on }: AuditRun) {
  const server = await on("rules");
  const credentials = await kit.headersFor("oidc", { sub: owner });
  const ask = (target: string, request: Omit<AuditRequest, "target"> = {}) =>
    server.send({ target, headers: credentials, ...request });
  const write = (target: string, body: unknown, sender = credentials) =>
    ask(target, {
      method: "POST",
      headers: { ...sender, "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { server, ask, write };
}

/** Routes that `allow` guards by rules: what reaches the handler, and what is answered instead. */
export const allowAudits: readonly AuditDefinition[] = [
  audit(
    "a1c7",
    "MUST give the handler the record that load finds, and a mask for what the caller must not see",
    async (run) => {
      const { server, ask } = await asking(run);
      for (const target of ["/notes/get/mine", "/mounted/notes/get/mine"]) {
        answered(await ask(target), { id: "mine", owner, hidden: null, displayed: true });
        deepEqual(
          server.events.slice(-2).map(({ type, detail }) => [type, detail]),
          [
            ["accepted", undefined],
            ["allowed", "Note owner: alice"],
          ],
        );
      }
    },
  ),
  audit(
    "5bd8",
    "MUST deny another user's record with 403, and one that is missing or secret with 404, before the handler runs",
    async (run) => {
      const { ask } = await asking(run);
      refused(await ask("/notes/get/theirs"), "forbidden", "record_filtered");
      const missing = await ask("/notes/get/unknown");
      const secret = await ask("/notes/get/secret");
      refused(missing, "not_found", "record_missing");
      refused(secret, "not_found", "record_filtered");
      const visible = ({ text }: Exchange) => ({ ...(JSON.parse(text) as object), instance: "" });
      deepEqual(visible(secret), visible(missing), "the answer tells a secret record from a missing one");
      refused(await ask("/notes/loaded-draft/unknown"), "not_found", "record_missing");
      const anonymous = await ask("/notes/get/mine", { headers: {} });
      refused(anonymous, "forbidden", "no_matching_role");
    },
  ),
  audit("e60f", "MUST give the handler of a create the input, with what the rules add", async (run) => {
    const { write } = await asking(run);
    const created = { text: "hello", owner, hidden: null, written: true, displayed: true };
    answered(await write("/notes/create", { text: "hello" }), created);
  }),
  audit("07ba", "MUST decide on an update by its record and its input", async (run) => {
    const { write } = await asking(run);
    answered(await write("/notes/update/mine", { text: "hello" }), { text: "hello" });
    refused(await write("/notes/update/mine", { text: "forbidden" }), "forbidden", "field_denied");
    refused(await write("/notes/update/theirs", { text: "a" }), "forbidden", "record_filtered");
    refused(await write("/notes/update/unknown", { text: "a" }), "not_found", "record_missing");
  }),
  audit(
    "93fd",
    "MUST answer 400 to a body that is no input for the model, but not to a caller that the rules deny",
    async (run) => {
      const { write } = await asking(run);
      const nested = (levels: number) => `{"text":${"[".repeat(levels)}${"]".repeat(levels)}}`;
      equal((await write("/notes/create", nested(99))).status, 200);
      for (const body of [[], { txt: "a" }, { text: "a", constructor: 1 }, nested(100), nested(20_000)]) {
        badInput(await write("/notes/create", body));
        badInput(await write("/notes/update/mine", body));
      }
      const anonymous = await write("/notes/create", { txt: "a" }, {});
      refused(anonymous, "forbidden", "no_matching_role");
    },
  ),
  audit("c1e8", "MUST give a list its filter, and deny callers that no rule covers", async (run) => {
    const { server, ask } = await asking(run);
    answered(await ask("/notes/list"), { kind: "equals", field: "owner", anyOf: [owner] });
    equal(server.events.at(-1)?.detail, "Note: filtered by owner");
    refused(await ask("/notes/list", { headers: {} }), "forbidden", "no_matching_role");
  }),
  audit(
    "48af",
    "MUST answer 500 to a list that the handler did not filter, except in production",
    async (run) => {
      const { ask } = await asking(run);
      await withNodeEnv("development", async () => {
        misconfigured(await ask("/notes/unfiltered"), "filter_not_taken");
      });
      await withNodeEnv("production", async () => {
        equal((await ask("/notes/unfiltered")).status, 200);
      });
    },
  ),
  audit("6b07", "MUST let a handler decide, and answer 500 if it did not, in production too", async (run) => {
    const { ask } = await asking(run);
    answered(await ask("/notes/decided/mine"), { id: "mine", owner, hidden: null, displayed: true });
    refused(await ask("/notes/decided/theirs"), "forbidden", "record_filtered");
    refused(await ask("/notes/decided/unknown"), "not_found", "record_missing");
    for (const environment of ["development", "production"]) {
      await withNodeEnv(environment, async () => {
        misconfigured(await ask("/notes/forgotten/mine"), "handler_did_not_decide");
      });
    }
  }),
  audit("f2c5", "MUST ask for no record if the rules look at none", async (run) => {
    const { ask } = await asking(run);
    answered(await ask("/notes/draft/1", { method: "DELETE" }), { deleted: true });
  }),
  audit(
    "b21d",
    "MUST answer a preflight to a route with rules, and run neither load nor handler",
    async ({ kit, start }) => {
      const headers = { ...(await kit.headersFor("oidc", { sub: owner })), ...preflight };
      for (const options of [{}, { preflight: "pass" }] as const) {
        const auth = kit.auth({ policy: notesPolicy, ...options });
        const { ran, loaded } = watched();
        const server = await start(auth, [{ path: "/notes", guards: [{ auth }], allow: loaded }]);
        const { status, text } = await server.send({ method: "OPTIONS", target: "/notes/mine", headers });
        deepEqual({ status, text, ran }, { status: 204, text: "", ran: [] });
      }
    },
  ),
  audit(
    "3fe7",
    "MUST answer 500 misconfigured to an allow without authentication, in the format of the auth, and run neither load nor handler",
    async ({ kit, start }) => {
      const headers = await kit.headersFor("oidc", { sub: owner });
      for (const errorFormat of ["problem", "apigateway", "appsync"] as const) {
        const { ran, loaded, decided } = watched();
        const server = await start(kit.auth({ policy: notesPolicy, errorFormat }), [
          { path: "/notes/loaded", guards: [], allow: loaded },
          { path: "/notes/decided", guards: [], allow: decided },
        ]);
        for (const target of ["/notes/loaded/mine", "/notes/decided/mine"]) {
          failed(await server.get(target, headers), errorFormat, "not_authenticated");
          deepEqual(ran, [], target);
        }
      }
    },
  ),
  audit(
    "e1d6",
    "MUST answer what a handler throws about its caller in the format of the auth, each time with an id of its own, and report it",
    async ({ kit, start }) => {
      const headers = await kit.headersFor("oidc", { sub: owner });
      const message = "text is too long";
      const error = invalidInput("text_too_long", message);
      const answer = () => {
        throw error;
      };
      for (const errorFormat of ["problem", "apigateway", "appsync"] as const) {
        const auth = kit.auth({ policy: notesPolicy, errorFormat });
        const allow = { operation: "list", model: "Note", answer } as const;
        const server = await start(auth, [{ path: "/notes", guards: [{ auth }], allow }]);
        const exchanges = [await server.get("/notes", headers), await server.get("/notes", headers)];
        for (const exchange of exchanges) invalid(exchange, errorFormat, message, "text_too_long");
        const events = server.events.filter(({ type }) => type === "refused");
        equal(new Set(events.map(({ id }) => id)).size, exchanges.length);
        deepEqual(new Set(events.map(({ caller }) => caller)), new Set([server.events[0]?.caller]));
      }
    },
  ),
  audit(
    "71b0",
    "MUST NOT start with an allow that would guard nothing, or whose options are misspelt",
    async (run) => {
      const { kit } = run;
      const bare = kit.auth();
      const ruled = kit.auth({ policy: notesPolicy });
      const get = { operation: "get", model: "Note", answer: () => "unguarded" } as const;
      // What JavaScript, and a type that is too wide, let programmers write.
      const misspelt: object = { loads: load };
      const route = (auth: Auth, allow: AuditAllow) => ({ path: "/notes/mine", guards: [{ auth }], allow });
      await mustNotStart(run, [
        route(bare, { ...get, load }),
        route(ruled, get),
        route(ruled, { ...get, load, handlerDecides: true }),
        route(ruled, { ...get, load, ...misspelt }),
        route(ruled, { ...get, operation: "list", load }),
      ]);
    },
  ),
  audit(
    "0f5e",
    "MUST note on the guards of a route its modes and what it asks the rules, for tools",
    async ({ server, on }) => {
      const five = server.auth.modes.filter((mode) => mode !== "none");
      deepEqual(noted(server, "/five"), { modes: five, decision: undefined });
      deepEqual(noted(server, "/only/iam"), { modes: ["iam"], decision: undefined });
      deepEqual(noted(server, "/narrowed"), { modes: ["userPool"], decision: undefined });
      deepEqual(noted(server, "/unguarded"), { modes: undefined, decision: undefined });
      const rules = await on("rules");
      const { modes } = rules.auth;
      deepEqual(noted(rules, "/notes/get"), { modes, decision: "get Note" });
      deepEqual(noted(rules, "/notes/draft"), { modes, decision: "delete Draft" });
    },
  ),
];

/** Options of `allow` that note what ran. */
function watched() {
  const ran: string[] = [];
  const get = { operation: "get", model: "Note", answer: () => ran.push("handler") } as const;
  const loaded: AuditAllow = { ...get, load: async () => void ran.push("load") };
  const decided: AuditAllow = { ...get, handlerDecides: true };
  return { ran, loaded, decided };
}

/** What the guards of a route ask together: the modes that all of them accept. */
function noted(server: Target, path: string) {
  const notes = server.guardNotes(path);
  const [first, ...rest] = notes.map(({ modes }) => modes);
  const modes = rest.reduce((left, accepted) => left?.filter((mode) => accepted.includes(mode)), first);
  return { modes, decision: notes.findLast(({ decision }) => decision !== undefined)?.decision };
}

function answered({ status, text }: Exchange, expected: object): void {
  equal(status, 200, text);
  deepEqual(JSON.parse(text), expected);
}

/** Nothing of what the handler wanted to answer is left. */
function misconfigured({ status, text, event }: Exchange, reason: string): void {
  equal(status, 500, text);
  match(text, /"code":"misconfigured"/);
  ok(!text.includes("owner"), "the answer of the handler shows");
  equal(event?.reason, reason);
}

/** The server is in this process. */
async function withNodeEnv(value: string, act: () => Promise<void>): Promise<void> {
  const before = process.env["NODE_ENV"];
  Object.assign(process.env, { NODE_ENV: value });
  try {
    await act();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, "NODE_ENV");
    else Object.assign(process.env, { NODE_ENV: before });
  }
}
