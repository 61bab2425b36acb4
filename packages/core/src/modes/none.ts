import { hasSignedQuery } from "../auth/credentials.ts";
import type { NoneIdentity } from "../identity.ts";
import { builtIn } from "../auth/own-modes.ts";
import type { AuthMode } from "../types.ts";

const nobody: NoneIdentity = Object.freeze({
  mode: "none",
  id: null,
  groups: [],
  scopes: [],
  expiresAt: null,
});

/**
 * Lets requests without credentials pass. A request that has any, good or bad, is not for this mode: one with an
 * `Authorization` header or a part of a presigned query that no mode reads is refused.
 */
export function none(): AuthMode<NoneIdentity> {
  return builtIn({
    name: "none",
    detect(request) {
      if (request.header("authorization") !== undefined || hasSignedQuery(request.target)) return undefined;
      return { place: null, verify: () => nobody };
    },
  });
}
