import { apiKey, createAuth, none } from "@authmodes/express";
import { generateClient } from "aws-amplify/api";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { configureAmplify, type Session } from "./support/amplify.ts";
import { callersOf } from "./support/callers.ts";
import { type AuthServer, serve } from "./support/server.ts";

const bookstore = inject("bookstore");
const { url, region, credentials } = bookstore;
const { alice, otto, guest, lambda } = credentials;
const callers = callersOf(bookstore);

// As Amplify sends it: the document printed again, and variables that are null.
const query = "query WhoAmI {\n  me\n}";
const bytes = JSON.stringify({ query, variables: null }).length;

type Mode = "apiKey" | "iam" | "identityPool" | "userPool" | "oidc" | "lambda" | "none";

/** Amplify returns the JSON of the server as it is if it has no `errors`. */
async function ask(endpoint: string, session: Session, authMode: Mode, authToken?: string): Promise<unknown> {
  configureAmplify({ graphql: endpoint, rest: url, region, apiKey: credentials.apiKey }, session);
  return generateClient().graphql({ query, authMode, ...(authToken !== undefined && { authToken }) });
}

describe("Amplify JS, GraphQL", () => {
  const nobody: Session = {};
  const visitor: Session = { credentials: guest };
  const user: Session = { credentials: alice.aws, accessToken: alice.accessToken };

  it.each<[string, Session, Mode, object]>([
    ["apiKey", nobody, "apiKey", callers.apiKey],
    ["apiKey although somebody is signed in", user, "apiKey", callers.apiKey],
    ["iam as a guest", visitor, "iam", callers.guest],
    ["identityPool as a guest", visitor, "identityPool", callers.guest],
    ["iam as a user", user, "iam", callers.aliceSigning],
    ["userPool", user, "userPool", callers.alice],
    ["oidc", { accessToken: otto.accessToken }, "oidc", callers.otto],
  ])("is known in the mode %s", async (_name, session, mode, caller) => {
    expect(await ask(`${url}/whoami/graphql`, session, mode)).toMatchObject({ ...caller, bytes });
  });

  it("is known in the mode lambda", async () => {
    const answer = await ask(`${url}/whoami/graphql`, nobody, "lambda", lambda.token);
    expect(answer).toMatchObject({ ...callers.lambda, bytes });
  });

  it.each<[string, Mode, string | undefined, string]>([
    ["a token that the authorizer denies", "lambda", lambda.deniedToken, "credentials_refused"],
    ["no credentials", "none", undefined, "credentials_missing"],
  ])("learns that %s are not enough", async (_name, mode, token, code) => {
    const asked = ask(`${url}/whoami/graphql`, nobody, mode, token);
    const response = { statusCode: 401, body: expect.stringContaining(`"code":"${code}"`) as string };
    await expect(asked).rejects.toMatchObject({ errors: [{ originalError: { response } }] });
  });
});

describe("Amplify JS, GraphQL, with a server that answers as AppSync", () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await serve(createAuth([apiKey({ keys: () => undefined }), none()], { errorFormat: "appsync" }));
  });
  afterAll(() => server.stop());

  it("sends nothing in the mode none", async () => {
    const user = { credentials: alice.aws, accessToken: alice.accessToken };
    expect(await ask(server.url, user, "none")).toMatchObject({ mode: "none", id: null, bytes });
  });

  it("reads a refusal as one of AppSync's", async () => {
    await expect(ask(server.url, {}, "apiKey")).rejects.toMatchObject({
      errors: [{ message: "Unauthorized", originalError: { name: "UnauthorizedException" } }],
    });
    expect(server.events.at(-1)?.reason).toBe("api_key_unknown");
  });
});
