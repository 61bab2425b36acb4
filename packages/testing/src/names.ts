import { createHash, randomBytes } from "node:crypto";

/** A UUID that stands for a name: the same user has the same `sub` in every test. */
export function uuidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, "$1-$2-4$3-8$4-$5");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The shape of AWS's access key ids: AKIA… for long-term, ASIA… for temporary credentials. */
export function newAccessKeyId(prefix: "AKIA" | "ASIA"): string {
  return prefix + Array.from(randomBytes(16), (byte) => alphabet[byte % alphabet.length]).join("");
}

export function newSecret(bytes: number): string {
  return randomBytes(bytes).toString("base64");
}
