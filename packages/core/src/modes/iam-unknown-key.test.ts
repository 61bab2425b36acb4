import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as tick } from "node:timers/promises";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { IamServer, keys, machine } from "../test/iam-server.ts";
import { type Draft, presignDraft, sha256, signDraft, type Signing } from "../test/sigv4-signer.ts";
import type { AccessKey } from "./iam.ts";

// A stranger must not find out by any answer which access keys a server knows. What it sends is refused under each of
// these alike; the reason, which tells them apart, is for the log.
const strangers: Readonly<Record<string, Signing>> = {
  "a known key, another secret": { secret: "another" },
  "an unknown key": { accessKeyId: "AKIDOTHER", secret: "another" },
  "a key that is disabled": { accessKeyId: "AKIDDISABLED", secret: "another" },
  "a key whose session token is missing": { accessKeyId: "ASIATEMPORARY", secret: "another" },
};
const known = new Map<string, AccessKey>([
  ...keys,
  ["AKIDDISABLED", { ...machine, disabled: true }],
  ["ASIATEMPORARY", { ...machine, sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE", expiresAt: 4_000_000_000 }],
]);
const cap = 100;
const small = "title=Dune";
const large = "a".repeat(cap + 1);

interface Sending {
  readonly body: string;
  readonly headers?: [string, string][];
  /** What follows the head: less than the head says, or nothing. */
  readonly sent?: string;
  readonly framing?: "length" | "chunks";
  readonly presigned?: boolean;
  /** What the client does when all was sent. */
  readonly then?: "wait" | "leave";
}

const hashOf = (body: string): [string, string] => ["X-Amz-Content-Sha256", sha256(body)];

const sendings: readonly (readonly [name: string, status: number, sending: Sending])[] = [
  ["no body", 401, { body: "" }],
  ["a body", 401, { body: small }],
  ["a body in chunks", 401, { body: small, framing: "chunks" }],
  ["a body over the cap", 413, { body: large }],
  ["a body over the cap of which nothing is sent", 413, { body: large, sent: "" }],
  ["a body over the cap, in chunks", 413, { body: large, framing: "chunks" }],
  ["a body that is withheld", 408, { body: small, sent: "" }],
  ["a body that is withheld, in chunks", 408, { body: small, sent: "", framing: "chunks" }],
  ["half a body", 408, { body: small, sent: "title" }],
  ["a body whose hash is signed", 401, { body: small, headers: [hashOf(small)] }],
  ["a body over the cap whose hash is signed", 401, { body: large, headers: [hashOf(large)] }],
  ["a body that is withheld, whose hash is signed", 401, { body: small, headers: [hashOf(small)], sent: "" }],
  ["another body than the signed one", 401, { body: small, headers: [hashOf("another")] }],
  ["a presigned request with a body", 401, { body: small, presigned: true }],
  ["a presigned request with a body over the cap", 413, { body: large, presigned: true }],
  ["a presigned request whose body is withheld", 408, { body: small, sent: "", presigned: true }],
  ["an unsigned payload", 401, { body: large, headers: [["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"]] }],
  [
    "a streamed payload",
    401,
    { body: small, headers: [["X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"]] },
  ],
  ["an encoded body", 401, { body: small, headers: [["Content-Encoding", "gzip"]] }],
];

function draftOf(
  server: IamServer,
  { body, headers = [], presigned = false }: Sending,
  signing: Signing,
): Draft {
  const draft = {
    method: "POST",
    target: "/books",
    headers: [["Host", server.host], ...headers],
    body,
  } as Draft;
  return presigned ? presignDraft(draft, signing) : signDraft(draft, signing);
}

/** Sends it on a connection of its own; gives the answer without what differs between any two. */
async function answerTo(server: IamServer, sending: Sending, signing: Signing): Promise<string> {
  const { body, sent = body, framing = "length" } = sending;
  const { method, target, headers } = draftOf(server, sending, signing);
  const length = framing === "length" ? `Content-Length: ${body.length}` : "Transfer-Encoding: chunked";
  const lines = headers.map((pair) => pair.join(": "));
  const head = `${method} ${target} HTTP/1.1\r\n${[...lines, length].join("\r\n")}\r\n\r\n`;
  const chunk = sent === "" ? "" : `${sent.length.toString(16)}\r\n${sent}\r\n`;
  const socket = connect(server.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (part) => (text += part.toString("latin1"))).on("error", () => {});
  await once(socket, "connect");
  socket.write(head + (framing === "length" ? sent : chunk + (sent === body ? "0\r\n\r\n" : "")));
  const end = /\r\n\r\n\{.*\}$/s;
  for (let quiet = 0; !end.test(text); quiet++) {
    await tick();
    // When nothing more can come of what was sent, time passes.
    if (quiet % 200 === 199 && vi.getTimerCount() > 0) vi.advanceTimersByTime(30_000);
  }
  return text.replace(/^Date: .*$/m, "Date").replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id");
}

describe("a stranger's signature", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    return () => void vi.useRealTimers();
  });

  it.each(sendings)("gets one answer, whichever key it names: %s, %i", async (_name, status, sending) => {
    const server = await IamServer.start({
      credentials: (id) => known.get(id),
      maxBodyBytes: cap,
      presigned: { methods: ["POST"] },
    });
    onTestFinished(() => server.close());
    const answers: Record<string, string> = {};
    for (const [name, signing] of Object.entries(strangers)) {
      answers[name] = await answerTo(server, sending, signing);
    }
    const [first = ""] = Object.values(answers);
    expect(first).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answers).toEqual(Object.fromEntries(Object.keys(strangers).map((name) => [name, first])));
  });
});
