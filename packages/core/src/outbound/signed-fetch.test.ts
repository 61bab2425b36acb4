import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import type { IamIdentity } from "../identity.ts";
import { iam as iamMode } from "../modes/iam.ts";
import { nodeView } from "../request/node.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { iam } from "./iam.ts";
import { streamOf, to } from "./test/calls.ts";

const region = "eu-west-1";
const key = {
  secretAccessKey: "s-secret",
  accountId: "123456789012",
  userArn: "arn:aws:iam::123456789012:user/shop",
};

interface SignedServer {
  readonly url: string;
  /** For each request `<method> <path> <what came of it>`. */
  readonly outcomes: readonly string[];
}

/** Verifies requests, and redirects those with such a path. Its clock is off by a given time. */
async function startSignedServer(hoursFast = 0): Promise<SignedServer> {
  const clock = () => Date.now() + hoursFast * 3600_000;
  const mode = iamMode({ region, credentials: (id) => (id === "AKIASHOP" ? key : undefined) });
  const auth = createAuth([mode], { clock });
  auth.onEvent(() => {});
  const outcomes: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://any");
    const seen: IamIdentity | AuthError = await auth
      .authenticate(nodeView(request))
      .catch((error: unknown) => error as AuthError);
    const refused = seen instanceof AuthError;
    outcomes.push(`${request.method} ${pathname} ${refused ? seen.reason : seen.accessKeyId}`);
    const location = searchParams.get("location");
    const moved = location !== null && { location };
    const status = refused ? 401 : moved ? Number(searchParams.get("status")) : 200;
    response.writeHead(status, { date: new Date(clock()).toUTCString(), ...(status !== 401 && moved) }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, outcomes };
}

const source = iam({
  region,
  credentials: { accessKeyId: "AKIASHOP", secretAccessKey: key.secretAccessKey },
});

describe("createAuthFetch with outbound.iam", () => {
  it("makes requests that the iam mode accepts, hop by hop", async () => {
    const server = await startSignedServer();
    const authFetch = createAuthFetch(source, { origins: [server.url] });
    const response = await authFetch(`${server.url}${to(to("/end?b=%20&a=ä", 303), 307)}`, {
      method: "POST",
      body: new URLSearchParams({ title: "Ä b" }),
      headers: { "x-own": " two  spaces " },
    });
    expect(response.status).toBe(200);
    expect(server.outcomes).toEqual(["POST /to AKIASHOP", "POST /to AKIASHOP", "GET /end AKIASHOP"]);
  });

  it("signs a stream from the buffer", async () => {
    const server = await startSignedServer();
    const authFetch = createAuthFetch(source, { origins: [server.url], buffer: 100 });
    await authFetch(server.url, { method: "PUT", body: streamOf("a", "b"), duplex: "half" });
    expect(server.outcomes).toEqual(["PUT / AKIASHOP"]);
  });

  it("signs again by the server's clock if its own is wrong", async () => {
    const server = await startSignedServer(3);
    const authFetch = createAuthFetch(source, { origins: [server.url] });
    expect((await authFetch(server.url, { method: "POST", body: "again" })).status).toBe(200);
    expect(server.outcomes).toHaveLength(2);
    expect(server.outcomes[1]).toBe("POST / AKIASHOP");
  });

  it("signs nothing for another origin", async () => {
    const [server, other] = [await startSignedServer(), await startSignedServer()];
    const authFetch = createAuthFetch(source, { origins: [server.url] });
    expect((await authFetch(`${server.url}${to(other.url, 307)}`)).status).toBe(401);
    expect(other.outcomes).toEqual(["GET / no_credentials"]);
  });
});
