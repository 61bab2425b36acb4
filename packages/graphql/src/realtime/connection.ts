import type { IncomingMessage } from "node:http";
import {
  type AuthError,
  type ConnectionWatch,
  type MaybePromise,
  nodeView,
  type RequestView,
  watchConnection,
} from "@authmodes/core";
import { messageView } from "@authmodes/core/messages";
import type { RawData, WebSocket } from "ws";
import { connectionError, subscriptionError, type WireError } from "../appsync-errors.ts";
import { credentialsOf } from "./handshake.ts";
import { readMessage, type ServerMessage, type StartMessage } from "./messages.ts";
import type { Settings } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { Subscription } from "./subscription.ts";
import { badRequest } from "./wire-errors.ts";

/** How long a client may take to send `connection_init`, in milliseconds of real time. */
const longestSilence = 15_000;
/** How long a client may take to answer the close of its socket, in milliseconds of real time. */
const longestClose = 5000;

/** How long starts that are on their way are still answered in an outage, in milliseconds of real time. */
const lastStarts = 1000;

/** How long before its credentials expire a connection is closed, in milliseconds. */
const expiryLead = 1000;

/** Codes of RFC 6455 §7.4.1 and the IANA registry. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  policyViolation: 1008,
  tryAgainLater: 1013,
} as const;

/** One WebSocket: its caller, and the subscriptions that the client started on it. */
export class Connection {
  readonly request: IncomingMessage;
  /** The request as modes see it. */
  readonly view: RequestView;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #settings: Settings;
  readonly #headers: unknown;
  readonly #outbox: Outbox;
  readonly #byId = new Map<string, Subscription>();
  /** Those that the client stopped too, until they are over: they count for the limit. */
  readonly #running = new Set<Subscription>();
  #phase: "new" | "verifying" | "ready" | "over" = "new";
  #watch: ConnectionWatch | undefined;
  #timer: ReturnType<typeof setTimeout>;
  #interruption: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: WebSocket, request: IncomingMessage, offered: readonly string[], settings: Settings) {
    this.request = request;
    this.view = nodeView(request, settings.auth.publicUrl);
    this.#socket = socket;
    this.#settings = settings;
    this.#headers = credentialsOf(request, offered);
    this.#outbox = new Outbox(socket);
    this.#timer = setTimeout(
      () => this.close(closeCodes.policyViolation, "connection_init did not arrive in time"),
      longestSilence,
    );
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    // The socket has closed itself, with a code that names the fault: 1009 for a message that is too large.
    socket.on("error", () => this.close(closeCodes.protocolError, "The message is not one of WebSocket"));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#end();
        this.#outbox.close();
        resolve();
      });
    });
  }

  send(message: ServerMessage): void {
    this.#outbox.send(message);
  }

  /** Waits between two events. */
  paced(): Promise<void> {
    return this.#outbox.paced();
  }

  /** Whether the credentials of the connection are still good. */
  mayStillSend(): MaybePromise<boolean> {
    return this.#watch?.mayStillSend() ?? false;
  }

  /** Closes the socket after a second, so that the client connects again: events may be lost. */
  interrupt(): void {
    // For each start Amplify JS waits 15 seconds for an acknowledgement, even after the socket closed. Without it, its next
    // socket would fail. So starts on their way get theirs first.
    this.#interruption ??= setTimeout(() => {
      for (const running of this.#byId.values()) running.acknowledge();
      this.close(
        closeCodes.tryAgainLater,
        "Events may be missing: connect again, and read the current state",
      );
    }, lastStarts);
  }

  /** Rejects the connection. */
  reject(error: WireError, code: number): void {
    this.send({ type: "connection_error", payload: { errors: [error] } });
    this.close(code, error.message);
  }

  /** Ends everything and closes the socket, after 5 seconds also if the client does not answer. */
  close(code: number, reason: string): void {
    this.#end();
    this.#socket.close(code, reason);
    this.#timer = setTimeout(() => this.#socket.terminate(), longestClose);
  }

  #end(): void {
    this.#phase = "over";
    clearTimeout(this.#timer);
    clearTimeout(this.#interruption);
    this.#watch?.stop();
    for (const running of this.#running) running.stop();
    this.#byId.clear();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#phase === "over") return;
    const message = readMessage(Buffer.isBuffer(data) && !isBinary ? data.toString() : "");
    switch (message.type) {
      case "connection_init":
        return void this.#init();
      case "start":
        return this.#start(message);
      case "stop":
        return this.#stop(message.id);
      case "unknown":
        return this.#error(
          { errorType: "UnsupportedOperation", message: "Unknown type of message" },
          message.id,
        );
      case "malformed":
        return this.#error(badRequest("The message is not one of this protocol"), message.id);
    }
  }

  async #init(): Promise<void> {
    if (this.#phase !== "new") return this.#error(badRequest("connection_init was sent before"));
    this.#phase = "verifying";
    const { auth, signedPath, clock, connectionTimeoutMs, keepAliveSeconds } = this.#settings;
    const target = `${signedPath}/connect`;
    try {
      const view = messageView(this.view, { headers: this.#headers, target, body: "{}" });
      const identity = await auth.authenticate(view);
      if (this.#isOver()) return;
      clearTimeout(this.#timer);
      this.#phase = "ready";
      // Before a subscription with the same token: its error would be final for Amplify's clients.
      this.#watch = watchConnection(
        identity,
        (error) => this.#expire(error),
        () => clock() + expiryLead,
      );
    } catch (error) {
      if (this.#isOver()) return;
      const answer = connectionError(error);
      const code = answer.errorCode === 401 ? closeCodes.policyViolation : closeCodes.tryAgainLater;
      return this.reject(answer, code);
    }
    // The credentials may be over already.
    if (this.#isOver()) return this.#watch.stop();
    this.send({ type: "connection_ack", payload: { connectionTimeoutMs } });
    this.send({ type: "ka" });
    this.#timer = setInterval(() => this.send({ type: "ka" }), keepAliveSeconds * 1000);
  }

  /** It changes while something is awaited, which the compiler does not see. */
  #isOver(): boolean {
    return this.#phase === "over";
  }

  #start(message: StartMessage): void {
    const { id } = message;
    if (this.#phase !== "ready") return this.#error(badRequest("connection_init comes before start"), id);
    if (this.#byId.has(id)) {
      const errorType = "DuplicatedOperationError";
      return this.#error({ errorType, message: "A subscription with this id is running" }, id);
    }
    if (this.#running.size >= this.#settings.maxSubscriptions) {
      const errorType = "MaxSubscriptionsReachedError";
      return this.#error({ errorType, message: "The socket has as many subscriptions as it may have" }, id);
    }
    const subscription = new Subscription(this, this.#settings, message);
    this.#byId.set(id, subscription);
    this.#running.add(subscription);
    void subscription.run().then(() => {
      this.#running.delete(subscription);
      if (this.#byId.get(id) === subscription) this.#byId.delete(id);
    });
  }

  #stop(id: string): void {
    this.#byId.get(id)?.stop();
    this.#byId.delete(id);
    // Android's client waits for it, also if an error has ended the subscription.
    this.send({ id, type: "complete" });
  }

  /** The credentials of the connection expire, or are revoked. */
  #expire(error: AuthError): void {
    const { normal, policyViolation, tryAgainLater } = closeCodes;
    const { errorCode, message } = connectionError(error);
    // Without an error clients connect again, with the tokens that they have then, and their subscriptions go on.
    if (error.code === "credentials_expired") return this.close(normal, message);
    if (errorCode !== 401) return this.close(tryAgainLater, message);
    for (const running of this.#byId.values()) running.end(subscriptionError(error));
    this.close(policyViolation, message);
  }

  #error(error: WireError, id?: string): void {
    this.send({ ...(id !== undefined && { id }), type: "error", payload: { errors: [error] } });
  }
}
