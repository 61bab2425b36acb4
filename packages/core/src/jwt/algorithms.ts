import { closest, list, must } from "../lib/options.ts";

/** The type of JWK that an algorithm needs. */
export interface KeyType {
  readonly kty: "RSA" | "EC" | "OKP";
  readonly crv?: string;
}

const rsa: KeyType = { kty: "RSA" };
const ed25519: KeyType = { kty: "OKP", crv: "Ed25519" };

/** The asymmetric algorithms of RFC 7518 §3.1, RFC 8037 and RFC 9864 that every runtime can verify. */
const keyTypes: ReadonlyMap<string, KeyType> = new Map([
  ["RS256", rsa],
  ["RS384", rsa],
  ["RS512", rsa],
  ["PS256", rsa],
  ["PS384", rsa],
  ["PS512", rsa],
  ["ES256", { kty: "EC", crv: "P-256" }],
  ["ES384", { kty: "EC", crv: "P-384" }],
  ["ES512", { kty: "EC", crv: "P-521" }],
  ["EdDSA", ed25519],
  ["Ed25519", ed25519],
]);

export const algorithmNames: readonly string[] = [...keyTypes.keys()];

/** Every algorithm that a key of this type can sign with. */
export function algorithmsOf(kty: unknown, crv: unknown): readonly string[] {
  return algorithmNames.filter((name) => {
    const type = keyTypes.get(name);
    return type?.kty === kty && (type?.crv === undefined || type.crv === crv);
  });
}

/** @throws TypeError for algorithms with which others than the issuer could make tokens */
export function checkAlgorithms(where: string, algorithms: readonly string[] | undefined): readonly string[] {
  if (algorithms === undefined) return algorithmNames;
  must(list(algorithms).length > 0, `${where}: algorithms is an empty list: no token could be accepted`);
  for (const name of list(algorithms)) {
    must(
      !/^none$/i.test(name),
      `${where}: the algorithm 'none' means no signature: any client could make tokens`,
    );
    must(
      !/^HS\d/i.test(name),
      `${where}: ${name} is a shared secret: a server that verifies tokens could also make them. ` +
        `Let the issuer sign with one of ${algorithmNames.join(", ")}`,
    );
    if (keyTypes.has(name)) continue;
    const meant = closest(name, algorithmNames);
    const hint = meant === undefined ? `it is one of ${algorithmNames.join(", ")}` : `write '${meant}'`;
    throw new TypeError(`${where}: there is no algorithm '${name}' here; ${hint}`);
  }
  return [...list(algorithms)];
}
