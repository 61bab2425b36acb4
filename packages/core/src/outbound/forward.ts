import type { ForwardableCredential } from "../request/decisions.ts";
import { viewState } from "../request/state.ts";
import type { RequestView } from "../types.ts";
import type { HeaderSource } from "./header-source.ts";

/**
 * Calls another service as the caller: forwards the one credential that was verified for this request, and no other that
 * it carried. Nothing is sent after a rejection, also if that comes between this call and the outgoing request.
 * @param view the request, after `authenticate` accepted it
 * @throws AuthError the rejection, if any auth rejected the request
 * @throws Error if the request was not verified, or only report-only let it pass, and for modes whose credentials cannot
 *   be forwarded: a signature is valid for one request only, and `none` has nothing to send
 * @example
 * import { nodeView, type NodeRequest } from "@authmodes/core";
 * import { createAuthFetch, outbound } from "@authmodes/core/outbound";
 *
 * export async function ordersOf(request: NodeRequest): Promise<Response> {
 *   const source = outbound.forward(nodeView(request)); // after auth.authenticate(nodeView(request))
 *   const authFetch = createAuthFetch(source, { origins: ["https://orders.example.com"] });
 *   return authFetch("https://orders.example.com/orders");
 * }
 */
export function forward(view: RequestView): HeaderSource {
  const { name, value } = credentialOf(view);
  const headers = Object.freeze({ [name]: value });
  const source = async (): Promise<typeof headers> => {
    credentialOf(view); // throws if a guard rejected the request since
    return headers;
  };
  return Object.assign(source, { headerNames: [name.toLowerCase()] });
}

function credentialOf(view: RequestView): ForwardableCredential {
  const verified = viewState(view).decisions.forwardable(view);
  if (verified === undefined) {
    throw new Error(
      "outbound.forward(): the request has not been verified; authenticate it first. " +
        "A caller that only report-only let pass cannot be forwarded",
    );
  }
  const { mode, credential } = verified;
  if (credential !== undefined) return credential;
  throw new Error(
    `outbound.forward(): callers of the mode ${mode} cannot be forwarded; let the route accept other modes only, ` +
      "or call the service with credentials of your own",
  );
}
