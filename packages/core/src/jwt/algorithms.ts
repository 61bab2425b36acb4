import { closest, list, must } from "../lib/options.ts";

/** The asymmetric algorithms of RFC 7518 §3.1, RFC 8037 and RFC 9864 that every runtime can verify, by the type of key. */
const byKeyType: ReadonlyMap<string, readonly string[]> = new Map([
  ["RSA", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]],
  ["EC P-256", ["ES256"]],
  ["EC P-384", ["ES384"]],
  ["EC P-521", ["ES512"]],
  ["OKP Ed25519", ["EdDSA", "Ed25519"]],
]);

export const algorithmNames: readonly string[] = [...byKeyType.values()].flat();

/** Every algorithm that a key of this type, and on this curve, can sign with. */
export function algorithmsOf(kty: unknown, crv: unknown): readonly string[] {
  return byKeyType.get(kty === "RSA" ? kty : [kty, crv].join(" ")) ?? [];
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
    if (algorithmNames.includes(name)) continue;
    const meant = closest(name, algorithmNames);
    const hint = meant === undefined ? `it is one of ${algorithmNames.join(", ")}` : `write '${meant}'`;
    throw new TypeError(`${where}: there is no algorithm '${name}' here; ${hint}`);
  }
  return [...list(algorithms)];
}
