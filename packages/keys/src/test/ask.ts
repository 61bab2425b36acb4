import { apiKey, type Auth, AuthError, createAuth, iam, nodeView } from "@authmodes/core";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { AccessKeys } from "../access-keys.ts";
import type { Keys } from "../keys.ts";

/** Serves an auth: its answer is the mode and id of the caller, or the reason of the rejection. */
async function serve(auth: Auth): Promise<string> {
  auth.onEvent(() => {});
  const server = createServer((request, response) => {
    void (async () => {
      try {
        const { mode, id } = await auth.authenticate(nodeView(request));
        response.end(`${mode} ${id}`);
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        response.writeHead(error.status).end(`${error.status} ${error.reason}`);
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A function that calls a server with a key, and returns the id of the caller or the reason of the rejection. */
export async function askerOf(keys: Keys): Promise<(key: string) => Promise<string>> {
  const url = await serve(createAuth([apiKey({ keys: keys.find })]));
  return async (key) => (await fetch(url, { headers: { "x-api-key": key } })).text();
}

export interface Pair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The same with signed requests. */
export async function signedAskerOf(accessKeys: AccessKeys): Promise<(pair: Pair) => Promise<string>> {
  const url = await serve(createAuth([iam({ region: "eu-west-1", credentials: accessKeys.find })]));
  return async (pair) => {
    const source = outbound.iam({ region: "eu-west-1", credentials: async () => pair });
    const call = createAuthFetch(source, { origins: [new URL(url).origin] });
    return (await call(url)).text();
  };
}
