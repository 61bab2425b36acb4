import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { accepted, refused, refusedSignature } from "./expect.ts";
import { maxBodyBytes } from "./servers.ts";
import type { Exchange } from "./target.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";

const audit = auditsAbout("iam");

/** A body of every kind that clients sign. */
const bodies = [
  {
    id: "f1a9",
    name: "JSON",
    type: "application/json",
    body: Buffer.from('{"title":"Dune",  "price":9.50}'),
  },
  {
    id: "2d03",
    name: "a form",
    type: "application/x-www-form-urlencoded",
    body: Buffer.from("title=Dune&price=9.50&title=again"),
  },
  {
    id: "8bc2",
    name: "multipart",
    type: "multipart/form-data; boundary=b",
    body: Buffer.from(
      '--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n\x00\xff\r\n--b--\r\n',
      "latin1",
    ),
  },
  {
    id: "a40e",
    name: "bytes",
    type: "application/octet-stream",
    body: Buffer.from([0, 255, 128, 10, 13, 0]),
  },
  { id: "ee57", name: "an empty body", type: "application/json", body: Buffer.alloc(0) },
];

function digest(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

/** An answer without what differs between any two. */
function withoutIds({ status, headers, text }: Exchange): Pick<Exchange, "status" | "headers" | "text"> {
  const { date: _date, etag: _etag, ...others } = headers;
  return { status, headers: others, text: text.replace(/"urn:uuid:[0-9a-f-]+"/, '"an id"') };
}

/** Signature Version 4 and the bodies that it covers. */
export const iamAudits: readonly AuditDefinition[] = [
  audit("21d7", "MUST accept a request signed with a long-term key", async ({ server }) => {
    const answer = accepted(await server.send(await server.sign({ target: "/five" })), { mode: "iam" });
    match(String(answer.id), /^arn:aws:sts::\d{12}:assumed-role\/Admin\//);
  }),
  audit(
    "be46",
    "MUST accept a request signed with the temporary credentials of an identity pool",
    async ({ kit, server }) => {
      for (const credentials of [kit.accessKeys.guest, kit.accessKeys.user]) {
        const signed = await server.sign({ target: "/five" }, { credentials });
        accepted(await server.send(signed), { mode: "iam", id: credentials.identityId });
      }
    },
  ),
  audit("f90c", "MUST accept every service that is configured and no other", async ({ server }) => {
    const signed = await server.sign({ target: "/five" }, { service: "appsync" });
    accepted(await server.send(signed), { mode: "iam" });
    for (const other of [{ service: "sqs" }, { region: "eu-west-1" }]) {
      const { status, event } = await server.send(await server.sign({ target: "/five" }, other));
      equal(status, 401);
      equal(event?.code, "credentials_refused");
    }
  }),
  audit("47b8", "MUST refuse a signature made with another secret", async ({ kit, server }) => {
    const credentials = { ...kit.accessKeys.machine, secretAccessKey: "not-the-secret" };
    const exchange = await server.send(await server.sign({ target: "/five" }, { credentials }));
    refused(exchange, "credentials_refused", "signature_mismatch", "iam", /AWS4-HMAC-SHA256/);
  }),
  audit(
    "c82e",
    "MUST refuse an unknown access key, and a session token that is not of the key",
    async ({ kit, server }) => {
      const { guest, user, machine } = kit.accessKeys;
      for (const [credentials, reason] of [
        [{ ...machine, accessKeyId: "AKIAUNKNOWNUNKNOWN00" }, "access_key_unknown"],
        [{ ...guest, sessionToken: user.sessionToken }, "session_token_mismatch"],
        [{ accessKeyId: guest.accessKeyId, secretAccessKey: guest.secretAccessKey }, "session_token_missing"],
      ] as const) {
        refusedSignature(await server.send(await server.sign({ target: "/five" }, { credentials })), reason);
      }
    },
  ),
  audit(
    "a96e",
    "MUST answer an unknown access key as it answers a wrong signature, whatever the body is",
    async ({ kit, on }) => {
      const server = await on("precedence"); // its cap is the default
      const wrong = { ...kit.accessKeys.machine, secretAccessKey: "not-the-secret" };
      const strangers = [wrong, { ...wrong, accessKeyId: "AKIAUNKNOWNUNKNOWN00" }];
      const large = Buffer.alloc(1024 * 1024 + 1);
      for (const { status, body, contentSha256 = false } of [
        { status: 401, body: "" },
        { status: 401, body: "a=1" },
        { status: 413, body: large },
        { status: 401, body: large, contentSha256: true },
      ]) {
        for (const chunked of [false, true]) {
          const seen = [];
          for (const credentials of strangers) {
            const request = { method: "POST", target: "/five", body };
            const signed = await server.sign(request, { credentials, contentSha256 });
            const exchange = await server.send({ ...signed, chunked });
            seen.push(withoutIds(exchange));
          }
          equal(seen[0]?.status, status);
          deepEqual(seen[1], seen[0]);
        }
      }
    },
  ),
  audit("0573", "MUST refuse credentials that have ended, and say so", async ({ kit, server }) => {
    const credentials = kit.accessKeys.issue({ authType: "unauthenticated", expiresInSeconds: -1 });
    const exchange = await server.send(await server.sign({ target: "/five" }, { credentials }));
    refused(exchange, "credentials_expired", "session_expired", "iam");
  }),
  audit(
    "d6b4",
    "MUST refuse a request signed over five minutes ago or ahead, so that clients can set their clock",
    async ({ kit, server }) => {
      for (const seconds of [-310, 310]) {
        const signedAt = new Date(kit.clock.now() + seconds * 1000);
        const exchange = await server.send(await server.sign({ target: "/five" }, { signedAt }));
        refusedSignature(exchange, "date_skewed");
        equal(exchange.headers["x-amzn-errortype"], "RequestTimeTooSkewed");
        ok(exchange.headers.date, "clients correct their clock by Date");
      }
    },
  ),
  audit("9a1f", "MUST answer 400 to a signature that cannot be read", async ({ server }) => {
    const { headers } = await server.sign({ target: "/five" });
    const { authorization = "", ...rest } = headers;
    for (const broken of [
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 Credential=a/b/c",
      authorization.replace(/Signature=\w+/, "Signature=abc"),
      authorization.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
    ]) {
      const { status, event } = await server.get("/five", { ...rest, authorization: broken });
      equal(status, 400, broken);
      equal(event?.code, "credentials_malformed");
    }
  }),
  audit("6e08", "MUST refuse a request whose method or signed header was changed", async ({ server }) => {
    const signed = await server.sign({ method: "POST", target: "/five", headers: { "x-tenant": "a" } });
    accepted(await server.send(signed), { mode: "iam" });
    refusedSignature(await server.send({ ...signed, method: "PUT" }));
    refusedSignature(await server.send({ ...signed, headers: { ...signed.headers, "x-tenant": "b" } }));
  }),
  audit("e95d", "MUST refuse an x-amz- header that was added after signing", async ({ server }) => {
    const signed = await server.sign({ target: "/five" });
    const { status, event } = await server.send({
      ...signed,
      headers: { ...signed.headers, "x-amz-acl": "public" },
    });
    deepEqual({ status, reason: event?.reason }, { status: 401, reason: "header_unsigned" });
  }),
  ...bodies.map(({ id, name, type, body }) =>
    audit(id, `MUST verify ${name} and hand it to the handler untouched`, async ({ server }) => {
      const headers = { "content-type": type };
      const caller = { mode: "iam", bytes: body.length, sha256: digest(body) };
      for (const contentSha256 of [true, false]) {
        const request = { method: "POST", target: "/five", headers, body };
        const signed = await server.sign(request, { contentSha256 });
        accepted(await server.send(signed), caller);
        accepted(await server.send({ ...signed, chunked: true }), caller);
      }
    }),
  ),
  audit("9fe3", "MUST verify a compressed body as it was sent", async ({ server }) => {
    const plain = Buffer.from('{"title":"Dune"}');
    const body = gzipSync(plain);
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const exchange = await server.send(await server.sign({ method: "POST", target: "/five", headers, body }));
    const { sha256 } = accepted(exchange, { mode: "iam" });
    // Parsers of most frameworks inflate it for the handler.
    ok([digest(body), digest(plain)].includes(sha256));
  }),
  audit("e3b6", "MUST verify a body that arrives slowly", async ({ server }) => {
    const body = Buffer.alloc(50_000, "0123456789");
    for (const contentSha256 of [true, false]) {
      const request = await server.sign({ method: "POST", target: "/five", body }, { contentSha256 });
      const exchange = await server.send({ ...request, chunked: true, pauseMilliseconds: 5 });
      accepted(exchange, { mode: "iam", bytes: body.length, sha256: digest(body) });
    }
  }),
  audit("5ac7", "MUST refuse a body that was changed after signing", async ({ server }) => {
    const request = { method: "POST", target: "/five", body: '{"price":1}' };
    for (const [contentSha256, reason] of [
      [true, "body_hash_mismatch"],
      [false, "signature_mismatch"],
    ] as const) {
      const signed = await server.sign(request, { contentSha256 });
      for (const body of ['{"price":2}', '{"price":1} ', ""]) {
        refusedSignature(await server.send({ ...signed, body }), reason);
        refusedSignature(await server.send({ ...signed, body, chunked: true }), reason);
      }
    }
  }),
  audit("34e1", "MUST verify bodies of many megabytes", async ({ server }) => {
    const body = Buffer.alloc(9 * 1024 * 1024, "0123456789");
    const request = await server.sign({ method: "POST", target: "/five", body });
    const caller = { mode: "iam", bytes: body.length, sha256: digest(body) };
    accepted(await server.send(request), caller);
    accepted(await server.send({ ...request, chunked: true }), caller);
  }),
  audit("b17a", "MUST answer 413 to a body over the cap", async ({ server }) => {
    const body = Buffer.alloc(maxBodyBytes + 1);
    const request = await server.sign({ method: "POST", target: "/five", body });
    for (const chunked of [false, true]) {
      refused(await server.send({ ...request, chunked }), "body_too_large", "body_too_large", "iam");
    }
  }),
  audit("78f2", "MUST NOT take an unsigned payload", async ({ server }) => {
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    const request = await server.sign({ method: "POST", target: "/five", headers, body: "anything" });
    const { status, event } = await server.send(request);
    equal(status, 401);
    equal(event?.reason, "payload_unsigned");
  }),
  audit("cb30", "MUST accept a presigned GET", async ({ kit, server }) => {
    const target = await server.presign("/five?limit=3", kit.accessKeys.guest);
    accepted(await server.get(target), { mode: "iam", id: kit.accessKeys.guest.identityId });
  }),
  audit(
    "13d5",
    "MUST NOT take a presigned URL for another method, path or query",
    async ({ kit, server }) => {
      const target = await server.presign("/five?limit=3", kit.accessKeys.machine);
      for (const changed of [
        target.replace("/five", "/five/more"),
        `${target}&all=1`,
        target.replace("limit=3", "limit=4"),
      ]) {
        refusedSignature(await server.get(changed));
      }
      equal((await server.send({ method: "HEAD", target })).status, 401);
    },
  ),
  audit(
    "2f6d",
    "MUST NOT take a presigned URL for a method that changes something",
    async ({ kit, server }) => {
      const target = await server.presign("/five", kit.accessKeys.machine, "PUT");
      refusedSignature(await server.send({ method: "PUT", target }), "presigned_method_not_accepted");
    },
  ),
];
