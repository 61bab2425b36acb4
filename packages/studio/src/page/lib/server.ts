import type {
  Asked,
  CallerAnswer,
  CallerRequest,
  Events,
  Problem,
  SaveAnswer,
  SaveRequest,
  State,
} from "../../api.ts";

// Requests of the page to its server. A token is kept in memory only, until the page is closed.

let token: string | undefined;

/** Relative to the script, since the address of the page may end with or without a slash. */
const { url: script } = import.meta;
const api = new URL("../api/", script);

export function signInWith(value: string): void {
  token = value;
}

/** The server rejected the request. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

export async function loadState(): Promise<State> {
  return (await ask("GET", "state")).json();
}

export async function saveSchema(request: SaveRequest): Promise<SaveAnswer> {
  return (await ask("PUT", "schema", request, [409, 422])).json();
}

/** Asks what the rules decided about in a request. */
export async function loadAsked(id: string): Promise<Asked> {
  return (await ask("GET", `decisions/${encodeURIComponent(id)}`)).json();
}

export async function proveCaller(request: CallerRequest): Promise<CallerAnswer> {
  return (await ask("POST", "caller", request)).json();
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  expected: readonly number[] = [],
  signal?: AbortSignal,
): Promise<Response> {
  const answer = await fetch(new URL(path, api), {
    method,
    headers: {
      ...(token !== undefined && { Authorization: token }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  if (answer.ok || expected.includes(answer.status)) return answer;
  const problem = (await answer.json().catch(() => undefined)) as Partial<Problem> | undefined;
  throw new Refused(answer.status, problem?.detail ?? `The server answered ${answer.status}.`);
}

/** An event of the server. */
export type ServerEvent = {
  [N in keyof Events]: { readonly name: N; readonly data: Events[N] };
}[keyof Events];

/** Reads events until the stream ends. `EventSource` cannot send a token. */
export async function listen(receive: (event: ServerEvent) => void, signal: AbortSignal): Promise<void> {
  const answer = await ask("GET", "events", undefined, [], signal);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    const blocks = (rest + part.value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (event !== null) receive({ name: event[1], data: JSON.parse(event[2] ?? "null") } as ServerEvent);
    }
  }
}
