import { forwardableOf } from "../forwardable.ts";
import type { RequestView } from "../types.ts";
import type { HeaderSource } from "./types.ts";

/**
 * Calls on as the caller: sends the one credential that was verified for this request, and no other that it carried.
 * @param view the request, after `authenticate` accepted it
 * @throws Error where it was not verified, and for modes whose credentials cannot travel: a signature holds for the
 *   request that it was made for, and `none` has nothing to send
 */
export function forward(view: RequestView): HeaderSource {
  const verified = forwardableOf(view);
  if (verified === undefined) {
    throw new Error("outbound.forward(): the request has not been verified; authenticate it first");
  }
  const { mode, credential } = verified;
  if (credential === undefined) {
    throw new Error(
      `outbound.forward(): callers of the mode ${mode} cannot be forwarded; let the route accept other modes only, ` +
        "or call the service with credentials of your own",
    );
  }
  const headers = Object.freeze({ [credential.name]: credential.value });
  return Object.assign(() => Promise.resolve(headers), { headerNames: [credential.name.toLowerCase()] });
}
