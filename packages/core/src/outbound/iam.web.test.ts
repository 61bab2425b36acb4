import { describe, expect, it, vi } from "vitest";
import { crypto as web } from "../crypto/web.ts";
import { fetchView } from "../fetch.ts";
import { iam } from "../modes/iam.ts";

import { presignDraft, signDraft, testSecret, testTime } from "../test/sigv4-signer.ts";
import { viewOf } from "../test/view.ts";
import { iam as source } from "./iam.ts";
import { presign } from "./presign.ts";

// Runtimes without node:crypto get promises of the values that Node returns.
vi.mock("#crypto", async () => import("../crypto/web.ts"));

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: testSecret };
const mode = iam({
  region: "us-east-1",
  credentials: (id) =>
    id === "AKIDEXAMPLE" ? { ...credentials, accountId: "1", userArn: "arn:a" } : undefined,
});
const clock = () => testTime;

async function verify(view: ReturnType<typeof viewOf>): Promise<unknown> {
  try {
    return (await mode.detect(view)?.verify(testTime))?.accessKeyId;
  } catch (error) {
    return error instanceof Error && "reason" in error ? error.reason : error;
  }
}

describe("iam with cryptography that returns promises", () => {
  it("is what this file tests", async () => {
    const { crypto } = await import("#crypto");
    expect(crypto).toBe(web);
  });

  it("verifies and refuses as it does on Node", async () => {
    const draft = { method: "POST", target: "/a?b=1", headers: [["host", "a"]] as const, body: "c=2" };
    const good = signDraft(draft);
    expect(await verify(viewOf(good))).toBe("AKIDEXAMPLE");
    expect(await verify(viewOf(good))).toBe("AKIDEXAMPLE");
    expect(await verify(viewOf({ ...good, body: "c=3" }))).toBe("signature_mismatch");
    expect(await verify(viewOf(signDraft(draft, { secret: "another" })))).toBe("signature_mismatch");
    expect(await verify(viewOf(signDraft(draft, { accessKeyId: "AKIDOTHER" })))).toBe("access_key_unknown");
    expect(await verify(viewOf(presignDraft({ target: "/", headers: [["host", "a"]] })))).toBe("AKIDEXAMPLE");
  });

  it("signs what it verifies, in a Request, and leaves the body to the handler", async () => {
    const url = new URL("https://api.example.com/books?q=a+b");
    const body = new TextEncoder().encode("title=Dune");
    const headers = new Headers({ accept: "a, b", "x-tenant": "é" });
    const sign = source({ region: "us-east-1", credentials, clock });
    const added = await sign({ method: "POST", url, headers, body, refused: undefined });
    for (const [name, value] of Object.entries(added)) headers.set(name, value);
    const request = new Request(url, { method: "POST", headers, body });
    expect(await verify(fetchView(request))).toBe("AKIDEXAMPLE");
    expect(await request.text()).toBe("title=Dune");

    const signed = await presign({ url, region: "us-east-1", credentials, expiresInSeconds: 60, clock });
    expect(await verify(fetchView(new Request(signed)))).toBe("AKIDEXAMPLE");
  });
});
