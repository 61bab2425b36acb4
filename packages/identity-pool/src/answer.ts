import { AuthError, type RequestView } from "@authmodes/core";
import { invalid, PoolError } from "./errors.ts";
import type { Input, Operations } from "./operations.ts";

/** An answer, as both kinds of servers send it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for a preflight. */
  readonly body: string;
}

const maxBodyBytes = 65_536;
const target = /^AWSCognitoIdentityService\.(\w{1,64})$/;

// Any page may call a pool, as it may call Amazon's: the logins are in the body, and no cookie counts.
const cors = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-amzn-requestid,x-amzn-errortype,date",
};
const preflight = {
  ...cors,
  "access-control-allow-methods": "POST",
  "access-control-allow-headers":
    "content-type,x-amz-target,x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request,cache-control,pragma",
  "access-control-max-age": "7200",
};

/**
 * Answers a request of a client.
 * @throws what is not the client's fault, such as a body that a parser consumed
 */
export async function answerTo(view: RequestView, operations: Operations): Promise<Answer> {
  if (view.method === "OPTIONS") return { status: 204, headers: preflight, body: "" };
  try {
    if (view.method !== "POST") throw new PoolError("UnknownOperationException", "Send POST.", 405);
    const operation = target.exec(view.header("x-amz-target") ?? "")?.[1] ?? "";
    return json(200, {}, await operations.call(operation, await inputOf(view)));
  } catch (error) {
    const { type, message, status } = asPoolError(error);
    const headers = {
      "x-amzn-errortype": `${type}:`,
      ...(status === 405 && { allow: "POST, OPTIONS" }),
      ...(status === 503 && { "retry-after": "5" }),
    };
    return json(status, headers, { __type: type, message });
  }
}

async function inputOf(view: RequestView): Promise<Input> {
  const bytes = await view.body(maxBodyBytes);
  let input: unknown;
  try {
    input = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The parser's error would quote the body.
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return { ...input };
  throw invalid("The body is not a JSON object.");
}

function asPoolError(error: unknown): PoolError {
  if (error instanceof PoolError) return error;
  if (error instanceof AuthError && error.code === "body_too_large") {
    return new PoolError("InvalidParameterException", `The body is over ${maxBodyBytes} bytes.`, 413);
  }
  if (error instanceof AuthError && error.code === "body_timeout") {
    return new PoolError("InvalidParameterException", "The body did not arrive in time.", 408);
  }
  throw error;
}

function json(status: number, headers: Readonly<Record<string, string>>, body: object): Answer {
  return {
    status,
    headers: {
      ...cors,
      "content-type": "application/x-amz-json-1.1",
      "cache-control": "no-store",
      "x-amzn-requestid": globalThis.crypto.randomUUID(),
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
