import { randomUUID } from "node:crypto";
import { type Auth, type AuthEvent, createAuth, type Identity, lambda } from "@authmodes/core";
import { protect, yogaErrors } from "@authmodes/graphql";
import { type Events, EventsLost, memoryEvents, publishMutations } from "@authmodes/graphql/events";
import { createRealtime, type Realtime } from "@authmodes/graphql/realtime";
import { memoryStore, openRevocations, type Revocations } from "@authmodes/keys";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { createTestKit, type TestKit } from "@authmodes/testing";
import { createSchema, createYoga } from "graphql-yoga";

// The shop that every framework serves: orders of their owners, which others may read without the note.

const identityPoolId = "us-east-1:00000000-0000-4000-8000-000000000000";

const rules = `
  type Order @model @auth(rules: [
    { allow: owner }
    { allow: owner, provider: oidc, identityClaim: "sub" }
    { allow: public, operations: [read] }
    { allow: public, provider: identityPool, operations: [read] }
    { allow: private, provider: identityPool, operations: [read] }
    { allow: custom, operations: [read] }
  ]) {
    id: ID!
    book: String
    note: String @auth(rules: [
      { allow: owner }
      { allow: owner, provider: oidc, identityClaim: "sub" }
    ])
    owner: String
  }
  type Report @model @auth(rules: [{ allow: groups, groups: ["Librarians"] }]) {
    id: ID!
    title: String
  }
`;

const typeDefs = `
  type Order { id: ID! book: String note: String owner: String }
  type Report { id: ID! title: String }
  input CreateOrderInput { id: ID book: String note: String owner: String }
  input CreateReportInput { id: ID title: String }
  input ModelStringInput { ne: String eq: String beginsWith: String contains: String }
  input ModelSubscriptionOrderFilterInput {
    book: ModelStringInput
    and: [ModelSubscriptionOrderFilterInput]
    or: [ModelSubscriptionOrderFilterInput]
  }
  type Query { getOrder(id: ID!): Order }
  type Mutation {
    createOrder(input: CreateOrderInput!): Order
    createReport(input: CreateReportInput!): Report
  }
  type Subscription {
    onCreateOrder(filter: ModelSubscriptionOrderFilterInput, owner: String): Order
    onCreateReport: Report
  }
`;

interface Context {
  readonly identity: Identity;
}

interface Input {
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export class Shop {
  readonly kit: TestKit;
  readonly auth: Auth<Identity>;
  readonly revocations: Revocations;
  /** What the auth decided, oldest first. */
  readonly log: AuthEvent[] = [];
  /** Whether the authorizer cannot be reached. */
  authorizerIsDown = false;
  /** Whether new subscriptions find no connection to the events. */
  eventsAreDown = false;
  readonly #events = memoryEvents();
  readonly #schema: ReturnType<typeof createSchema<Context>>;
  readonly #yoga: ReturnType<typeof createYoga<Context>>;

  private constructor(kit: TestKit, revocations: Revocations, publicUrl: string | undefined) {
    this.kit = kit;
    this.revocations = revocations;
    const { apiKey, iam, userPool, oidc } = kit.modes;
    const authorizer: typeof kit.authorizer.handler = async (event) => {
      if (this.authorizerIsDown) throw new Error("the authorizer is down");
      return kit.authorizer.handler(event);
    };
    this.auth = createAuth([apiKey, iam, userPool, oidc, lambda({ authorizer })], {
      errorFormat: "appsync",
      ...(publicUrl !== undefined && { publicUrl }),
      revoked: revocations.isRevoked,
    });
    this.auth.onEvent((event) => this.log.push(event));
    const create = (_source: unknown, { input }: Input) => ({ id: randomUUID(), ...input });
    const schema = createSchema<Context>({
      typeDefs,
      resolvers: { Mutation: { createOrder: create, createReport: create } },
    });
    const events: Events = {
      ...this.#events,
      subscribe: (topic) =>
        this.eventsAreDown ? Promise.reject(new EventsLost()) : this.#events.subscribe(topic),
    };
    this.#schema = protect<Context>(publishMutations(schema, { events }), {
      policy: createPolicy(parseSchema(rules), { identityPool: { id: identityPoolId } }),
      identity: ({ identity }) => identity,
    });
    this.#yoga = createYoga<Context>({ schema: this.#schema, plugins: [yogaErrors()], logging: false });
  }

  /** @param publicUrl of a proxy before the server */
  static async open(publicUrl: string | undefined): Promise<Shop> {
    return new Shop(await createTestKit({ identityPoolId }), await openRevocations(memoryStore()), publicUrl);
  }

  /** Sends all subscribers more events at once than may wait for them. */
  async loseEvents(): Promise<void> {
    for (let i = 0; i < 1100; i++) void this.#events.publish("onCreateOrder", { id: "lost", book: "lost" });
  }

  realtime(): Realtime {
    const { auth } = this;
    return createRealtime<Context>({ auth, schema: this.#schema, context: (identity) => ({ identity }) });
  }

  /** Executes the body of a request whose caller was verified. */
  async execute(identity: Identity, body: unknown): Promise<Answer> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await this.#yoga.fetch("http://localhost/graphql", init, { identity });
    return { status: response.status, body: await response.text() };
  }
}
