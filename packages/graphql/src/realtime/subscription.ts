import {
  type ConnectionWatch,
  type Identity,
  type IdentityBase,
  type RequestView,
  watchConnection,
} from "@authmodes/core";
import { tell, within } from "@authmodes/core/adapter";
import { messageView } from "@authmodes/core/messages";
import { type ExecutionResult, type GraphQLSchema, subscribe } from "graphql";
import { subscriptionError, type WireError } from "../appsync-errors.ts";
import { endOf, isStream } from "../guards/event-stream.ts";
import { isWatched } from "../guards/subscription.ts";
import type { Connection } from "./connection.ts";
import type { StartMessage } from "./messages.ts";
import { type Operation, readOperation } from "./operation.ts";
import type { Settings } from "./options.ts";
import { endedBy, executionErrors, isFault, isOutage, StartRejected } from "./wire-errors.ts";

type Events = AsyncIterator<ExecutionResult>;

/** The auth has reported it already. */
function rejected(error: unknown): never {
  throw new StartRejected(subscriptionError(error));
}

const wait = { what: "context and subscribe of a subscription", reason: "subscribe_timeout" };

/** One subscription: verified, opened, and sent event by event until one of the two sides ends it. */
export class Subscription {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #start: StartMessage;
  #events: Events | undefined;
  #watch: ConnectionWatch | undefined;
  #isAcknowledged = false;
  #isOver = false;

  constructor(connection: Connection, settings: Settings, start: StartMessage) {
    this.#connection = connection;
    this.#settings = settings;
    this.#start = start;
  }

  /** Resolves when the subscription is over. Never rejects. */
  async run(): Promise<void> {
    try {
      const events = await this.#open();
      if (this.#isOver || events === undefined) return;
      this.acknowledge();
      await this.#forward(events);
    } catch (error) {
      if (error instanceof StartRejected) this.end(...error.errors);
      else this.#fail(error);
    } finally {
      this.stop();
    }
  }

  /** Ends the subscription with an error for the client. In an outage it ends the socket, since errors are final for clients. */
  end(...errors: readonly WireError[]): void {
    if (this.#isOver) return;
    this.stop();
    if (errors.some(isOutage)) {
      this.acknowledge();
      return this.#connection.interrupt();
    }
    this.#connection.send({ id: this.#start.id, type: "error", payload: { errors } });
  }

  acknowledge(): void {
    if (!this.#isAcknowledged) this.#connection.send({ id: this.#start.id, type: "start_ack" });
    this.#isAcknowledged = true;
  }

  /** Ends the subscription without a word. A source that is being opened is ended once it is open. */
  stop(): void {
    this.#isOver = true;
    this.#watch?.stop();
    const events = this.#events;
    this.#events = undefined;
    // Not awaited: a generator that waits for an event returns only after that event.
    if (events !== undefined) void endOf(events);
  }

  /** @returns undefined if the client stopped before anything was opened */
  async #open(): Promise<Events | undefined> {
    const { auth, schema, signedPath, validationRules } = this.#settings;
    const { data, authorization } = this.#start;
    const view = messageView(this.#connection.view, {
      headers: authorization,
      target: signedPath,
      body: data,
    });
    const identity = await auth.authenticate(view).catch(rejected);
    if (this.#isOver) return undefined;
    const now = schema();
    const operation = readOperation(data, now, validationRules);
    const opening = this.#subscribe(now, operation, identity, view);
    const result = await within(wait, () => opening);
    if ("errors" in result) throw new StartRejected(...executionErrors(result.errors ?? [], this.#report));
    this.#watchUnlessGuarded(identity, now);
    return result as Events;
  }

  async #subscribe(
    schema: GraphQLSchema,
    { query, document, variables, operationName }: Operation,
    identity: IdentityBase,
    view: RequestView,
  ): Promise<Events | ExecutionResult> {
    const start = { view, request: this.#connection.request, query, variables };
    const contextValue = await this.#settings.context(identity as Identity, start);
    const result = await subscribe({
      schema,
      document,
      contextValue,
      variableValues: variables,
      operationName,
    });
    if (!isStream(result)) return result;
    this.#events = result;
    // The client stopped meanwhile, or the time was up.
    if (this.#isOver) this.stop();
    return result;
  }

  /** `protect()` watches the caller of its subscriptions itself. */
  #watchUnlessGuarded(identity: IdentityBase, schema: GraphQLSchema): void {
    const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
    if (this.#isOver || fields.every(isWatched)) return;
    this.#watch = watchConnection(
      identity,
      (error) => this.end(subscriptionError(error)),
      this.#settings.clock,
    );
  }

  async #forward(events: Events): Promise<void> {
    for (;;) {
      const result = await this.#next(events);
      if (this.#isOver || result === undefined) return;
      if (result.done === true) return this.#connection.send({ id: this.#start.id, type: "complete" });
      // If it may not, the error is on its way.
      const may = (await this.#connection.mayStillSend()) && (await (this.#watch?.mayStillSend() ?? true));
      if (this.#isOver || !may) return;
      const { value } = result;
      const refusal = endedBy(value.errors);
      if (refusal !== undefined) return this.end(...executionErrors([refusal], this.#report));
      this.#connection.send({ id: this.#start.id, type: "data", payload: this.#payload(value) });
      await this.#connection.paced();
      if (this.#isOver) return;
    }
  }

  async #next(events: Events): Promise<IteratorResult<ExecutionResult, unknown> | undefined> {
    try {
      return await events.next();
    } catch (error) {
      if (this.#isOver) return undefined;
      this.#report(error);
      this.#connection.interrupt();
      return undefined;
    }
  }

  #payload({ data, errors, extensions }: ExecutionResult): object {
    return {
      data,
      ...(errors !== undefined && { errors: executionErrors(errors, this.#report) }),
      ...(extensions !== undefined && { extensions }),
    };
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    if (isFault(error)) this.#report(error);
    this.end(subscriptionError(error));
  }

  readonly #report = (error: unknown): void => tell(this.#settings.onError, error);
}
