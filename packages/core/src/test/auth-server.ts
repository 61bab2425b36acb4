import { request as httpRequest } from "node:http";
import { createAuth } from "../auth/auth.ts";
import type { AuthOptions } from "../auth/options.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "../auth/events.ts";
import { nodeView } from "../request/node.ts";
import type { AuthMode } from "../types.ts";
import { listen } from "./listen.ts";

/** What came over the wire, and the event that the server emitted for it. */
export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly event: AuthEvent | undefined;
  /** `200 userPool`, or `401 credentials_expired token_expired`. */
  readonly summary: string;
}

type Headers = readonly (readonly [name: string, value: string])[];

export interface AuthServer {
  readonly origin: string;
  readonly ready: () => Promise<void>;
  /** @param headers pairs: they are sent as they are, repeats too */
  readonly ask: (headers: Headers, method?: string, target?: string) => Promise<Answer>;
  /** Sends a token as Amplify's clients do, without `Bearer`. */
  readonly token: (token: string) => Promise<Answer>;
}

/** A server that answers with the identity of the caller. */
export async function serve(modes: readonly AuthMode[], options: AuthOptions = {}): Promise<AuthServer> {
  const auth = createAuth(modes, options);
  const events = new Map<string, AuthEvent>();
  auth.onEvent((event) => void events.set(event.id, event));
  const origin = await listen((request, response) => {
    auth.authenticate(nodeView(request)).then(
      (identity) => response.writeHead(200).end(JSON.stringify(identity)),
      (error: unknown) => {
        if (!(error instanceof AuthError)) throw error;
        response.writeHead(error.status, { ...error.headers, "x-test-id": error.id }).end(error.reply.body);
      },
    );
  });
  const ask = async (headers: Headers, method = "GET", target = "/"): Promise<Answer> => {
    const all = [["Host", new URL(origin).host] as const, ...headers];
    const answer = await exchange(origin + target, method, all.flat());
    const body = JSON.parse(answer.text) as Answer["body"];
    const event = events.get(String(answer.headers["x-test-id"]));
    const refusal = `${String(event?.code)} ${String(event?.reason)}`;
    const summary = `${answer.status} ${answer.status === 200 ? String(body["mode"]) : refusal}`;
    return { status: answer.status, headers: answer.headers, body, event, summary };
  };
  return { origin, ready: () => auth.ready(), ask, token: (token) => ask([["Authorization", token]]) };
}

interface Exchanged {
  readonly status: number;
  readonly headers: Answer["headers"];
  readonly text: string;
}

function exchange(url: string, method: string, headers: readonly string[]): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers: [...headers], agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on("error", reject).end();
  });
}
