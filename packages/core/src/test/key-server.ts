import type { RequestListener, ServerResponse } from "node:http";
import type { JWK } from "jose";
import { listen } from "./listen.ts";

/** An issuer over HTTP: discovery and key set, as good or as bad as a test wants them. */
export interface KeyServer {
  readonly issuer: string;
  readonly jwksUri: string;
  keys: readonly JWK[];
  /** Answers instead, if it is set. */
  answer: RequestListener | undefined;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** How often the key set itself was fetched. */
  fetches(): number;
}

export async function startKeyServer(keys: readonly JWK[]): Promise<KeyServer> {
  const asked: string[] = [];
  const issuer: string = await listen((request, response) => {
    asked.push(request.url ?? "");
    if (server.answer !== undefined) return server.answer(request, response);
    const isDiscovery = request.url === "/.well-known/openid-configuration";
    json(response, isDiscovery ? { issuer, jwks_uri: server.jwksUri } : { keys: server.keys });
  });
  const server: KeyServer = {
    issuer,
    jwksUri: `${issuer}/jwks`,
    keys,
    answer: undefined,
    asked,
    fetches: () => asked.filter((path) => path === "/jwks").length,
  };
  return server;
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The errors of a server that is down. */
export const unplugged: RequestListener = (request) => void request.socket.destroy();
