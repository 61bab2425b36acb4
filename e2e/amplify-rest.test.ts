import {
  apiKey,
  type Auth,
  createAuth,
  iam,
  type IamOptions,
  newApiKey,
  type NewApiKey,
} from "@authmodes/express";
import { get, post, put } from "aws-amplify/api";
import { afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { configureAmplify, type Session } from "./support/amplify.ts";
import { callersOf } from "./support/callers.ts";
import { type AuthServer, serve } from "./support/server.ts";

const bookstore = inject("bookstore");
const { url, region, credentials } = bookstore;
const { alice, otto, guest, lambda } = credentials;
const callers = callersOf(bookstore);

const apiName = "bookstore";
const visitor: Session = { credentials: guest };
const user: Session = { credentials: alice.aws, accessToken: alice.accessToken };

function configure(session: Session, rest = `${url}/whoami`): void {
  configureAmplify({ graphql: `${url}/graphql`, rest, region, apiKey: "none" }, session);
}

async function answerOf({ response }: ReturnType<typeof get>): Promise<unknown> {
  return (await response).body.json();
}

describe("Amplify JS, REST", () => {
  it("signs as a guest, with a query", async () => {
    configure(visitor);
    const queryParams = { title: "Emma & co (1+1)", author: "Brontë, *" };
    const asked = get({ apiName, path: "/books/a b/é", options: { queryParams } });
    expect(await answerOf(asked)).toMatchObject({ ...callers.guest, bytes: 0 });
  });

  it("signs as a user, with a body", async () => {
    configure(user);
    const asked = post({ apiName, path: "/books", options: { body: { title: "Émile" } } });
    expect(await answerOf(asked)).toMatchObject({ ...callers.aliceSigning, bytes: 18 });
  });

  it.each<[string, string, object]>([
    ["of the user pool", alice.accessToken, callers.alice],
    ["of the user pool, an id token after Bearer", `Bearer ${alice.idToken}`, callers.alice],
    ["of another provider", `Bearer ${otto.accessToken}`, callers.otto],
    ["for the authorizer", lambda.token, callers.lambda],
  ])("sends a token %s, and then does not sign", async (_name, Authorization, caller) => {
    configure(user);
    const asked = put({ apiName, path: "/books/1", options: { headers: { Authorization }, body: [] } });
    expect(await answerOf(asked)).toMatchObject({ ...caller, bytes: 2 });
  });

  it("sends an API key without a session", async () => {
    configure({});
    const headers = { "x-api-key": credentials.apiKey };
    const asked = get({ apiName, path: "/books", options: { headers } });
    expect(await answerOf(asked)).toMatchObject({ ...callers.apiKey, bytes: 0 });
  });

  it.each([true, false])("signs whatever withCredentials says (%s)", async (withCredentials) => {
    configure(visitor);
    const asked = get({ apiName, path: "/books", options: { withCredentials } });
    expect(await answerOf(asked)).toMatchObject(callers.guest);
  });

  it("is told that an API key beside a session is one kind of credentials too many", async () => {
    configure(user);
    const headers = { "x-api-key": credentials.apiKey };
    const { response } = get({ apiName, path: "/books", options: { headers } });
    await expect(response).rejects.toMatchObject({
      response: { statusCode: 400, body: expect.stringContaining('"credentials_ambiguous"') as string },
    });
  });

  it("reads a 401", async () => {
    configure({ credentials: { ...guest, secretAccessKey: alice.aws.secretAccessKey } });
    await expect(get({ apiName, path: "/books" }).response).rejects.toMatchObject({
      response: { statusCode: 401, body: expect.stringContaining('"credentials_refused"') as string },
    });
  });
});

describe("Amplify JS, REST, with a session and a server of its own", () => {
  const userArn = "arn:aws:iam::123456789012:user/alice";
  const aliceSigns: Pick<IamOptions, "region" | "credentials"> = {
    region,
    credentials: (accessKeyId) => {
      if (accessKeyId !== alice.aws.accessKeyId) return undefined;
      const { secretAccessKey, sessionToken } = alice.aws;
      return { secretAccessKey, sessionToken, expiresAt: null, accountId: "123456789012", userArn };
    },
  };
  let key: NewApiKey;
  let server: AuthServer;

  beforeAll(async () => {
    key = await newApiKey({ id: "usage-plan", expiresInSeconds: 3600 });
  });
  afterEach(() => server.stop());

  async function send(auth: Auth, body: FormData | { a: number }, headers: Record<string, string> = {}) {
    server = await serve(auth);
    configure(user, server.url);
    return answerOf(post({ apiName, path: "/books", options: { headers, body } }));
  }

  it("is who signed, with the key, where a key is required", async () => {
    const auth = createAuth([iam(aliceSigns)], { requires: apiKey({ keys: [key.stored] }) });
    expect(await send(auth, { a: 1 }, { "x-api-key": key.key })).toMatchObject({
      mode: "iam",
      id: userArn,
      key: { mode: "apiKey", id: "usage-plan" },
      bytes: 7,
    });
  });

  it("is refused with a wrong key, where a key is required", async () => {
    const auth = createAuth([iam(aliceSigns)], { requires: apiKey({ keys: [key.stored] }) });
    const sent = send(auth, { a: 1 }, { "x-api-key": "wrong" });
    await expect(sent).rejects.toMatchObject({ response: { statusCode: 401 } });
    expect(server.events.map(({ mode, reason }) => [mode, reason])).toEqual([["apiKey", "api_key_unknown"]]);
  });

  it.each([
    { precedence: ["apiKey", "iam"], caller: { mode: "apiKey", id: "usage-plan" } },
    { precedence: ["iam", "apiKey"], caller: { mode: "iam", id: userArn } },
  ])("sends a key too, and is who comes first in $precedence", async ({ precedence, caller }) => {
    const auth = createAuth([iam(aliceSigns), apiKey({ keys: [key.stored] })], { precedence });
    expect(await send(auth, { a: 1 }, { "x-api-key": key.key })).toMatchObject({ ...caller, bytes: 7 });
  });

  const saidSo = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  it.each<[string, Record<string, string>, boolean, string]>([
    ["which is all that Amplify does by itself", {}, true, "signature_mismatch"],
    ["and says so to a server that lets it", saidSo, true, "accepted"],
    ["and says so to a server that does not let it", saidSo, false, "payload_unsigned"],
  ])("leaves a form out of the signature, %s", async (_name, headers, unsignedPayload, outcome) => {
    const form = new FormData();
    form.append("title", "Emma");
    await Promise.allSettled([send(createAuth([iam({ ...aliceSigns, unsignedPayload })]), form, headers)]);
    expect(server.events.map(({ type, reason }) => reason ?? type)).toEqual([outcome]);
  });
});
