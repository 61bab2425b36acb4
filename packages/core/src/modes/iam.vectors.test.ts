import { describe, expect, it } from "vitest";
import { haveVectors, readVectors, type Vector, type VectorForm } from "../test/vectors.ts";
import { viewOf } from "../test/view.ts";
import { iam, type IamOptions } from "./iam.ts";

const vectors = readVectors();
const forms = ["header", "query"] as const;
const all = vectors.flatMap((vector) => forms.map((form) => [vector.name, form, vector] as const));

async function verify(vector: Vector, form: VectorForm, options: Partial<IamOptions> = {}): Promise<unknown> {
  const { accessKeyId, secretAccessKey, sessionToken, region, service, time } = vector;
  const mode = iam({
    region,
    service,
    presigned: { methods: ["GET", "POST"], maxAgeSeconds: vector.expires },
    credentials: (id) =>
      id !== accessKeyId
        ? undefined
        : {
            secretAccessKey,
            accountId: "1",
            userArn: "arn:aws:iam::1:user/a",
            ...(sessionToken !== undefined && { sessionToken, expiresAt: null }),
          },
    ...options,
  });
  const { body, ...request } = form.signedRequest;
  const view = viewOf({ ...request, body: Buffer.from(body, "latin1") });
  try {
    const identity = await mode.detect(view)?.verify(time);
    return identity?.accessKeyId;
  } catch (error) {
    return error instanceof Error && "reason" in error ? error.reason : error;
  }
}

/** Signed as S3 does it, without resolving dots; of these one has nothing to resolve. */
const signedAsWritten = (vector: Vector) => !vector.normalised && vector.name !== "get-space-unnormalized";
const ambiguous = ({ request }: Vector) => /\/\.{1,2}(?:\/|$)|\/\//.test(request.target.split("?")[0] ?? "");

describe.skipIf(!haveVectors)("AWS's vectors, verified", () => {
  it("are all there", () => {
    expect(vectors).toHaveLength(38);
    expect(vectors.filter(ambiguous)).toHaveLength(12);
    expect(vectors.filter(signedAsWritten)).toHaveLength(6);
  });

  it.each(all)("%s, %s: dot segments resolved", async (_name, form, vector) => {
    const result = await verify(vector, vector[form], { dotSegments: "normalise" });
    if (vector.tokenUnsigned) {
      expect(result).toBe(form === "header" ? "header_unsigned" : "signature_mismatch");
    } else {
      expect(result).toBe(signedAsWritten(vector) ? "signature_mismatch" : vector.accessKeyId);
    }
  });

  it.each(all.filter(([, , vector]) => !vector.tokenUnsigned))(
    "%s, %s: by default",
    async (_name, form, vector) => {
      expect(await verify(vector, vector[form])).toBe(
        ambiguous(vector) ? "path_ambiguous" : vector.accessKeyId,
      );
    },
  );

  it.each(all)("%s, %s: never with another secret", async (_name, form, vector) => {
    const other = { ...vector, secretAccessKey: `${vector.secretAccessKey}x` };
    const result = await verify(other, vector[form], { dotSegments: "normalise" });
    expect(result).toBe(vector.tokenUnsigned && form === "header" ? "header_unsigned" : "signature_mismatch");
  });
});
