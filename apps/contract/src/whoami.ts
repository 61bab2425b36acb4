import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { describe, expect, it } from "vitest";
import { call, callBy, running } from "./running.ts";

// The caller's own identity, in every mode and with every body.

export function whoamiContract(): void {
  describe("/whoami", () => {
    const common = ["mode", "id", "groups", "scopes", "expiresAt", "bytes"];
    const iam = [
      "accountId",
      "userArn",
      "username",
      "cognitoIdentityId",
      "cognitoIdentityPoolId",
      "cognitoIdentityAuthType",
    ];

    it.each([
      ["API key", ["keyId"]],
      ["guest", iam],
      ["machine", iam],
      ["alice", ["sub", "username", "issuer", "claims"]],
      ["otto", ["sub", "issuer", "claims"]],
      ["lambda", ["resolverContext", "deniedFields", "principalId"]],
    ])("tells %s who they are, and nothing else", async (caller, fields) => {
      const { status, body } = await call(caller, "/whoami");
      expect(status).toBe(200);
      expect(Object.keys(body).toSorted()).toEqual([...common, ...fields].toSorted());
    });

    it("shows the identity pool's fields, which are null for other callers", async () => {
      const { guest, alice } = running.shop.ready.credentials;
      expect((await call("guest", "/whoami")).body).toMatchObject({
        cognitoIdentityId: guest.identityId,
        cognitoIdentityPoolId: running.shop.ready.identityPoolId,
        cognitoIdentityAuthType: "unauthenticated",
      });
      const session = outbound.iam({ region: "us-east-1", credentials: alice.aws });
      expect((await callBy(session, "/whoami")).body).toMatchObject({
        cognitoIdentityId: alice.aws.identityId,
        cognitoIdentityAuthType: "authenticated",
      });
      expect((await call("machine", "/whoami")).body).toMatchObject({
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        cognitoIdentityAuthType: null,
      });
    });

    it("accepts id and access tokens, raw and after Bearer", async () => {
      const { idToken, accessToken } = running.shop.ready.credentials.libby;
      for (const authorization of [idToken, accessToken, `Bearer ${idToken}`, `Bearer ${accessToken}`]) {
        const { body } = await call("anonymous", "/whoami", { headers: { authorization } });
        expect(body).toMatchObject({ mode: "userPool", username: "libby", groups: ["Librarians"] });
      }
    });

    it.each(["GET", "POST", "PUT", "PATCH", "DELETE"])("answers below itself, to %s", async (method) => {
      const body = method === "GET" ? {} : { body: "12345" };
      const answer = await call("machine", "/whoami/and/below?b=1&a=2", { method, ...body });
      expect(answer).toMatchObject({ status: 200, body: { mode: "iam", bytes: method === "GET" ? 0 : 5 } });
    });

    it.each(["machine", "API key"])("counts the bytes of every content type for %s", async (caller) => {
      const bytes = new Uint8Array(300_000).fill(7);
      for (const type of ["application/json", "multipart/form-data", "application/x-amz-json-1.0"]) {
        const init = { method: "POST", body: bytes, headers: { "content-type": type } };
        expect((await call(caller, "/whoami", init)).body["bytes"]).toBe(300_000);
      }
    });

    it.each(["execute-api", "appsync"])("accepts signatures for %s", async (service) => {
      const source = outbound.iam({
        region: "us-east-1",
        service,
        credentials: running.shop.ready.credentials.machine,
      });
      const response = await createAuthFetch(source, { origins: [running.shop.url] })(
        `${running.shop.url}/whoami`,
      );
      expect(response.status).toBe(200);
    });

    it("rejects signatures for other services", async () => {
      const { machine } = running.shop.ready.credentials;
      const source = outbound.iam({ region: "us-east-1", service: "dynamodb", credentials: machine });
      const response = await createAuthFetch(source, { origins: [running.shop.url] })(
        `${running.shop.url}/whoami`,
      );
      expect(response.status).toBe(401);
    });

    it.each(["machine", "alice", "lambda"])("takes 10 MiB from %s and no more", async (caller) => {
      const send = (bytes: number) =>
        call(caller, "/whoami", { method: "POST", body: new Uint8Array(bytes) });
      const cap = 10 * 1024 * 1024;
      expect(await send(cap)).toMatchObject({ status: 200, body: { bytes: cap } });
      for (const bytes of [cap + 1, 2 * cap]) {
        expect(await send(bytes)).toMatchObject({ status: 413, body: { code: "body_too_large" } });
      }
    });

    it("is not for callers without credentials", async () => {
      const { status, headers, body } = await call("anonymous", "/whoami");
      expect([status, body["code"]]).toEqual([401, "credentials_missing"]);
      expect(headers.get("www-authenticate")).toContain("Bearer");
    });
  });
}
