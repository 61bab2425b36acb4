import { equal } from "node:assert/strict";
import { accepted, needsCredentials, refused, refusedSignature } from "./expect.ts";
import { publicUrl } from "./servers.ts";
import { type AuditDefinition, auditsAbout } from "./suite.ts";

const audit = auditsAbout("paths");

/** Signed requests tell whether the server sees path, query and host as the client wrote them. */
export const pathAudits: readonly AuditDefinition[] = [
  audit("b3c6", "MUST verify with the whole path below a mounted router", async ({ kit, server }) => {
    for (const target of ["/mounted/five", "/mounted/five/books/7?limit=3"]) {
      accepted(await server.send(await server.sign({ target })), { mode: "iam" });
    }
    const headers = await kit.headersFor("apiKey");
    accepted(await server.get("/mounted/five", headers), { mode: "apiKey" });
    needsCredentials(await server.get("/mounted/five"));
  }),
  audit("74fd", "MUST NOT accept a signature for the path without the mount path", async ({ server }) => {
    const { headers } = await server.sign({ target: "/five" });
    refusedSignature(await server.get("/mounted/five", headers));
  }),
  audit("0ae8", "MUST verify paths as they were escaped", async ({ server }) => {
    for (const path of [
      "a%20b",
      "a%2Fb",
      "a%2fb",
      "%E1%88%B4",
      "50%25",
      "a:b@c",
      "a+b",
      "~tilde-_.",
      "a,b;c=d",
      "(x)!*'",
    ]) {
      accepted(await server.send(await server.sign({ target: `/five/${path}` })), { mode: "iam" });
    }
  }),
  audit("d350", "MUST NOT accept a signature for another spelling of the path", async ({ server }) => {
    for (const [signed, sent] of [
      ["/five/a%2Fb", "/five/a/b"],
      ["/five/a/b", "/five/a%2Fb"],
      ["/five/a%252Fb", "/five/a%2Fb"],
      ["/five/books", "/five/books/"],
      ["/five/books", "/five/Books"],
    ] as const) {
      const { headers } = await server.sign({ target: signed });
      refusedSignature(await server.get(sent, headers));
    }
  }),
  audit("97cb", "MUST refuse a signed path with dot segments or empty segments", async ({ server }) => {
    for (const target of ["/five/../five", "/five/./x", "/five/x/..", "/five//x", "/five/%2e%2e/x"]) {
      const { headers } = await server.sign({ target });
      refused(await server.get(target, headers), "credentials_malformed", "path_ambiguous", "iam");
    }
  }),
  audit("5c13", "MUST verify queries as they were written", async ({ server }) => {
    for (const query of [
      "a=1&b=2",
      "b=2&a=1",
      "a=2&a=1",
      "a",
      "a=&b",
      "q=a%20b",
      "q=%E1%88%B4",
      "a%5B%5D=1",
      "q=%2B",
    ]) {
      accepted(await server.send(await server.sign({ target: `/five?${query}` })), { mode: "iam" });
    }
  }),
  audit("e2d9", "MUST refuse a query that was changed after signing", async ({ server }) => {
    const { headers } = await server.sign({ target: "/five?limit=3&owner=bob" });
    for (const query of ["limit=4&owner=bob", "limit=3", "limit=3&owner=bob&all=1", "limit=3&owner=Bob"]) {
      refusedSignature(await server.get(`/five?${query}`, headers));
    }
  }),
  audit(
    "4fb4",
    "MUST verify against the public URL: its host, and the path that a proxy strips",
    async ({ on }) => {
      const server = await on("publicUrl");
      for (const target of ["/five", "/five/books?limit=3", "/mounted/five"]) {
        accepted(await server.send(await server.sign({ target }, { url: publicUrl })), { mode: "iam" });
      }
    },
  ),
  audit(
    "a870",
    "MUST NOT accept a signature for the URL behind the proxy where a public one is set",
    async ({ on }) => {
      const server = await on("publicUrl");
      refusedSignature(await server.send(await server.sign({ target: "/five" })));
    },
  ),
  audit("69de", "MUST NOT take the host from X-Forwarded headers", async ({ server }) => {
    const signed = await server.sign({ target: "/five" }, { url: "http://other.example" });
    for (const forwarded of [
      { "X-Forwarded-Host": "other.example" },
      { Forwarded: "host=other.example;proto=http" },
      { "X-Original-Host": "other.example" },
    ]) {
      refusedSignature(await server.send({ ...signed, headers: { ...signed.headers, ...forwarded } }));
    }
  }),
  audit("46a2", "MUST refuse a signed request that names several hosts", async ({ server }) => {
    const { headers } = await server.sign({ target: "/five" });
    const { host } = new URL(server.url);
    for (const request of [
      { target: "http://other.example/five", headers },
      {
        target: "/five",
        headers: [["host", host], ["host", "other.example"], ...Object.entries(headers)] as const,
      },
    ]) {
      const { status } = await server.send(request);
      equal(status >= 400 && status < 500, true, `${request.target}: ${status}`);
    }
  }),
];
