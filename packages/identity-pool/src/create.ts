import type { ServerResponse } from "node:http";
import { type FindAccessKey, nodeView, type NodeRequest } from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { answerTo } from "./answer.ts";
import { Operations } from "./operations.ts";
import { type IdentityPoolOptions, settingsOf } from "./options.ts";
import { Sessions } from "./sessions.ts";

/**
 * An identity pool. As a function it finds the access key of a session token, for `iam({ credentials: pool })`; it returns
 * undefined for keys that are not of the pool.
 */
export interface IdentityPool extends FindAccessKey {
  /**
   * Answers a request of a client, for servers that use `Request` and `Response`. Mount it at any path, for `POST` and
   * `OPTIONS`, without authentication and before anything reads the body.
   * @example
   * import { Hono } from "hono";
   *
   * new Hono().all("/identity", (c) => pool.handler(c.req.raw));
   */
  readonly handler: (request: Request) => Promise<Response>;
  /**
   * Answers a request of a client, for servers on `node:http`. Mount it at any path, without authentication and before body
   * parsers. Errors of the server are passed to `next`; without it the connection is closed.
   * @example
   * app.use("/identity", pool.node); // Express
   */
  readonly node: (request: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void) => void;
}

/**
 * Creates an identity pool: it exchanges a login, or none for a guest, for temporary AWS-style credentials, over the
 * protocol of Amazon Cognito identity pools (GetId and GetCredentialsForIdentity), which Amplify and the AWS SDKs speak. It
 * stores nothing: the session token contains the session, encrypted, so that every instance with the same keys accepts it.
 * @throws TypeError if an option is missing, wrong, or would guard nothing
 * @example
 * import { createAuth, iam, userPool } from "@authmodes/core";
 * import { createIdentityPool } from "@authmodes/identity-pool";
 *
 * const pool = createIdentityPool({
 *   id: "us-east-1:5a3c1f0e-8d1b-4c5e-9f00-0123456789ab",
 *   accountId: "123456789012",
 *   keys: process.env["AUTHMODES_ENCRYPTION_KEY"] ?? "",
 *   identityKey: process.env["AUTHMODES_IDENTITY_KEY"] ?? "",
 *   roles: { guest: ["GET /books*"], reader: ["GET /books*", "POST /orders"] },
 *   guests: "guest",
 *   authenticated: "reader",
 *   providers: createAuth([
 *     userPool({ userPoolId: "us-east-1_AbCdEfGhI", clientId: "3n4b5urk1ft4fl3mg5e62d9ado", tokenUse: "id" }),
 *   ]),
 * });
 * app.use("/identity", pool.node);
 * export const auth = createAuth([iam({ region: "us-east-1", credentials: pool })]);
 */
export function createIdentityPool<const R extends string>(options: IdentityPoolOptions<R>): IdentityPool {
  const settings = settingsOf(options);
  const sessions = new Sessions(settings);
  const operations = new Operations(settings, sessions);
  const find: FindAccessKey = (accessKeyId, context) => sessions.find(accessKeyId, context);
  return Object.assign(find, {
    async handler(request: Request): Promise<Response> {
      const { status, headers, body } = await answerTo(fetchView(request), operations);
      return new Response(body === "" ? null : body, { status, headers });
    },
    node(request: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void): void {
      answerTo(nodeView(request), operations)
        .then(({ status, headers, body }) => void response.writeHead(status, headers).end(body))
        .catch((error: unknown) => {
          if (next !== undefined && !response.headersSent) next(error);
          else response.destroy(error instanceof Error ? error : undefined);
        });
    },
  });
}
