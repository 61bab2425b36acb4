import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
} from "@aws-sdk/client-cognito-identity";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-provider-cognito-identity";
import { type AwsCredentials, createAuthFetch, outbound } from "@authmodes/core/outbound";
import { cognitoCredentialsProvider } from "aws-amplify/auth/cognito";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askData, configureByOutputs, getByPool, type Pool, whoamiByPool } from "./support/amplify-pool.ts";
import { type RunningBookstore, startBookstore } from "./support/app.ts";
import { AmplifyBrowser } from "./support/browser.ts";
import { isMissing } from "./support/programs.ts";
import { type Whoami, whoamiOf } from "./support/whoami.ts";

// The bookstore's own identity pool on every framework, by Amazon's clients.

const role = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/CognitoIdentityCredentials`;

describe.each(["express", "koa", "fastify", "nestjs", "next"])("the identity pool on %s", (app) => {
  let running: RunningBookstore;
  beforeAll(async () => {
    running = await startBookstore("--app", app);
  }, 120_000);
  afterAll(() => running.stop());

  const clientConfig = () => {
    const { region, identityPoolEndpoint: endpoint } = running.bookstore;
    return { region, endpoint };
  };
  const client = () => new CognitoIdentityClient(clientConfig());
  const logins = () => ({
    [`cognito-idp.us-east-1.amazonaws.com/${running.bookstore.userPoolId}`]:
      running.bookstore.credentials.alice.idToken,
  });
  const whoami = async (credentials: AwsCredentials): Promise<Whoami> => {
    const { url, region } = running.bookstore;
    const signed = createAuthFetch(outbound.iam({ region, credentials }), { origins: [url] });
    return whoamiOf(await signed(`${url}/whoami`));
  };
  const guest = (identityId: string | undefined) => ({
    mode: "iam",
    cognitoIdentityId: identityId,
    cognitoIdentityPoolId: running.bookstore.identityPoolId,
    cognitoIdentityAuthType: "unauthenticated",
    userArn: role("UnauthenticatedRole"),
  });
  const user = (identityId: string | undefined) => ({
    ...guest(identityId),
    cognitoIdentityAuthType: "authenticated",
    userArn: role("AuthenticatedRole"),
  });

  it("serves @aws-sdk/client-cognito-identity", async () => {
    const { identityPoolId: IdentityPoolId } = running.bookstore;
    for (const [Logins, caller] of [
      [undefined, guest],
      [logins(), user],
    ] as const) {
      const { IdentityId } = await client().send(new GetIdCommand({ IdentityPoolId, Logins }));
      const { Credentials, ...answer } = await client().send(
        new GetCredentialsForIdentityCommand({ IdentityId, Logins }),
      );
      expect(answer.IdentityId).toBe(IdentityId);
      expect(Credentials?.Expiration).toBeInstanceOf(Date);
      const { AccessKeyId = "", SecretKey = "", SessionToken = "" } = Credentials ?? {};
      const credentials = {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretKey,
        sessionToken: SessionToken,
      };
      expect(await whoami(credentials)).toMatchObject(caller(IdentityId));
    }
  });

  it("serves fromCognitoIdentityPool", async () => {
    const { identityPoolId } = running.bookstore;
    const visitor = await fromCognitoIdentityPool({ clientConfig: clientConfig(), identityPoolId })();
    expect(await whoami(visitor)).toMatchObject(guest(visitor.identityId));
    const alice = await fromCognitoIdentityPool({
      clientConfig: clientConfig(),
      identityPoolId,
      logins: logins(),
    })();
    expect(await whoami(alice)).toMatchObject(user(alice.identityId));
    expect(alice.identityId).toBe(running.bookstore.credentials.alice.aws.identityId);
  });

  it("serves Amplify JS with a stock Gen 2 file, with only endpoints and the ids of the pools changed", async () => {
    await cognitoCredentialsProvider.clearCredentialsAndIdentityId(); // of the last framework
    const visitor = await whoamiByPool(running.bookstore);
    expect(visitor.whoami).toMatchObject(guest(visitor.identityId));
    const alice = await whoamiByPool(running.bookstore, running.bookstore.credentials.alice);
    expect(alice.whoami).toMatchObject(user(alice.identityId));
    expect(alice.accessKeyId).not.toBe(visitor.accessKeyId);
  });

  it("serves the data of Amplify JS with that file: each caller gets what the rules say", async () => {
    await cognitoCredentialsProvider.clearCredentialsAndIdentityId();
    configureByOutputs(running.bookstore);
    const books = "query { listBooks(limit: 3) { items { id title } nextToken } }";
    const order = `mutation { createOrder(input: { bookId: "101", quantity: 1 }) { id owner } }`;
    expect(await askData(books)).toMatchObject({
      data: { listBooks: { items: [{ id: "101" }, { id: "102" }, { id: "103" }] } },
      errors: [],
    });
    expect(await askData(`query { getBook(id: "101") { title costPrice } }`)).toMatchObject({
      data: { getBook: { title: expect.any(String) as string, costPrice: null } },
      errors: [{ message: "Not Authorized to access costPrice on type Book", errorType: "Unauthorized" }],
    });
    expect(await askData(order)).toMatchObject({ errors: [{ errorType: "Unauthorized" }] });
    expect(await getByPool("/books/101")).toMatchObject({ status: 200, body: { costPrice: null } });
    expect(await getByPool("/orders")).toMatchObject({ status: 403, body: { code: "forbidden" } });

    // The same, signed in: the pool's credentials by default, and the user's token for what the user owns.
    configureByOutputs(running.bookstore, running.bookstore.credentials.alice);
    await cognitoCredentialsProvider.clearCredentials();
    expect(await askData(books)).toMatchObject({ errors: [] });
    expect((await askData("query { listOrders { items { id } } }")).errors).not.toEqual([]);
    const { data, errors } = await askData(order, "userPool");
    expect({ owner: data?.["createOrder"]?.["owner"], errors }).toEqual({ owner: "alice", errors: [] });
    const remove = `mutation { deleteOrder(input: { id: "${String(data?.["createOrder"]?.["id"])}" }) { id } }`;
    expect(await askData(remove, "userPool")).toMatchObject({ errors: [] });
  });

  it("tells the SDK what is wrong, once, since trying again would not help", async () => {
    const { credentials, identityPoolId: IdentityPoolId, userPoolId } = running.bookstore;
    const name = `cognito-idp.us-east-1.amazonaws.com/${userPoolId}`;
    const failing = async (Logins: Record<string, string>) =>
      client()
        .send(new GetIdCommand({ IdentityPoolId, Logins }))
        .catch((error: unknown) => error);
    expect(await failing({ [name]: credentials.alice.accessToken })).toMatchObject({
      name: "NotAuthorizedException",
      message: "Invalid login token. Token is not an ID token",
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    expect(await failing({ "accounts.google.com": credentials.alice.idToken })).toMatchObject({
      name: "NotAuthorizedException",
      $metadata: { attempts: 1 },
    });
    const unknown = new GetIdCommand({ IdentityPoolId: "us-east-1:00000000-0000-4000-8000-000000000009" });
    await expect(client().send(unknown)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe.skipIf(isMissing("chromium-headless-shell"))("Amplify JS in Chromium, from another origin", () => {
  let browser: AmplifyBrowser;
  let running: RunningBookstore;
  beforeAll(async () => {
    [browser, running] = await Promise.all([AmplifyBrowser.start(), startBookstore()]);
  });
  afterAll(() => Promise.all([browser.stop(), running.stop()]));

  it("gets credentials for a guest, then for the user who signs in", async () => {
    const { credentials, ...pool } = running.bookstore;
    const page = await browser.open();
    const ask = (tokens?: { readonly idToken: string; readonly accessToken: string }) =>
      page.evaluate(async ([to, held]) => globalThis.whoamiByPool(to, held), [pool as Pool, tokens] as const);
    const guest = await ask();
    expect(guest.whoami).toMatchObject({
      cognitoIdentityId: guest.identityId,
      cognitoIdentityAuthType: "unauthenticated",
    });
    // The guest keeps the identity when the page is loaded again.
    await page.reload();
    expect((await ask()).identityId).toBe(guest.identityId);
    const alice = await ask(credentials.alice);
    expect(alice.whoami).toMatchObject({
      cognitoIdentityId: credentials.alice.aws.identityId,
      cognitoIdentityAuthType: "authenticated",
    });
  });
});
