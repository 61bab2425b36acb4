import { AuthError, type IdentityBase } from "@authmodes/core";
import { clearAnswer } from "@authmodes/core/adapter";
import { must } from "@authmodes/core/options";
import type { NextApiHandler, NextApiRequest, NextApiResponse } from "next";
import {
  adapter,
  type AnyCaller,
  argumentsOf,
  type Caller,
  createAdmit,
  type Of,
  type RouteOptions,
} from "./route.ts";
import type { LazyAuth } from "./next-auth.ts";

/** A handler of an API route that also gets its caller. */
export type GuardedApiHandler<W> = (request: NextApiRequest, response: NextApiResponse, caller: W) => unknown;

/**
 * Guards an API route of the Pages Router: `export default withApiAuth((request, response, { identity }) => …)`. A signed
 * body is verified only if the route exports `config = { api: { bodyParser: false } }`, since Next parses it before.
 */
export interface WithApiAuth<I extends IdentityBase> {
  (handler: GuardedApiHandler<Caller<I>>): NextApiHandler;
  <const N extends I["mode"] = I["mode"]>(
    options: RouteOptions<N>,
    handler: GuardedApiHandler<Caller<Of<I, N>>>,
  ): NextApiHandler;
}

type AnyHandler = GuardedApiHandler<AnyCaller>;

export function createWithApiAuth<I extends IdentityBase>(auth: LazyAuth<I>): WithApiAuth<I> {
  const where = "withApiAuth()";
  const withApiAuth = (first: RouteOptions<string> | AnyHandler, second?: AnyHandler): NextApiHandler => {
    const { options, handler } = argumentsOf(where, first, second);
    const admit = createAdmit(where, auth, options);
    return async function guarded(request, response) {
      checkResponse(response);
      try {
        await handler(request, response, await admit(request));
      } catch (error) {
        if (!(error instanceof AuthError) || response.headersSent) throw error;
        const { status, headers, body } = adapter.rejection(request, error).reply;
        clearAnswer(response);
        response.writeHead(status, { ...headers }).end(body);
      }
    };
  };
  return withApiAuth as WithApiAuth<I>;
}

/** @throws TypeError in a route.ts, whose handlers get a context, and return their response */
function checkResponse(response: { readonly writeHead?: unknown } | undefined): void {
  must(
    typeof response?.writeHead === "function",
    "withApiAuth() guards API routes of the Pages Router, the default export of a file in pages/api. " +
      "In a route.ts, and with the edge runtime, write withAuth(handler)",
  );
}
