import { setTimeout as sleep } from "node:timers/promises";
import { generateStatements } from "@aws-amplify/graphql-generator";
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Mode, Operation } from "./realtime/client.ts";
import {
  Certificate,
  type Client,
  type Clients,
  nodeClients,
  pageClients,
  type ServerProcess,
  startServer,
} from "./realtime/processes.ts";
import type { Session } from "./support/amplify.ts";
import { isMissing } from "./support/programs.ts";

// Subscriptions of Amplify JS, in Node and in Chromium. `npm run proof -- realtime` runs them on every framework.

const isProof = process.env["PROOF"] === "realtime";
const frameworks = isProof ? ["express", "koa", "fastify", "nestjs", "next"] : ["express"];
const places = [
  { place: "Node", start: nodeClients, isSkipped: isMissing("openssl") },
  {
    place: "Chromium",
    start: pageClients,
    isSkipped: isMissing("openssl") || isMissing("chromium-headless-shell"),
  },
];

/** Amplify's clients connect again after 5 seconds. */
const patient = { timeout: 30_000, interval: 50 };

interface Caller {
  readonly mode: Mode;
  readonly token?: string;
}

type Credentials = Awaited<ReturnType<typeof credentialsOf>>;
const credentialsOf = (server: ServerProcess) => server.call("credentials");

describe.skipIf(isMissing("openssl")).each(frameworks)("subscriptions on %s", (framework) => {
  let certificate: Certificate;
  let server: ServerProcess;
  let writers: Clients;
  let writer: Client;
  let url: string;
  let credentials: Credentials;
  let documents: ReadonlyMap<string, string>;

  beforeAll(async () => {
    certificate = new Certificate();
    [server, writers] = await Promise.all([startServer(framework, certificate), nodeClients(certificate)]);
    writer = await writers.open();
    url = await server.call("start");
    credentials = await credentialsOf(server);
    documents = await generatedDocuments();
  }, 180_000);
  afterAll(async () => {
    await Promise.all([server?.stop(), writer?.stop(), writers?.stop()]);
    certificate?.remove();
  });

  const configure = (client: Client, session: Session = {}) =>
    client.call("configure", { url, apiKey: credentials.apiKey, session });

  /** By the name of their field. */
  async function generatedDocuments(): Promise<ReadonlyMap<string, string>> {
    await configure(writer);
    const { data } = await writer.call("ask", { query: getIntrospectionQuery(), authMode: "apiKey" });
    const schema = printSchema(buildClientSchema(data as unknown as IntrospectionQuery));
    const files = Object.values(generateStatements({ schema, target: "graphql" }));
    const texts = files.flatMap((text) => text.split(/^(?=(?:query|mutation|subscription) )/m));
    return new Map(texts.map((text) => [/\{\s*(\w+)/.exec(text)?.[1] ?? "", text]));
  }

  function documentOf(name: string): string {
    const text = documents.get(name);
    if (text === undefined) throw new TypeError(`no ${name} was generated: ${[...documents.keys()].join()}`);
    return text;
  }

  /** Writes an order over HTTP. */
  async function order(owner: "alice" | "bob" | "otto", book: string): Promise<void> {
    await configure(writer, { accessToken: credentials[owner] });
    const authMode = owner === "otto" ? "oidc" : "userPool";
    const [query, variables] = [documentOf("createOrder"), { input: { book, note: `for ${owner}` } }];
    const answer = await writer.call("ask", { query, variables, authMode });
    expect(answer).toMatchObject({ data: { createOrder: { book, note: `for ${owner}` } } });
  }

  /** What the auth decided about connections, since the log had that length. */
  const connections = async (since: number) =>
    (await server.call("log")).slice(since).filter(({ path }) => path === "/graphql/connect");
  const logLength = async () => (await server.call("log")).length;

  const operationOf = ({ mode, token }: Caller, query = documentOf("onCreateOrder")): Operation => ({
    query,
    authMode: mode,
    ...(token !== undefined && { authToken: token }),
  });
  const plain = "subscription { onCreateOrder { book note } }";

  const eventOf = (owner: string, book: string, note: string | null) => ({
    __typename: "Order",
    id: expect.any(String) as string,
    book,
    note,
    owner: expect.stringContaining(owner) as string,
  });

  describe.skipIf(isMissing("openssl")).each(places)(
    "of Amplify JS in $place",
    ({ place, start, isSkipped }) => {
      let clients: Clients;
      beforeAll(async () => {
        if (!isSkipped) clients = await start(certificate);
      });
      afterAll(() => clients?.stop());

      /** An app whose user has this session. */
      async function signedIn(session: Session = {}) {
        const client = await clients.open();
        onTestFinished(() => client.stop());
        await configure(client, session);
        const received = (name: string) => client.call("received", name);
        const acknowledged = () => client.call("acknowledged");
        return {
          signIn: (next: Session) => configure(client, next),
          open: (name: string, operation: Operation) => client.call("subscribe", name, operation),
          unsubscribe: (name: string) => client.call("unsubscribe", name),
          received,
          states: () => client.call("states"),
          acknowledged,
          /** Waits for the server to acknowledge so many subscriptions. */
          hasAcknowledged: (count: number) =>
            vi.waitFor(async () => expect(await acknowledged()).toBe(count), patient),
          /** Subscribes, and waits for the acknowledgement. */
          async subscribe(name: string, operation: Operation) {
            const before = await acknowledged();
            await client.call("subscribe", name, operation);
            await vi.waitFor(async () => {
              expect(await received(name)).toEqual([]);
              expect(await acknowledged()).toBe(before + 1);
            }, patient);
          },
          arrived: (name: string, ...events: readonly object[]) =>
            vi.waitFor(async () => {
              expect(await received(name)).toEqual(
                events.map((onCreateOrder) => ({ data: { onCreateOrder } })),
              );
            }, patient),
          /** Waits for the error of a subscription. @returns its text */
          failed: (name: string, timeout = patient.timeout) =>
            vi.waitFor(
              async () => {
                const [error, ...others] = (await received(name)).filter((one) => one.data === undefined);
                expect([error?.error, others]).toEqual([expect.any(String), []]);
                return error?.error;
              },
              { timeout, interval: 50 },
            ),
        };
      }

      it.skipIf(isSkipped).each([
        ["apiKey", "nobody"],
        ["iam", "guest"],
        ["identityPool", "guest"],
        ["iam", "user"],
        ["identityPool", "user"],
        ["lambda", "nobody"],
      ] as const)("%s (%s): the orders of all users arrive, their notes are null", async (mode, who) => {
        const app = await signedIn(who === "nobody" ? {} : { credentials: credentials[who] });
        const since = await logLength();
        const token = mode === "lambda" ? { token: credentials.lambda.authorized } : {};
        await app.subscribe("orders", operationOf({ mode, ...token }));
        const verified = mode === "identityPool" ? "iam" : mode;
        expect(await connections(since)).toMatchObject([{ type: "accepted", mode: verified }]);
        await order("bob", "Emma");
        await order("otto", "Persuasion");
        await app.arrived("orders", eventOf("bob", "Emma", null), eventOf("otto", "Persuasion", null));
      });

      it.skipIf(isSkipped).each([
        ["userPool", "alice", "otto"],
        ["oidc", "otto", "alice"],
      ] as const)("%s: a user's own orders arrive whole, those of others never", async (mode, own, other) => {
        const app = await signedIn({ accessToken: credentials[own] });
        const since = await logLength();
        await app.subscribe("orders", operationOf({ mode }));
        expect(await connections(since)).toMatchObject([{ type: "accepted", mode }]);
        await order("bob", "Emma");
        await order(other, "Emma");
        await order(own, "Persuasion");
        await order("bob", "Emma");
        await order(own, "Mansfield Park");
        // Events keep their order: another user's would have arrived before.
        const note = `for ${own}`;
        await app.arrived("orders", eventOf(own, "Persuasion", note), eventOf(own, "Mansfield Park", note));
      });

      it.skipIf(isSkipped)("callers of several modes share a socket, and filters select", async () => {
        const app = await signedIn({ accessToken: credentials.alice, credentials: credentials.guest });
        const since = await logLength();
        await app.subscribe("key", operationOf({ mode: "apiKey" }, plain));
        await app.subscribe("alice", operationOf({ mode: "userPool" }, plain));
        await app.subscribe("guest", operationOf({ mode: "iam" }, plain));
        const filter = { book: { beginsWith: "P" } };
        await app.subscribe("filtered", { ...operationOf({ mode: "apiKey" }), variables: { filter } });
        await order("alice", "Emma");
        await order("alice", "Persuasion");
        const [emma, persuasion] = [
          { book: "Emma", note: null },
          { book: "Persuasion", note: null },
        ];
        await app.arrived("key", emma, persuasion);
        await app.arrived("guest", emma, persuasion);
        await app.arrived("alice", { ...emma, note: "for alice" }, { ...persuasion, note: "for alice" });
        await app.arrived("filtered", eventOf("alice", "Persuasion", null));
        await app.unsubscribe("guest");
        await order("bob", "Sanditon");
        await app.arrived("key", emma, persuasion, { book: "Sanditon", note: null });
        await app.arrived("guest", emma, persuasion);
        expect(await connections(since)).toHaveLength(1);
      });

      it.skipIf(isSkipped).each([
        ["an authorizer denies", async () => ({ mode: "lambda", token: credentials.lambda.denied }) as const],
        ["expired", async () => ({ mode: "userPool", username: "alice" }) as const],
      ])(
        "a connection with a token that %s is an error at once, and no other try",
        async (_what, callerOf) => {
          const caller = await callerOf();
          const expired = await server.call("token", { wrong: "expired" });
          const app = await signedIn({ accessToken: expired });
          const since = await logLength();
          await app.open("orders", operationOf(caller));
          expect(await app.failed("orders", 5000)).toContain("Connection failed: UnauthorizedException");
          // Six tries would be over.
          await sleep(4000);
          expect(await connections(since)).toMatchObject([{ type: "refused", mode: caller.mode }]);
        },
      );

      it.skipIf(isSkipped)("if the authorizer is down, Amplify tries again, until it is back", async () => {
        const app = await signedIn();
        const since = await logLength();
        await server.call("setAuthorizerDown", true);
        onTestFinished(() => server.call("setAuthorizerDown", false));
        await app.open(
          "orders",
          operationOf({ mode: "lambda", token: credentials.lambda.authorized }, plain),
        );
        await vi.waitFor(async () => expect((await connections(since)).length).toBeGreaterThan(1), patient);
        expect(await app.received("orders")).toEqual([]);
        await server.call("setAuthorizerDown", false);
        await app.hasAcknowledged(1);
        await order("bob", "Emma");
        await app.arrived("orders", { book: "Emma", note: null });
      });

      it.skipIf(isSkipped)("a subscription that the rules deny fails, and the others go on", async () => {
        const app = await signedIn();
        await app.subscribe("orders", operationOf({ mode: "apiKey" }, plain));
        await app.open("reports", operationOf({ mode: "apiKey" }, documentOf("onCreateReport")));
        expect(await app.failed("reports", 5000)).toContain(
          "Not Authorized to access onCreateReport on type Subscription",
        );
        // Amplify closes its socket after such an error, and connects again after 5 seconds.
        await app.hasAcknowledged(2);
        await order("bob", "Emma");
        await app.arrived("orders", { book: "Emma", note: null });
      });

      it.skipIf(isSkipped)("a document that is not valid fails alone, on the same socket", async () => {
        const app = await signedIn();
        const since = await logLength();
        await app.subscribe("orders", operationOf({ mode: "apiKey" }, plain));
        await app.open("typo", operationOf({ mode: "apiKey" }, "subscription { onCreateOrder { titel } }"));
        expect(await app.failed("typo", 5000)).toContain("ValidationError");
        await order("bob", "Emma");
        await app.arrived("orders", { book: "Emma", note: null });
        expect(await connections(since)).toHaveLength(1);
      });

      it.skipIf(isSkipped)("after the token expired, subscriptions go on with the next one", async () => {
        const short = await server.call("token", { username: "alice", expiresInSeconds: 8 });
        const app = await signedIn({ accessToken: short });
        const since = await logLength();
        await app.subscribe("own", operationOf({ mode: "userPool" }, plain));
        await app.subscribe("key", operationOf({ mode: "apiKey" }, plain));
        await app.signIn({ accessToken: credentials.alice });
        await app.hasAcknowledged(4);
        await order("alice", "Persuasion");
        await app.arrived("own", { book: "Persuasion", note: "for alice" });
        await app.arrived("key", { book: "Persuasion", note: null });
        expect(await connections(since)).toMatchObject([{ type: "accepted" }, { type: "accepted" }]);
      });

      it.skipIf(isSkipped)("without a new token, expiry ends subscriptions", async () => {
        const short = await server.call("token", { username: "alice", expiresInSeconds: 6 });
        const app = await signedIn({ accessToken: short });
        await app.subscribe("orders", operationOf({ mode: "userPool" }, plain));
        await order("alice", "Emma");
        await app.arrived("orders", { book: "Emma", note: "for alice" });
        expect(await app.failed("orders")).toContain("Connection failed: UnauthorizedException");
        await order("alice", "Sanditon");
        await app.signIn({ accessToken: credentials.alice });
        await app.subscribe("again", operationOf({ mode: "userPool" }, plain));
        await order("alice", "Persuasion");
        await app.arrived("again", { book: "Persuasion", note: "for alice" });
        expect(await app.received("orders")).toHaveLength(2);
      });

      it.skipIf(isSkipped)("expiry of a subscription's own token ends it, and the others go on", async () => {
        const short = await server.call("token", { username: "alice", expiresInSeconds: 6 });
        const app = await signedIn({ accessToken: short });
        await app.subscribe("key", operationOf({ mode: "apiKey" }, plain));
        await app.subscribe("own", operationOf({ mode: "userPool" }, plain));
        expect(await app.failed("own")).toMatch(/Token has expired.*UnauthorizedException/);
        await app.hasAcknowledged(3);
        await order("alice", "Emma");
        await app.arrived("key", { book: "Emma", note: null });
        expect(await app.received("own")).toHaveLength(1);
      });

      it.skipIf(isSkipped)("revocation ends a subscription, and the user's other ones", async () => {
        const token = await server.call("token", { username: `carol-${Date.now()}` });
        const app = await signedIn({ accessToken: token });
        const since = await logLength();
        await app.subscribe("own", operationOf({ mode: "userPool" }, plain));
        await server.call("revoke", token);
        expect(await app.failed("own", 10_000)).toContain("UnauthorizedException");
        await app.open("again", operationOf({ mode: "userPool" }, plain));
        expect(await app.failed("again", 10_000)).toContain("UnauthorizedException");
        expect((await connections(since)).at(-1)).toMatchObject({ reason: "token_revoked" });
      });

      // It takes half a minute, and is the same in both.
      const isSecond = isSkipped || place !== "Node";
      it.skipIf(isSecond)("subscriptions come back after events were lost, and the app is told", async () => {
        const app = await signedIn({ accessToken: credentials.alice });
        await app.subscribe("key", operationOf({ mode: "apiKey" }, plain));
        await app.subscribe("alice", operationOf({ mode: "userPool" }, plain));
        await server.call("setEventsDown", true);
        await server.call("loseEvents");
        // Once for the loss, and once after they connected again.
        await vi.waitFor(async () => {
          const states = await app.states();
          expect(states.filter((state) => state === "ConnectionDisrupted")).toHaveLength(2);
        }, patient);
        await server.call("setEventsDown", false);
        await vi.waitFor(async () => expect((await app.states()).at(-1)).toBe("Connected"), patient);
        // By then an acknowledgement that Amplify still waits for would be late.
        await sleep(16_000);
        expect((await app.states()).at(-1)).toBe("Connected");
        await order("alice", "Emma");
        const last = async (name: string) => (await app.received(name)).at(-1);
        const eventWith = (note: string | null) => ({ data: { onCreateOrder: { book: "Emma", note } } });
        await expect.poll(() => last("key"), patient).toEqual(eventWith(null));
        await expect.poll(() => last("alice"), patient).toEqual(eventWith("for alice"));
      });

      it.skipIf(isSkipped).each(["shutdown", "failure"] as const)(
        "subscriptions come back after the server's %s",
        async (how) => {
          const app = await signedIn({ accessToken: credentials.alice });
          await app.subscribe("key", operationOf({ mode: "apiKey" }, plain));
          await app.subscribe("alice", operationOf({ mode: "userPool" }, plain));
          await server.call("stop", how);
          expect(await server.call("start")).toBe(url);
          await app.hasAcknowledged(4);
          await order("alice", "Emma");
          await app.arrived("key", { book: "Emma", note: null });
          await app.arrived("alice", { book: "Emma", note: "for alice" });
        },
      );
    },
  );
});
