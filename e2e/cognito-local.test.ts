import { createAuth, userPool } from "@authmodes/express";
import { Amplify } from "aws-amplify";
import { generateClient } from "aws-amplify/api";
import { signIn } from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CognitoLocal, type SignedIn } from "./support/cognito-local.ts";
import { serve } from "./support/server.ts";
import { whoamiOf, type Whoami } from "./support/whoami.ts";

const clientId = "bookstoreweb00000000000001";
const email = "alice@example.com";
const password = "correct horse 1";

/** Keeps Amplify's tokens, in place of a browser's storage. */
class MemoryStorage {
  readonly #items = new Map<string, string>();

  async getItem(key: string): Promise<string | null> {
    return this.#items.get(key) ?? null;
  }
  async setItem(key: string, value: string): Promise<void> {
    this.#items.set(key, value);
  }
  async removeItem(key: string): Promise<void> {
    this.#items.delete(key);
  }
  async clear(): Promise<void> {
    this.#items.clear();
  }
}

/** Asks a server with this mode; what it refused is told by its reason. */
async function ask(mode: ReturnType<typeof userPool>, token: string): Promise<Whoami | string | undefined> {
  const server = await serve(createAuth([mode]));
  try {
    const headers = { authorization: token };
    const response = await fetch(server.url, { method: "POST", headers, body: "body" });
    return response.status === 200 ? await whoamiOf(response) : server.events[0]?.reason;
  } finally {
    await server.stop();
  }
}

describe("a pool of cognito-local that issues tokens as Amazon's would", () => {
  const userPoolId = "us-east-1_Bookstore1";
  const issuer = `https://cognito-idp.us-east-1.amazonaws.com/${userPoolId}`;
  let emulator: CognitoLocal;
  let tokens: SignedIn;

  beforeAll(async () => {
    const issuerDomain = "https://cognito-idp.us-east-1.amazonaws.com";
    emulator = await CognitoLocal.start({ userPoolId, clientId, issuerDomain });
    await emulator.createUser(email, password, "Librarians");
    tokens = await emulator.signIn(email, password);
  });
  afterAll(() => emulator.stop());

  it("signs in a user whose access token is verified, with the group", async () => {
    const mode = userPool({ userPoolId, clientId, jwksUri: emulator.jwksUri });
    expect(await ask(mode, tokens.accessToken)).toMatchObject({
      mode: "userPool",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      tokenUse: "access",
      issuer,
      groups: ["Librarians"],
      scopes: ["aws.cognito.signin.user.admin"],
      bytes: 4,
    });
  });

  it("gives an id token of the same user, where the mode takes id tokens", async () => {
    const mode = userPool({ userPoolId, clientId, tokenUse: "both", jwksUri: emulator.jwksUri });
    const [access, id] = [await ask(mode, tokens.accessToken), await ask(mode, `Bearer ${tokens.idToken}`)];
    const { id: sub, username } = access as Whoami;
    expect(id).toMatchObject({
      mode: "userPool",
      id: sub,
      sub,
      username,
      tokenUse: "id",
      groups: ["Librarians"],
    });
    expect((id as Whoami)["claims"]).toMatchObject({ email, aud: clientId });
  });

  it("signs in a user of Amplify JS, who is then known to our server", async () => {
    const server = await serve(createAuth([userPool({ userPoolId, clientId, jwksUri: emulator.jwksUri })]));
    try {
      Amplify.configure({
        Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: emulator.url } },
        API: { GraphQL: { endpoint: server.url, region: "us-east-1", defaultAuthMode: "userPool" } },
      });
      cognitoUserPoolsTokenProvider.setKeyValueStorage(new MemoryStorage());
      await signIn({ username: email, password, options: { authFlowType: "USER_PASSWORD_AUTH" } });
      const answer = await generateClient().graphql({ query: "query WhoAmI { me }" });
      const id = decodeJwt(tokens.accessToken).sub;
      expect(answer).toMatchObject({ mode: "userPool", id, tokenUse: "access", groups: ["Librarians"] });
    } finally {
      await server.stop();
    }
  });

  it.each<[string, "access" | "id", keyof SignedIn]>([
    ["an id token where access tokens are wanted", "access", "idToken"],
    ["an access token where id tokens are wanted", "id", "accessToken"],
  ])("has %s refused", async (_name, tokenUse, kind) => {
    const mode = userPool({ userPoolId, clientId, tokenUse, jwksUri: emulator.jwksUri });
    expect(await ask(mode, tokens[kind])).toBe("token_use_refused");
  });

  it("has tokens of another client refused", async () => {
    const mode = userPool({ userPoolId, clientId: "another", jwksUri: emulator.jwksUri });
    expect(await ask(mode, tokens.accessToken)).toBe("client_refused");
  });

  it("has tokens refused that a pool with the same keys issued", async () => {
    const mode = userPool({ userPoolId: "us-east-1_Another01", clientId, jwksUri: emulator.jwksUri });
    expect(await ask(mode, tokens.accessToken)).toBe("issuer_unknown");
  });
});

describe("a pool of cognito-local that issues tokens in its own name", () => {
  const userPoolId = "us-east-1_Bookstore2";
  let emulator: CognitoLocal;

  beforeAll(async () => {
    emulator = await CognitoLocal.start({ userPoolId, clientId });
    await emulator.createUser(email, password, "Poets");
  });
  afterAll(() => emulator.stop());

  it("is verified where the issuer is named", async () => {
    const { accessToken } = await emulator.signIn(email, password);
    const issuer = `${emulator.url}/${userPoolId}`;
    const named = userPool({ userPoolId, clientId, issuer, jwksUri: emulator.jwksUri });
    expect(await ask(named, accessToken)).toMatchObject({
      mode: "userPool",
      issuer,
      groups: ["Poets"],
      bytes: 4,
    });

    const unnamed = userPool({ userPoolId, clientId, jwksUri: emulator.jwksUri });
    expect(await ask(unnamed, accessToken)).toBe("issuer_unknown");
  });
});
