// What all servers of the bench have in common. Each is a process of its own that serves one contestant:
// `node koa.js authmodes http://127.0.0.1:1234 <public key as PEM>`.

export const audience = "https://api.example.com";
export const goodKey = "key-of-the-bench";
export const [kind = "bare", issuer = "", publicKey = ""] = process.argv.slice(2);

/** The modes of our servers. @template T @param {{ oidc: Function, createAuth: (modes: T[]) => any }} adapter */
export function createBenchAuth({ createAuth, oidc }) {
  const keySet = { cooldownSeconds: 1, timeoutSeconds: 1 };
  return createAuth([oidc({ issuer, audience, clientId: null, keySet })]);
}

/** Tells the parent its address, and, on request, how much processor time it has used. @param {import("node:http").Server} server */
export function serving(server, path = "/") {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ worked: user + system });
  });
  process.send?.({ port, path });
}
