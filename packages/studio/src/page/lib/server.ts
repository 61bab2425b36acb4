import type {
  CallerAnswer,
  CallerRequest,
  Events,
  Problem,
  SaveAnswer,
  SaveRequest,
  State,
} from "../../api.ts";

// What the page asks its server. A token that was given is kept in memory alone, and goes when the page goes.

let token: string | undefined;

/** From the script's own address: that of the page may end with a slash or without. */
const { url: script } = import.meta;
const api = new URL("../api/", script);

export function signInWith(value: string): void {
  token = value;
}

/** An answer that is none. */
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
export type Told = { [N in keyof Events]: { readonly name: N; readonly data: Events[N] } }[keyof Events];

/** Reads events until the stream ends. `EventSource` could not send a token. */
export async function listen(tell: (event: Told) => void, signal: AbortSignal): Promise<void> {
  const answer = await ask("GET", "events", undefined, [], signal);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    const blocks = (rest + part.value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (event !== null) tell({ name: event[1], data: JSON.parse(event[2] ?? "null") } as Told);
    }
  }
}
