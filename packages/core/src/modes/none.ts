import { hasSignedQuery } from "../auth/credentials.ts";
import type { NoneIdentity } from "../identity.ts";
import { builtIn } from "../auth/mode.ts";
import type { AuthMode } from "../types.ts";

const unauthenticated: NoneIdentity = Object.freeze({
  mode: "none",
  id: null,
  groups: [],
  scopes: [],
  expiresAt: null,
});

/**
 * Accepts requests without credentials. A request that carries any, valid or not, is not for this mode: an
 * `Authorization` header or a part of a presigned query that no mode reads is rejected.
 * @example
 * import { apiKey, createAuth, none } from "@authmodes/core";
 *
 * const auth = createAuth([apiKey({ keys: () => undefined }), none()]);
 * export const signedIn = auth.only("apiKey"); // for routes that need a caller
 */
export function none(): AuthMode<NoneIdentity> {
  return builtIn({
    name: "none",
    detect(request) {
      if (request.header("authorization") !== undefined || hasSignedQuery(request.target)) return undefined;
      return { place: null, verify: () => unauthenticated };
    },
  });
}
