import { printable } from "../lib/log.ts";
import type { DeniedByRule } from "../policy/policy.ts";
import type { Requirements } from "../types.ts";
import { type ErrorFormat, type Reply, renderReply } from "./reply.ts";

/** By code, for the caller. */
const messages = {
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

/** What a caller may learn. The table of statuses is in reply.ts. */
export type AuthErrorCode = keyof typeof messages;

/** Options of `AuthError`. */
export interface AuthErrorOptions {
  /** The message for the caller, such as what is wrong with an input. Default: a fixed sentence for the code. */
  readonly message?: string;
  /** A sentence for the log that names the cause and the fix. Never sent to the caller; put no secret into it. */
  readonly detail?: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** The scopes that are needed, for `scope_missing`. */
  readonly scopes?: readonly string[];
  /** More headers of the answer, such as `RateLimit`. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the `apigateway` and `appsync` formats: the error type that AWS returns, if the code is too coarse. */
  readonly awsType?: string;
  /** The message that AWS returns with it. */
  readonly awsMessage?: string;
  /** What was thrown, for the log. */
  readonly cause?: unknown;
}

/** What the server knows about a rejected request. */
export interface RefusalContext {
  readonly id: string;
  readonly format: ErrorFormat;
  /** The mode that decided; undefined if none did. */
  readonly mode: string | undefined;
  /**
   * Whether the rejected credential is a token: in `Authorization`, raw or after `Bearer`, or in a cookie. Default: it is.
   */
  readonly isToken?: () => boolean;
  /** The modes that the route accepts, for the challenge. */
  readonly accepted: readonly { readonly name: string; readonly scheme?: string | undefined }[];
  /** The `resource` of the auth: the challenge names its metadata, and the scopes of the route. */
  readonly resource?: string | undefined;
  /** What the route requires. */
  readonly needs?: Requirements | undefined;
}

/** Makes `instanceof` work for the errors of other copies of this module, which bundlers such as Next's make. */
const brand = Symbol.for("@authmodes/core: AuthError");

/**
 * A rejection. `code` is for the caller, `reason` and `detail` are for the log.
 * The error handlers of Express and Koa read `status`, `headers` and `expose`.
 * @example
 * import { type Auth, AuthError, type RequestView } from "@authmodes/core";
 *
 * export async function statusOf(auth: Auth, view: RequestView): Promise<number> {
 *   try {
 *     await auth.authenticate(view);
 *     return 200;
 *   } catch (error) {
 *     if (error instanceof AuthError) return error.status; // error.reply is the whole answer
 *     throw error;
 *   }
 * }
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: AuthErrorCode;
  /** A finer code, such as `signature_mismatch`. For the log; never sent to the caller. */
  readonly reason: string;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;
  readonly scopes: readonly string[];
  readonly expose = true;
  readonly #options: AuthErrorOptions;
  #context: RefusalContext = { id: "", format: "problem", mode: undefined, accepted: [] };
  #reply: Reply | undefined;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  static override [Symbol.hasInstance]<T extends object>(
    this: { readonly prototype: T },
    value: unknown,
  ): value is T {
    const isOurs = typeof value === "object" && value !== null && brand in value;
    return isOurs && (Object.is(this, AuthError) || this.prototype.isPrototypeOf(value));
  }

  constructor(code: AuthErrorCode, reason: string, options: AuthErrorOptions = {}) {
    // Without a stack trace, since the reason says where the error comes from. Collecting one takes as long as verifying
    // a signature, and any client could make the server do it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(
      options.message ?? messages[code],
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    Error.stackTraceLimit = stackTraceLimit;
    this.#options = options;
    this.code = code;
    this.reason = reason;
    this.detail = options.detail;
    this.retryAfter = options.retryAfter;
    this.scopes = options.scopes ?? [];
  }

  /** The id of the rejection, in the answer and in the log. */
  get id(): string {
    return this.#context.id;
  }

  /** The mode that decided; undefined if none did. */
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

  /** The whole answer, ready to send. */
  get reply(): Reply {
    return (this.#reply ??= renderReply(this, this.#options, this.#context));
  }

  /** The same error for another request. */
  copy(): AuthError {
    return new AuthError(this.code, this.reason, this.#options);
  }

  /** Sets the request that was rejected. Called by core, not by adapters. */
  within(context: RefusalContext): this {
    this.#context = context;
    this.#reply = undefined;
    return this;
  }
}

/**
 * Makes the rejection of an invalid input.
 * @param message what is wrong, for the caller; the same in every format
 * @example
 * import { invalidInput } from "@authmodes/core/adapter";
 *
 * export function checkTitle(title: string): void {
 *   if (title === "") throw invalidInput("title_empty", "title is empty");
 * }
 */
export function invalidInput(reason: string, message: string): AuthError {
  return new AuthError("invalid_input", reason, { message, awsMessage: message, detail: message });
}

/**
 * The rejection of invalid credentials.
 * @param detail for the log: what was expected; never the credentials
 */
export function refused(reason: string, detail?: string): AuthError {
  return new AuthError("credentials_refused", reason, detail === undefined ? {} : { detail });
}

/**
 * The rejection of a request for a fault that is not the caller's: 503.
 * @param retryAfter seconds
 */
export function unavailable(reason: string, detail: string, cause?: unknown, retryAfter = 5): AuthError {
  return new AuthError("unavailable", reason, { detail, retryAfter, cause });
}

/** A claim's value for the log: bounded and escaped. */
export function shown(value: unknown): string {
  return value === undefined ? "absent" : printable(JSON.stringify(value), 120);
}

/** Anything but an AuthError that a mode or an option throws is a fault of the server: a 503, not a 401. */
export function asAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const detail =
    thrown instanceof Error
      ? `${thrown.name}: ${thrown.message}`
      : "something was thrown that is not an Error";
  return unavailable("verification_failed", detail, thrown);
}

/** The rejection for a denial. Its explanation is only for the log. */
export function refusedByRule({ reason, missing, explanation }: DeniedByRule): AuthError {
  return new AuthError(missing ? "not_found" : "forbidden", reason.replaceAll("-", "_"), {
    detail: explanation,
  });
}
