import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signatureTexts } from "./signature-texts.ts";
import { presignDraft, signDraft, testTime } from "../test/sigv4-signer.ts";
import { haveVectors, readVectors } from "../test/vectors.ts";
import { viewOf } from "../test/view.ts";

describe("signatureTexts", () => {
  it.skipIf(!haveVectors)("gives the texts of AWS's vectors", async () => {
    for (const { name, header, normalised } of readVectors()) {
      if (!normalised) continue;
      const texts = await signatureTexts(viewOf(header.signedRequest));
      expect([name, texts?.canonicalRequest]).toEqual([name, header.canonicalRequest]);
      expect(texts?.stringToSign).toBe(header.stringToSign);
    }
  });

  it("returns what is signed, for which scope and when", async () => {
    const draft = { target: "/a/../b?x=1", headers: [["Host", "h"]] as const, method: "POST", body: "{}" };
    const { canonicalRequest, stringToSign, ...said } =
      (await signatureTexts(viewOf(signDraft(draft)))) ?? expect.unreachable();
    expect(said).toEqual({
      place: "authorization",
      accessKeyId: "AKIDEXAMPLE",
      scope: "20260115/us-east-1/execute-api/aws4_request",
      signedHeaders: ["host", "x-amz-date"],
      time: testTime,
      expires: undefined,
    });
    const hash = createHash("sha256").update("{}").digest("hex");
    expect(canonicalRequest).toBe(
      `POST\n/b\nx=1\nhost:h\nx-amz-date:20260115T120000Z\n\nhost;x-amz-date\n${hash}`,
    );
    expect(stringToSign).toContain(createHash("sha256").update(canonicalRequest).digest("hex"));
  });

  it("reads presigned requests, and those whose hash is declared", async () => {
    const draft = { target: "/", headers: [["Host", "h"]] as const };
    expect(await signatureTexts(viewOf(presignDraft(draft)))).toMatchObject({ place: "query", expires: 60 });
    const declared = signDraft({
      ...draft,
      headers: [...draft.headers, ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"]],
    });
    expect((await signatureTexts(viewOf(declared)))?.canonicalRequest).toMatch(/\nUNSIGNED-PAYLOAD$/);
  });

  it("has nothing to tell of other requests, and throws for a broken signature", async () => {
    expect(await signatureTexts(viewOf({ headers: [["Authorization", "Bearer x"]] }))).toBeUndefined();
    const broken = viewOf({ headers: [["Authorization", "AWS4-HMAC-SHA256 Credential=x"]] });
    await expect(signatureTexts(broken)).rejects.toMatchObject({ reason: "authorization_parameter_missing" });
  });
});
