import { once } from "node:events";
import type { Socket } from "node:net";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { fetchView } from "@authmodes/core/fetch";
import type { Realtime } from "@authmodes/graphql/realtime";
import type { UserPoolTokenOptions } from "@authmodes/testing";
import { decodeJwt } from "jose";
import { type Certificate, frameworks } from "./frameworks.ts";
import { answerCalls } from "./remote.ts";
import { Shop } from "./shop.ts";

// The process of a server: `node serve.mjs <framework>`. Packages are read as they were built.

const [framework = ""] = process.argv.slice(2);
const serve = frameworks[framework];
if (serve === undefined) throw new Error(`no framework ${framework}`);
const certificate: Certificate = {
  cert: process.env["TLS_CERTIFICATE"] ?? "",
  key: process.env["TLS_KEY"] ?? "",
};
const shop = await Shop.open(process.env["PUBLIC_URL"]);
const { kit } = shop;

let running: { readonly server: Server; readonly realtime: Realtime; readonly sockets: Set<Socket> };
let port = 0;

const functions = {
  /** Starts the server, the second time at the same port. @returns the URL of its endpoint */
  async start(): Promise<string> {
    const realtime = shop.realtime();
    const server = await serve(shop, realtime, certificate, port);
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    ({ port } = server.address() as AddressInfo);
    running = { server, realtime, sockets };
    return `https://127.0.0.1:${port}/graphql`;
  },

  /** Stops the server as at a shutdown, or as if the machine had failed. */
  async stop(how: "shutdown" | "failure"): Promise<void> {
    const { server, realtime, sockets } = running;
    if (how === "shutdown") await realtime.close();
    server.close();
    for (const socket of sockets) socket.destroy();
    if (server.listening) await once(server, "close");
  },

  async credentials() {
    const { userPool, oidc, accessKeys, apiKeys, authorizer } = kit;
    return {
      apiKey: apiKeys.valid.key,
      guest: accessKeys.guest,
      user: accessKeys.user,
      alice: await userPool.token({ username: "alice" }),
      bob: await userPool.token({ username: "bob" }),
      libby: await userPool.token({ username: "libby", groups: ["Librarians"] }),
      otto: await oidc.token({ sub: "otto" }),
      lambda: authorizer.tokens,
    };
  },

  token: (options: UserPoolTokenOptions): Promise<string> => kit.userPool.token(options),
  /** Ends the sessions of the user of a token. */
  async revoke(token: string): Promise<void> {
    const { sub = "", iss = "" } = decodeJwt(token);
    await shop.revocations.revoke({ sub, issuer: iss });
  },
  /** Writes an order without HTTP. */
  async order(token: string, input: Readonly<Record<string, string>>): Promise<void> {
    const url = `${shop.auth.publicUrl?.origin ?? "http://127.0.0.1"}/graphql`;
    const request = new Request(url, { method: "POST", headers: { authorization: token } });
    const identity = await shop.auth.authenticate(fetchView(request));
    const query = "mutation ($input: CreateOrderInput!) { createOrder(input: $input) { id } }";
    await shop.execute(identity, { query, variables: { input } });
  },
  setAuthorizerDown: (isDown: boolean): void => void (shop.authorizerIsDown = isDown),
  loseEvents: (): Promise<void> => shop.loseEvents(),
  setEventsDown: (isDown: boolean): void => void (shop.eventsAreDown = isDown),
  /** What the auth decided, oldest first. */
  log: () => shop.log.map(({ type, mode, path, reason }) => ({ type, mode, path, reason })),
};

export type ServerFunctions = typeof functions;

answerCalls(functions);
