import { refused, shown } from "./refused.ts";

/** Access tokens (RFC 9068 §2.1), and what most issuers write or leave out. Other types have other purposes. */
const usualTypes = new Set(["jwt", "at+jwt"]);

/**
 * Checks the header's `typ` (RFC 8725 §3.11): a logout token or a DPoP proof of the same issuer is not for logging in.
 * @param demanded the one type that is accepted; undefined for the usual ones
 */
export function checkType(typ: string | undefined, demanded: string | undefined): void {
  if (demanded !== undefined) {
    if (typ !== undefined && plain(typ) === plain(demanded)) return;
    throw refused("type_refused", `typ is ${shown(typ)}, not '${demanded}'`);
  }
  if (typ === undefined || usualTypes.has(plain(typ))) return;
  throw refused("type_refused", `typ is ${shown(typ)}, not JWT or at+jwt`);
}

/** RFC 7515 §4.1.9: letter case does not matter, and `application/` may be left out. */
function plain(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, "");
}
