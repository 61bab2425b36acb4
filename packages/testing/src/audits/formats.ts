import { match, ok } from "node:assert/strict";
import { failed, refusedAsAppsync, refusedAsGateway } from "./expect.ts";
import type { AuditRequest } from "./http.ts";
import type { TestKit } from "../kit.ts";
import type { Target } from "./target.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";

const audit = auditsAbout("formats");
const unknownKey = { "x-api-key": "amk_unknown" };

async function ambiguous(kit: TestKit): Promise<AuditRequest> {
  return { target: "/five", headers: { ...unknownKey, ...(await kit.headersFor("userPool")) } };
}

async function wronglySigned(server: Target): Promise<AuditRequest> {
  const credentials = { ...server.kit.accessKeys.machine, secretAccessKey: "not-the-secret" };
  return server.sign({ target: "/five" }, { credentials });
}

async function endedSession(server: Target): Promise<AuditRequest> {
  const credentials = server.kit.accessKeys.issue({ authType: "unauthenticated", expiresInSeconds: -60 });
  return server.sign({ target: "/five" }, { credentials });
}

const unauthorized = { status: 401, type: "UnauthorizedException", message: "Unauthorized" };
const forbidden = { status: 403, type: "ForbiddenException", message: "Forbidden" };
const badRequest = { status: 400, type: "BadRequestException", message: "Bad Request" };
const appsyncRefused = {
  status: 401,
  type: "UnauthorizedException",
  message: "You are not authorized to make this call.",
};

/** The words of API Gateway and of AppSync. Those of RFC 9457 are what the other audits look at. */
export const formatAudits: readonly AuditDefinition[] = [
  audit("7e21", "SHOULD answer missing credentials as API Gateway does", async ({ on }) => {
    const server = await on("apigateway");
    refusedAsGateway(await server.get("/five"), { ...unauthorized, reason: "no_credentials" });
    refusedAsGateway(await server.get("/only/iam"), {
      status: 403,
      type: "MissingAuthenticationTokenException",
      message: "Missing Authentication Token",
      reason: "no_credentials",
    });
    refusedAsGateway(await server.get("/only/apiKey"), { ...forbidden, reason: "no_credentials" });
  }),
  audit("b0d7", "SHOULD answer wrong and expired tokens as API Gateway does", async ({ kit, on }) => {
    const server = await on("apigateway");
    const wrong = await kit.headersFor("userPool", { wrong: "key" });
    refusedAsGateway(await server.get("/five", wrong), { ...unauthorized, reason: "signature_mismatch" });
    const expired = await kit.headersFor("userPool", { wrong: "expired" });
    refusedAsGateway(await server.get("/five", expired), {
      ...unauthorized,
      message: "The incoming token has expired",
      reason: "token_expired",
    });
  }),
  audit("3c9a", "SHOULD answer an unknown API key as API Gateway does", async ({ on }) => {
    const server = await on("apigateway");
    refusedAsGateway(await server.get("/five", unknownKey), { ...forbidden, reason: "api_key_unknown" });
  }),
  audit("f5e2", "SHOULD answer wrong signatures and ended sessions as API Gateway does", async ({ on }) => {
    const server = await on("apigateway");
    const exchange = await server.send(await wronglySigned(server));
    match(exchange.text, /does not match the signature you provided/);
    ok(!/canonical/i.test(exchange.text), "the canonical request is not echoed");
    refusedAsGateway(await server.send(await endedSession(server)), {
      status: 403,
      type: "ExpiredTokenException",
      message: "The security token included in the request is expired",
      reason: "session_expired",
    });
  }),
  audit(
    "0c76",
    "SHOULD answer a caller without group, scope or leave as API Gateway does",
    async ({ kit, on }) => {
      const server = await on("apigateway");
      const headers = await kit.headersFor("oidc");
      refusedAsGateway(await server.get("/groups", headers), {
        status: 403,
        type: "AccessDeniedException",
        message: "User is not authorized to access this resource",
        reason: "group_missing",
      });
      refusedAsGateway(await server.get("/scopes", headers), { ...forbidden, reason: "scope_missing" });
    },
  ),
  audit(
    "d4f8",
    "SHOULD answer ambiguous credentials and a failing authorizer as API Gateway does",
    async ({ kit, on }) => {
      const server = await on("apigateway");
      refusedAsGateway(await server.send(await ambiguous(kit)), {
        ...badRequest,
        reason: "several_credentials",
      });
      const headers = await kit.headersFor("lambda", kit.authorizer.tokens.failing);
      failed(await server.get("/five", headers), "apigateway", "authorizer_failed");
    },
  ),
  audit("88a3", "SHOULD answer missing credentials as AppSync does", async ({ on }) => {
    const server = await on("appsync");
    refusedAsAppsync(await server.get("/five"), {
      ...appsyncRefused,
      message: "Missing authorization header",
      reason: "no_credentials",
    });
  }),
  audit("51bf", "SHOULD answer refused credentials as AppSync does", async ({ kit, on }) => {
    const server = await on("appsync");
    const denied = await kit.headersFor("lambda", kit.authorizer.tokens.denied);
    refusedAsAppsync(await server.get("/five", unknownKey), { ...appsyncRefused, reason: "api_key_unknown" });
    refusedAsAppsync(await server.get("/five", denied), { ...appsyncRefused, reason: "authorizer_denied" });
    const expired = await kit.headersFor("userPool", { wrong: "expired" });
    refusedAsAppsync(await server.get("/five", expired), {
      ...appsyncRefused,
      message: "Token has expired.",
      reason: "token_expired",
    });
  }),
  audit("ca4d", "SHOULD answer wrong signatures as AppSync does", async ({ on }) => {
    const server = await on("appsync");
    const exchange = await server.send(await wronglySigned(server));
    match(exchange.text, /"errorType":"InvalidSignatureException"/);
    match(exchange.text, /does not match the signature you provided/);
  }),
  audit("1d92", "SHOULD answer a caller without group as AppSync does", async ({ kit, on }) => {
    const server = await on("appsync");
    const headers = await kit.headersFor("userPool");
    refusedAsAppsync(await server.get("/groups", headers), {
      ...appsyncRefused,
      message: "Permission denied",
      reason: "group_missing",
    });
  }),
  audit("e6ac", "SHOULD answer ambiguous credentials as AppSync does", async ({ kit, on }) => {
    const server = await on("appsync");
    refusedAsAppsync(await server.send(await ambiguous(kit)), {
      ...badRequest,
      reason: "several_credentials",
    });
  }),
];
