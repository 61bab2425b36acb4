import { matching, type ModelAccess } from "./model-access.ts";
import { needsRecord, noSuchRecord, refuse, unreached } from "./denials.ts";
import type { Decision, Question } from "../types.ts";

/** Only roles that may delete every field delete records. */
export function decideDelete(access: ModelAccess, { record }: Question): Decision {
  const reach = access.reach("delete");
  const first = reach.entries[0];
  if (first === undefined) return unreached(reach, record);
  if (first.test !== undefined && record === undefined) return needsRecord(reach);
  if (first.test === undefined && record === null) return noSuchRecord(access);
  const entry = first.test === undefined ? first : matching(reach.entries, record ?? {});
  return entry?.decision ?? refuse(reach, record ?? null);
}
