import { describe, expect, it } from "vitest";
import { deriveSigningKey, type Scope, SigningKeys } from "./signing.ts";

const scope: Scope = { date: "20260115", region: "us-east-1", service: "execute-api", term: "aws4_request" };
const name = "AKIDEXAMPLE/20260115/us-east-1/execute-api/aws4_request";

describe("signing keys", () => {
  it("are derived once, and then had at once", async () => {
    const keys = new SigningKeys(10);
    const first = await keys.get(name, "a", scope);
    expect(first).toEqual(await deriveSigningKey("a", scope));
    expect(keys.get(name, "a", scope)).toBe(first);
  });

  it("go with the secret", async () => {
    const keys = new SigningKeys(10);
    const first = await keys.get(name, "a", scope);
    const second = await keys.get(name, "b", scope);
    expect(second).toEqual(await deriveSigningKey("b", scope));
    expect(second).not.toEqual(first);
  });

  it("are not more than the limit, and those in use stay", async () => {
    const keys = new SigningKeys(100);
    const used = await keys.get("used", "a", scope);
    const first = await keys.get("other 0", "a", scope);
    for (let i = 0; i < 1000; i++) {
      await keys.get(`other ${i}`, "a", scope);
      expect(await keys.get("used", "a", scope)).toBe(used);
    }
    expect(await keys.get("other 0", "a", scope)).not.toBe(first);
  });

  it("of a secret that changed do not come back from the older half", async () => {
    const keys = new SigningKeys(4);
    await keys.get("one", "old", scope);
    await keys.get("two", "a", scope);
    expect(await keys.get("one", "new", scope)).toEqual(await deriveSigningKey("new", scope));
  });
});
