import { apiKey, createAuth, newApiKey } from "@authmodes/express";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Endpoints, Session } from "./support/amplify.ts";
import { type Bookstore, type RunningBookstore, startBookstore } from "./support/app.ts";
import { AmplifyBrowser } from "./support/browser.ts";
import { callersOf } from "./support/callers.ts";
import type { GraphQLMode } from "./support/page.ts";
import { isMissing } from "./support/programs.ts";
import { serve } from "./support/server.ts";

/** Of what the page posts to the REST API: {"title":"Émile"}. */
const restBytes = 18;

let browser: AmplifyBrowser;
let gateway: RunningBookstore;

function endpointsOf({ url, region, credentials: { apiKey } }: Bookstore): Endpoints {
  return { graphql: `${url}/whoami/graphql`, rest: `${url}/whoami`, region, apiKey };
}

function graphql(page: Page, endpoints: Endpoints, session: Session, mode: GraphQLMode, token?: string) {
  const call = { session, mode, ...(token !== undefined && { token }) };
  return page.evaluate(async ([to, what]) => globalThis.callGraphQL(to, what), [endpoints, call] as const);
}

function rest(page: Page, endpoints: Endpoints, session: Session, headers: Record<string, string> = {}) {
  const call = { session, headers };
  return page.evaluate(async ([to, what]) => globalThis.callRest(to, what), [endpoints, call] as const);
}

/** The statuses that the browser receives from now on, in order: what its preflights got and what the page got. */
async function watch(page: Page): Promise<{ readonly preflights: number[]; readonly answers: number[] }> {
  const seen = { preflights: [] as number[], answers: [] as number[] };
  const network = await page.context().newCDPSession(page);
  network.on("Network.responseReceived", ({ type, response }) => {
    (type === "Preflight" ? seen.preflights : seen.answers).push(response.status);
  });
  await network.send("Network.enable");
  return seen;
}

describe.skipIf(isMissing("chromium-headless-shell"))("Amplify JS in Chromium, from another origin", () => {
  beforeAll(async () => {
    [browser, gateway] = await Promise.all([
      AmplifyBrowser.start(),
      startBookstore("--error-format", "apigateway"),
    ]);
  });
  afterAll(() => Promise.all([browser.stop(), gateway.stop()]));

  describe.each(["problem", "apigateway"] as const)(
    "with a server that rejects in the format %s",
    (format) => {
      const bookstore = () => (format === "problem" ? inject("bookstore") : gateway.bookstore);

      it("is known in every mode of the GraphQL client", async () => {
        const { credentials } = bookstore();
        const { alice, guest, otto, lambda } = credentials;
        const callers = callersOf(bookstore());
        const visitor = { credentials: guest };
        const user = { credentials: alice.aws, accessToken: alice.accessToken };
        const calls: [Session, GraphQLMode, object, string?][] = [
          [user, "apiKey", callers.apiKey],
          [visitor, "iam", callers.guest],
          [visitor, "identityPool", callers.guest],
          [user, "iam", callers.aliceSigning],
          [user, "userPool", callers.alice],
          [{ accessToken: otto.accessToken }, "oidc", callers.otto],
          [{}, "lambda", callers.lambda, lambda.token],
        ];
        const page = await browser.open();
        const seen = await watch(page);
        for (const [session, mode, caller, token] of calls) {
          const outcome = await graphql(page, endpointsOf(bookstore()), session, mode, token);
          expect({ mode, outcome }).toMatchObject({ mode, outcome: { answer: caller } });
        }
        expect(seen.answers).toEqual(calls.map(() => 200));
        expect(new Set(seen.preflights)).toEqual(new Set([204]));
      });

      it("is known in every way that the REST client calls", async () => {
        const { alice, guest, otto, lambda, apiKey } = bookstore().credentials;
        const callers = callersOf(bookstore());
        const user = { credentials: alice.aws, accessToken: alice.accessToken };
        const calls: [Session, Record<string, string>, object][] = [
          [{ credentials: guest }, {}, callers.guest],
          [user, {}, callers.aliceSigning],
          [{}, { "x-api-key": apiKey }, callers.apiKey],
          [user, { Authorization: alice.accessToken }, callers.alice],
          [user, { Authorization: `Bearer ${otto.accessToken}` }, callers.otto],
          [user, { Authorization: lambda.token }, callers.lambda],
        ];
        const page = await browser.open();
        for (const [session, headers, caller] of calls) {
          const outcome = await rest(page, endpointsOf(bookstore()), session, headers);
          expect(outcome).toMatchObject({ answer: { ...caller, bytes: restBytes } });
        }
      });

      it("reads a 401 as a 401", async () => {
        const { alice, bob, lambda } = bookstore().credentials;
        const forged = `${alice.accessToken.slice(0, alice.accessToken.lastIndexOf("."))}.${bob.accessToken.split(".")[2]}`;
        const page = await browser.open();
        const seen = await watch(page);
        const outcomes = [
          await graphql(page, endpointsOf(bookstore()), { accessToken: forged }, "userPool"),
          await graphql(page, endpointsOf(bookstore()), {}, "lambda", lambda.deniedToken),
          await graphql(page, endpointsOf(bookstore()), {}, "none"),
          await rest(page, endpointsOf(bookstore()), {}, { Authorization: forged }),
        ];
        expect(outcomes).toEqual(outcomes.map(() => expect.objectContaining({ status: 401 }) as object));
        expect(seen.answers).toEqual([401, 401, 401, 401]);
      });

      it.each([10, -10])("corrects a clock that is %i minutes off", async (clockAheadMinutes) => {
        const { guest } = bookstore().credentials;
        const callers = callersOf(bookstore());
        const page = await browser.open({ clockAheadMinutes });
        const seen = await watch(page);
        const outcomes = [
          await rest(page, endpointsOf(bookstore()), { credentials: guest }),
          await graphql(page, endpointsOf(bookstore()), { credentials: guest }, "iam"),
        ];
        expect(outcomes).toEqual(
          outcomes.map(() => ({ answer: expect.objectContaining(callers.guest) as object })),
        );
        const refused = format === "problem" ? 401 : 403;
        expect(seen.answers).toEqual([refused, 200, refused, 200]);
      });
    },
  );

  it("is let through by the headers of each mode alone", async () => {
    const { key, stored } = await newApiKey({ id: "alone", expiresInSeconds: 60 });
    const server = await serve(createAuth([apiKey({ keys: [stored] })]), { cors: true });
    try {
      const page = await browser.open();
      const endpoints = { graphql: server.url, rest: server.url, region: "us-east-1", apiKey: key };
      const outcome = await graphql(page, endpoints, {}, "apiKey");
      expect(outcome).toMatchObject({ answer: { mode: "apiKey", id: "alone" } });
    } finally {
      await server.stop();
    }
  });
});
