import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type AccessKey, authenticate, authErrorHandler, createAuth, iam, lambda } from "@authmodes/express";
import express from "express";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AuthServer, serve, TestServer } from "./support/server.ts";

const keys = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const role = "arn:aws:iam::123456789012:role/bookstore";

/** Stands for Lambda: it has one function, and verifies who invokes it. */
let functions: TestServer;
let server: AuthServer;

beforeAll(async () => {
  functions = await TestServer.start(newFunctions());
  const client = new LambdaClient({ region: "us-east-1", endpoint: functions.url, credentials: keys });
  const invoke = async (payload: string) => {
    const answer = await client.send(new InvokeCommand({ FunctionName: "authorizer", Payload: payload }));
    if (answer.FunctionError !== undefined) throw new Error(`the authorizer failed: ${answer.FunctionError}`);
    return answer.Payload ?? "";
  };
  server = await serve(createAuth([lambda({ authorizer: { invoke } })]));
});
afterAll(() => Promise.all([server.stop(), functions.stop()]));

function newFunctions(): express.Express {
  const find = (accessKeyId: string): AccessKey | undefined =>
    accessKeyId === keys.accessKeyId
      ? { secretAccessKey: keys.secretAccessKey, accountId: "123456789012", userArn: role }
      : undefined;
  const auth = createAuth([iam({ region: "us-east-1", service: "lambda", credentials: find })]);
  const app = express();
  app.use(authenticate(auth));
  app.post(
    "/2015-03-31/functions/authorizer/invocations",
    express.text({ type: "*/*" }),
    (request, response) => {
      const { authorizationToken } = JSON.parse(request.body as string) as { authorizationToken: string };
      if (authorizationToken === "fail") {
        response.set("x-amz-function-error", "Unhandled").json({ errorMessage: "it failed" });
      } else {
        response.json({
          isAuthorized: authorizationToken === "let me in",
          resolverContext: { tenant: "t1" },
        });
      }
    },
  );
  app.use(authErrorHandler());
  return app;
}

it.each([
  ["let me in", 200, { mode: "lambda", resolverContext: { tenant: "t1" } }],
  ["keep me out", 401, { code: "credentials_refused" }],
  ["fail", 503, { code: "unavailable" }],
])("a Lambda client carries the authorizer's word on '%s'", async (authorization, status, body) => {
  const response = await fetch(server.url, { headers: { authorization } });
  expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body });
});
