import type { RequestListener } from "node:http";
import { createTestKit } from "@authmodes/testing";
import { listen, type Path, type Shop } from "./shops.ts";

type Headers = Readonly<Record<string, string>>;
type Answer = readonly [status: number, what: unknown];
type Answers = Readonly<Record<"whoami" | "books" | "stock" | "sentElsewhere", Answer>>;

const elsewhere = [200, "elsewhere was called by nobody"] as const;
const unknown = [401, "credentials_missing"] as const;

/** What each example answers to whom, as `visit` tells it. */
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
  nobody: { whoami: unknown, books: unknown, stock: unknown, sentElsewhere: unknown },
};

/**
 * Loads an example, starts it, and asks it everything as everybody. The stock that it calls is a server of its own,
 * which then redirects to yet another. The keys of the user pool are the test kit's.
 */
export async function visit<Exports>(
  load: () => Promise<Exports>,
  start: (exports: Exports) => Promise<Shop>,
): Promise<Readonly<Record<string, Answers>>> {
  const kit = await createTestKit({ userPoolClientId: "1h57kf5cpq17m0eml12EXAMPLE" });
  const callers: Record<string, Headers> = {
    staff: await kit.headersFor("userPool", { username: "sam", groups: ["Staff"] }),
    customer: await kit.headersFor("userPool", { username: "cleo" }),
    nobody: {},
  };
  const elsewhere = await listen(tellCaller("elsewhere", callers));
  const tellStock = tellCaller("stock", callers);
  let redirects = false;
  const stock = await listen((request, response) => {
    if (redirects) response.writeHead(307, { location: elsewhere.url });
    tellStock(request, response);
  });
  const world = replaceWorld(stock.url, kit.userPool.fetch);
  let shop: Shop | undefined;
  try {
    const exports = await load();
    callers["key"] = { "x-api-key": world.said()["shown once:"] ?? "" };
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
    world.restore();
    await Promise.all([shop, stock, elsewhere].map((server) => server?.close()));
  }
}

/** Answers with who called, by the credentials that came. */
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
    response.end(JSON.stringify({ answer: `${server} was called by ${names.join(" and ") || "nobody"}` }));
  };
}

/** The code of a refusal, or what the path is about. */
async function tell(path: Path, response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  const { code, mode, answer } = Object(body) as Readonly<Record<string, unknown>>;
  if (code !== undefined) return [response.status, code];
  if (path === "/whoami") return [response.status, mode];
  return [response.status, path === "/books" ? body : (Object(answer)["answer"] ?? answer)];
}

/** Where the examples look: the environment, the console, the network. */
function replaceWorld(
  stock: string,
  cognito: typeof fetch,
): { said(): Readonly<Record<string, string>>; restore(): void } {
  const { log, error } = console;
  const { fetch } = globalThis;
  const lines: Record<string, string> = {};
  console.log = (what: unknown, value: unknown) => void (lines[String(what)] = String(value));
  console.error = () => {}; // refusals are told there
  process.env["STOCK_URL"] = stock;
  globalThis.fetch = (input, init) => {
    const { host } = new URL(input instanceof Request ? input.url : input);
    return host.startsWith("cognito-idp.") ? cognito(input, init) : fetch(input, init);
  };
  return {
    said: () => lines,
    restore: () => {
      Object.assign(console, { log, error });
      globalThis.fetch = fetch;
      delete process.env["STOCK_URL"];
    },
  };
}
