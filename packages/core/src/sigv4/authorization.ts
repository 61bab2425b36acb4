import { algorithm } from "./canonical.ts";
import { type Claim, maxCredentialLength, readClaim } from "./claim.ts";
import { malformed } from "./refusals.ts";

/** As every known client writes it; all else is taken apart piece by piece. */
const usual = /^AWS4-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([^,\s]+)$/;

/**
 * Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order, with or without the spaces.
 * @throws AuthError `credentials_malformed`
 */
export function parseAuthorization(header: string): Claim {
  if (header.length > maxCredentialLength) {
    throw malformed("authorization_too_long", "The Authorization header is too long.");
  }
  const parts = usual.exec(header);
  if (parts !== null) return readClaim(parts[1] ?? "", parts[2] ?? "", parts[3] ?? "");

  const space = header.indexOf(" ");
  const word = space === -1 ? header : header.slice(0, space);
  if (word !== algorithm) throw malformed("algorithm_unsupported", "Unsupported AWS 'algorithm'.");

  const { Credential, Signature, SignedHeaders } = parseParameters(header.slice(word.length).trim());
  if (Credential === undefined || Signature === undefined || SignedHeaders === undefined) {
    const missing = Object.entries({ Credential, Signature, SignedHeaders }).filter(
      ([, value]) => value === undefined,
    );
    const sentences = missing.map(([name]) => `Authorization header requires '${name}' parameter.`);
    throw malformed("authorization_parameter_missing", sentences.join(" "));
  }
  return readClaim(Credential, SignedHeaders, Signature);
}

type Parameters = Partial<Record<"Credential" | "Signature" | "SignedHeaders", string>>;

function parseParameters(text: string): Parameters {
  const found: Parameters = {};
  if (text === "") return found;
  for (const piece of text.split(",")) {
    const equals = piece.indexOf("=");
    const name = piece.slice(0, Math.max(equals, 0)).trimStart();
    if (equals === -1) {
      throw malformed(
        "authorization_pair_malformed",
        "Invalid key=value pair (missing equal-sign) in Authorization header.",
      );
    }
    // AWS takes the last of two; a proxy in between may take the first.
    if (!isParameter(name) || found[name] !== undefined) {
      throw malformed(
        "authorization_parameter_unexpected",
        "Authorization header has a parameter twice, or one that is not known.",
      );
    }
    found[name] = piece.slice(equals + 1);
  }
  return found;
}

function isParameter(name: string): name is keyof Parameters {
  return name === "Credential" || name === "SignedHeaders" || name === "Signature";
}
