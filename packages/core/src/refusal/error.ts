import { printable } from "../auth/events.ts";
import { type ErrorFormat, type Reply, renderReply } from "./reply.ts";

/** What a caller may learn. The table of statuses is in reply.ts. */
export type AuthErrorCode =
  | "credentials_missing"
  | "credentials_malformed"
  | "credentials_ambiguous"
  | "credentials_refused"
  | "credentials_expired"
  | "mode_not_accepted"
  | "scope_missing"
  | "forbidden"
  | "not_found"
  | "invalid_input"
  | "body_too_large"
  | "body_timeout"
  | "rate_limited"
  | "unavailable"
  | "misconfigured";

const messages: Record<AuthErrorCode, string> = {
  credentials_missing: "The request has no credentials that this server reads",
  credentials_malformed: "The credentials are not well formed",
  credentials_ambiguous: "The request has several kinds of credentials; send one",
  credentials_refused: "The credentials were refused",
  credentials_expired: "The credentials have expired",
  mode_not_accepted: "This kind of credentials is not accepted here",
  scope_missing: "The credentials lack a scope that is needed here",
  forbidden: "The caller may not do this",
  not_found: "There is no such record",
  invalid_input: "The input is not valid",
  body_too_large: "The body is too large to be verified",
  body_timeout: "The body did not arrive in time",
  rate_limited: "Too many requests",
  unavailable: "The credentials cannot be verified at the moment",
  misconfigured: "The server is not set up to verify this request",
};

export interface AuthErrorOptions {
  /** What the caller is told in place of the sentence of the code: of `invalid_input`, what is wrong with the input. */
  readonly message?: string;
  /** A sentence for the log that names the cause. It never reaches the caller; no secret belongs in it. */
  readonly detail?: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** The scopes that are needed, for `scope_missing`. */
  readonly scopes?: readonly string[];
  /** Where the code alone is too coarse for the clients of a mode: the error type that AWS gives. */
  readonly awsType?: string;
  /** The text that AWS gives with it. */
  readonly awsMessage?: string;
  readonly cause?: unknown;
}

/** What the server knows when it refuses: set once, by `createAuth`. */
export interface RefusalContext {
  readonly id: string;
  readonly format: ErrorFormat;
  /** The mode that decided, where one did. */
  readonly mode: string | undefined;
  /** The modes that the route accepts, with their schemes: for the challenge. */
  readonly accepted: readonly { readonly name: string; readonly scheme?: string | undefined }[];
}

/** Bundlers such as Next's make copies of this module: each knows the refusals of the others by this. */
const brand = Symbol.for("@authmodes/core: AuthError");

/**
 * A refusal. `code` is for the caller, `reason` and `detail` are for the log.
 * `status`, `headers` and `expose` are what the error handlers of Express and Koa look at.
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: AuthErrorCode;
  /** Why, finer than the code; private. A word such as `signature_mismatch`. */
  readonly reason: string;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;
  readonly scopes: readonly string[];
  readonly awsType: string | undefined;
  readonly awsMessage: string | undefined;
  readonly expose = true;
  #context: RefusalContext = { id: "", format: "problem", mode: undefined, accepted: [] };
  #reply: Reply | undefined;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): value is AuthError {
    const isOurs = typeof value === "object" && value !== null && brand in value;
    return isOurs && (this === AuthError || this.prototype.isPrototypeOf(value));
  }

  constructor(code: AuthErrorCode, reason: string, options: AuthErrorOptions = {}) {
    // A refusal is an answer, not a bug: its reason says where it comes from. Looking for a stack trace takes as long as
    // verifying a signature does, and any client could make the server do it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(
      options.message ?? messages[code],
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.reason = reason;
    this.detail = options.detail;
    this.retryAfter = options.retryAfter;
    this.scopes = options.scopes ?? [];
    this.awsType = options.awsType;
    this.awsMessage = options.awsMessage;
  }

  /** The id that the caller is given and the log shows. */
  get id(): string {
    return this.#context.id;
  }

  /** The mode that decided, where one did. */
  get mode(): string | undefined {
    return this.#context.mode;
  }

  get status(): number {
    return this.reply.status;
  }

  get statusCode(): number {
    return this.reply.status;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.reply.headers;
  }

  /** The whole answer, ready to be sent. */
  get reply(): Reply {
    return (this.#reply ??= renderReply(this, this.#context));
  }

  /** Tells the error where it happened. For `createAuth`; adapters have no need of it. */
  within(context: RefusalContext): this {
    this.#context = context;
    this.#reply = undefined;
    return this;
  }
}

/**
 * The rejection of an input that is not valid.
 * @param message what is wrong, for the caller; the same in every format
 */
export function invalidInput(reason: string, message: string): AuthError {
  return new AuthError("invalid_input", reason, { message, awsMessage: message, detail: message });
}

/**
 * Credentials that are not good.
 * @param detail for the log: names what was expected, never the credentials
 */
export function refused(reason: string, detail?: string): AuthError {
  return new AuthError("credentials_refused", reason, detail === undefined ? {} : { detail });
}

/** A claim's value for the log: bounded and escaped. */
export function shown(value: unknown): string {
  return value === undefined ? "absent" : printable(JSON.stringify(value), 120);
}

/** What else a mode or an option throws is a fault of the server: it rejects the request, but not as the caller's fault. */
export function asAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const detail =
    thrown instanceof Error
      ? `${thrown.name}: ${thrown.message}`
      : "something was thrown that is not an Error";
  return new AuthError("unavailable", "verification_failed", { cause: thrown, detail, retryAfter: 5 });
}
