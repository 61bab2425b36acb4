import { fail } from "node:assert/strict";
import type { Auth, AuthEvent } from "@authmodes/core";
import type { GuardNote } from "@authmodes/core/inspect";
import { type AwsCredentials, presign } from "@authmodes/core/outbound";
import type { SignableRequest } from "../headers.ts";
import type { TestKit } from "../kit.ts";
import type { AuditServer } from "./app.ts";
import { type AuditRequest, type Answer, type HeaderList, headerPairs, send } from "./http.ts";
import type { RunningServer } from "./servers.ts";

/** A request, its answer, and the refusal that the server reported under the answer's id. */
export interface Exchange extends Answer {
  readonly request: AuditRequest;
  readonly event: AuthEvent | undefined;
}

export interface SignedAuditRequest extends AuditRequest {
  readonly headers: Readonly<Record<string, string>>;
}

/** How to sign, besides what the request says of itself. */
export interface SignOptions extends Omit<SignableRequest, "method" | "url" | "headers" | "body"> {
  /** The server as the client knows it, if the request goes to another address. */
  readonly url?: string;
}

/** A server under audit, as one audit sees it. */
export class Target {
  readonly url: string;
  readonly kit: TestKit;
  readonly auth: Auth;
  /** What the server reported so far, also to other audits. */
  readonly events: readonly AuthEvent[];
  readonly #seen: (answer: Answer) => void;
  readonly #guardNotes: AuditServer["guardNotes"];

  constructor(server: RunningServer, kit: TestKit, seen: (answer: Answer) => void) {
    this.url = server.url;
    this.auth = server.auth;
    this.events = server.events;
    this.kit = kit;
    this.#seen = seen;
    this.#guardNotes = server.guardNotes;
  }

  guardNotes(path: string): readonly GuardNote[] {
    return this.#guardNotes?.(path) ?? fail("this server has no notes: leave the audit out");
  }

  async send(request: AuditRequest): Promise<Exchange> {
    const answer = await send(this.url, request);
    this.#seen(answer);
    const id = idOf(answer);
    return { ...answer, request, event: this.events.findLast((event) => event.id === id) };
  }

  get(target: string, headers?: HeaderList): Promise<Exchange> {
    return this.send({ target, ...(headers !== undefined && { headers }) });
  }

  /** The request, signed; by the kit's machine unless the options name others. */
  async sign(request: AuditRequest, options: SignOptions = {}): Promise<SignedAuditRequest> {
    const { url = this.url, ...signer } = options;
    const headers = await this.kit.headersFor("iam", {
      method: request.method ?? "GET",
      url: url + request.target,
      headers: Object.fromEntries(headerPairs(request.headers)),
      ...(request.body !== undefined && { body: request.body }),
      ...signer,
    });
    return { ...request, headers };
  }

  /** The target, presigned for a minute. */
  async presign(target: string, credentials: AwsCredentials, method = "GET"): Promise<string> {
    const { kit } = this;
    const { region } = kit.accessKeys.options;
    const url = this.url + target;
    const signed = await presign({
      url,
      method,
      region,
      credentials,
      expiresInSeconds: 60,
      clock: kit.clock.now,
    });
    return signed.pathname + signed.search;
  }
}

/** Its places in an answer: `x-amzn-RequestId`, or `instance` of the problem. */
function idOf({ headers, text }: Answer): string | undefined {
  const header = headers["x-amzn-requestid"];
  if (typeof header === "string") return header;
  return /"instance":"urn:uuid:([0-9a-f-]{36})"/.exec(text)?.[1];
}
