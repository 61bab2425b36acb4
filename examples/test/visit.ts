import type { RequestListener } from "node:http";
import { newApiKey } from "@authmodes/core";
import { createTestKit } from "@authmodes/testing";
import { listen, type Path, type Shop } from "./shops.ts";

type Headers = Readonly<Record<string, string>>;
type Answer = readonly [status: number, what: unknown];
type Answers = Readonly<Record<"whoami" | "books" | "stock" | "sentElsewhere", Answer>>;

const elsewhere = [200, "elsewhere was called without credentials"] as const;
const unknown = [401, "credentials_missing"] as const;

/** What each example answers to each caller, as `visit` returns it. */
export const expectedAnswers: Readonly<Record<string, Answers>> = {
  key: {
    whoami: [200, "apiKey"],
    books: [200, [{ id: "1", title: "Emma", cost: null }]],
    stock: [200, "stock was called by key"],
    sentElsewhere: elsewhere,
  },
  staff: {
    whoami: [200, "userPool"],
    books: [200, [{ id: "1", title: "Emma", cost: 3 }]],
    stock: [200, "stock was called by staff"],
    sentElsewhere: elsewhere,
  },
  customer: {
    whoami: [200, "userPool"],
    books: [403, "forbidden"],
    stock: [200, "stock was called by customer"],
    sentElsewhere: elsewhere,
  },
  stranger: { whoami: unknown, books: unknown, stock: unknown, sentElsewhere: unknown },
};

/**
 * Loads an example, starts it, and calls each path as each caller. The stock that it calls is a server of its own,
 * which then redirects to yet another. The keys of the user pool are the test kit's.
 */
export async function visit<Exports>(
  load: () => Promise<Exports>,
  start: (exports: Exports) => Promise<Shop>,
): Promise<Readonly<Record<string, Answers>>> {
  const kit = await createTestKit({ userPoolClientId: "1h57kf5cpq17m0eml12EXAMPLE" });
  const { key, stored } = await newApiKey({ expiresInSeconds: null });
  const callers: Record<string, Headers> = {
    key: { "x-api-key": key },
    staff: await kit.headersFor("userPool", { username: "sam", groups: ["Staff"] }),
    customer: await kit.headersFor("userPool", { username: "cleo" }),
    stranger: {},
  };
  const elsewhere = await listen(tellCaller("elsewhere", callers));
  const tellStock = tellCaller("stock", callers);
  let redirects = false;
  const stock = await listen((request, response) => {
    if (redirects) response.writeHead(307, { location: elsewhere.url });
    tellStock(request, response);
  });
  const restore = replaceWorld({ STOCK_URL: stock.url, API_KEY_HASH: stored.hash }, kit.userPool.fetch);
  let shop: Shop | undefined;
  try {
    const exports = await load();
    const running = (shop = await start(exports));
    const answers: Record<string, Answers> = {};
    for (const [name, headers] of Object.entries(callers)) {
      const ask = async (path: Path): Promise<Answer> => tell(path, await running.ask(path, headers));
      redirects = false;
      const direct = { whoami: await ask("/whoami"), books: await ask("/books"), stock: await ask("/stock") };
      redirects = true;
      answers[name] = { ...direct, sentElsewhere: await ask("/stock") };
      redirects = false;
    }
    return answers;
  } finally {
    restore();
    await Promise.all([shop, stock, elsewhere].map((server) => server?.close()));
  }
}

/** Answers with the names of the callers whose credentials came. */
function tellCaller(server: string, callers: Readonly<Record<string, Headers>>): RequestListener {
  return ({ headers }, response) => {
    const sent = [headers["x-api-key"], headers.authorization, headers.cookie].filter(
      (value) => value !== undefined,
    );
    const names = sent.map(
      (value) =>
        Object.keys(callers).find((name) => Object.values(callers[name] ?? {}).includes(String(value))) ??
        "?",
    );
    const by = names.length === 0 ? "without credentials" : `by ${names.join(" and ")}`;
    response.end(JSON.stringify({ answer: `${server} was called ${by}` }));
  };
}

/** The code of a rejection, or what the path is about. */
async function tell(path: Path, response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  const { code, mode, answer } = Object(body) as Readonly<Record<string, unknown>>;
  if (code !== undefined) return [response.status, code];
  if (path === "/whoami") return [response.status, mode];
  return [response.status, path === "/books" ? body : (Object(answer)["answer"] ?? answer)];
}

/** Replaces what the examples use: the environment, the console, the network. Returns what restores them. */
function replaceWorld(variables: Readonly<Record<string, string>>, cognito: typeof fetch): () => void {
  const { error } = console;
  const { fetch } = globalThis;
  console.error = () => {}; // rejections are logged there
  Object.assign(process.env, variables);
  globalThis.fetch = (input, init) => {
    const { host } = new URL(input instanceof Request ? input.url : input);
    return host.startsWith("cognito-idp.") ? cognito(input, init) : fetch(input, init);
  };
  return () => {
    console.error = error;
    globalThis.fetch = fetch;
    for (const name of Object.keys(variables)) delete process.env[name];
  };
}
