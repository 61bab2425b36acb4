import { createHash, randomBytes } from "node:crypto";
import { checkOptions, must } from "@authmodes/core/options";
import type { KeyRecord } from "../key-record.ts";
import { steadySeconds } from "../records.ts";
import { type AwsKey, readAwsKeys, readIds } from "./aws.ts";

/** The texts of files with keys of API Gateway or AppSync. */
export interface KeyFiles {
  /**
   * A CSV file of API Gateway, or what `aws apigateway get-api-keys --include-values` or `aws appsync list-api-keys` prints.
   */
  readonly keys: string;
  /** What `aws apigateway get-usage-plans` prints: then a plan that is not in it is an error. */
  readonly usagePlans?: string;
  /** What `aws apigateway get-usage-plan-keys --usage-plan-id …` prints, by the id of the plan. */
  readonly usagePlanKeys?: Readonly<Record<string, string>>;
}

/** A key to store. */
export interface ImportedKey {
  /** Where it is in its file, such as `line 3`. */
  readonly place: string;
  readonly id: string;
  readonly record: KeyRecord;
}

/**
 * Reads and checks everything.
 * @throws TypeError that names the line or item, and never quotes a key
 */
export function readKeyFiles(files: KeyFiles): readonly ImportedKey[] {
  const where = "keys.import()";
  checkOptions(where, files, { keys: [], usagePlans: [], usagePlanKeys: ["planKeys"] });
  must(typeof files.keys === "string", `${where}: keys is the text of a file with keys`);
  const read = readAwsKeys(where, files.keys);
  must(read.length > 0, `${where}: there is no key in the file`);
  const plansByKey = plansByKeyOf(where, files, read);
  // As in API Gateway, the last one of equal keys counts.
  const byHash = new Map(
    read.map((key): readonly [string, ImportedKey] => {
      const hash = createHash("sha256").update(key.value).digest("hex");
      return [hash, imported(where, key, hash, plansByKey.get(key.id ?? "") ?? key.plans)];
    }),
  );
  return [...byHash.values()];
}

function imported(
  where: string,
  { place, id, name, isDisabled, expiresAt }: AwsKey,
  hash: string,
  plans: readonly string[],
): ImportedKey {
  must(
    /^[^\p{Cc}\p{Zl}\p{Zp}]{0,1024}$/u.test(name),
    `${where}: the name in ${place} is not one line of at most 1024 characters`,
  );
  const now = steadySeconds();
  return {
    place,
    id: id ?? randomBytes(6).toString("hex"),
    record: {
      name: name === "" ? "imported" : name,
      createdAt: now,
      ...(plans.length > 0 && { plans }),
      secrets: [{ hash, expiresAt }],
      ...(isDisabled && { disabled: { at: now, reason: "disabled when it was imported" } }),
    },
  };
}

function plansByKeyOf(
  where: string,
  { usagePlans, usagePlanKeys = {} }: KeyFiles,
  read: readonly AwsKey[],
): ReadonlyMap<string, readonly string[]> {
  const known = usagePlans === undefined ? undefined : new Set(readIds(`${where}: usagePlans`, usagePlans));
  for (const { place, plans } of read) {
    for (const plan of plans) {
      // Anything but a short id may be a key.
      const shown = /^[\w-]{1,19}$/.test(plan) ? `plan '${plan}'` : "such plan";
      must(
        known === undefined || known.has(plan),
        `${where}: usagePlans has no ${shown}, which ${place} names`,
      );
    }
  }
  const ids = new Set(read.map(({ id }) => id));
  const plansByKey = new Map<string, string[]>();
  for (const [plan, text] of Object.entries(usagePlanKeys)) {
    must(known === undefined || known.has(plan), `${where}: usagePlans has no plan '${plan}'`);
    for (const key of readIds(`${where}: usagePlanKeys of ${plan}`, text)) {
      must(ids.has(key), `${where}: plan '${plan}' has the key '${key}', which is not among the keys`);
      plansByKey.set(key, [...(plansByKey.get(key) ?? []), plan]);
    }
  }
  return plansByKey;
}
