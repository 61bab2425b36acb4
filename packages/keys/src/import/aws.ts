import { must } from "@authmodes/core/options";
import { type CsvRow, readCsv } from "./csv.ts";

/** A key of AWS. */
export interface AwsKey {
  /** Where it is in the file, such as `line 3`. */
  readonly place: string;
  /** Absent if AWS's id is the key itself, or the file has none. */
  readonly id?: string;
  readonly value: string;
  readonly name: string;
  readonly isDisabled: boolean;
  /** Seconds since 1970; null if the key does not expire. */
  readonly expiresAt: number | null;
  readonly plans: readonly string[];
}

const unlimited = { isDisabled: false, expiresAt: null, plans: [] };
const awsCli = "what the AWS CLI prints with --output json";

/**
 * Reads the keys of one file: a CSV file of API Gateway, or what `aws apigateway get-api-keys --include-values` or
 * `aws appsync list-api-keys` prints.
 * @throws TypeError that names the line or item, and never quotes a key
 */
export function readAwsKeys(where: string, text: string): readonly AwsKey[] {
  const file = `${where}: the file with keys`;
  must(!text.includes("\0"), `${file} is not UTF-8; in PowerShell, write it with Out-File -Encoding utf8`);
  // \s is also the mark that some programs write before UTF-8.
  if (!/^\s*[{[]/.test(text)) {
    const checkHeader = (names: readonly string[]) =>
      must(
        names.includes("key") && names.includes("name"),
        `${where}: the header needs the columns Name and Key, unless the file is ${awsCli}`,
      );
    return readCsv(where, text, checkHeader).map((row) => csvKey(where, row));
  }
  const { items, apiKeys } = parse(file, text);
  if (Array.isArray(items)) return items.map((item, i) => gatewayKey(where, item, i));
  if (Array.isArray(apiKeys)) return apiKeys.map((item, i) => appSyncKey(where, item, i));
  throw new TypeError(`${file} is neither a CSV file with the columns Name and Key nor ${awsCli}`);
}

/** Reads the ids of what `aws apigateway get-usage-plans` or `get-usage-plan-keys` prints. */
export function readIds(where: string, text: string): readonly string[] {
  const { items } = parse(where, text);
  must(Array.isArray(items), `${where} is not ${awsCli}`);
  return items.map((item, i) => textOf(where, `item ${i + 1}`, asObject(item), "id"));
}

function csvKey(where: string, { line, cells }: CsvRow): AwsKey {
  const place = `line ${line}`;
  const enabled = (cells.get("enabled") ?? "true").trim().toLowerCase();
  must(["true", "false", ""].includes(enabled), `${where}: Enabled in ${place} is neither true nor false`);
  return {
    ...unlimited,
    place,
    value: checkValue(where, place, cells.get("key")?.trim()),
    name: cells.get("name")?.trim() ?? "",
    isDisabled: enabled === "false",
    plans: (cells.get("usageplanids") ?? "").split(/[\s,]+/).filter((id) => id !== ""),
  };
}

function gatewayKey(where: string, item: unknown, index: number): AwsKey {
  const place = `item ${index + 1}`;
  const key = asObject(item);
  const { value, name, enabled = true } = key;
  must(
    value !== undefined,
    `${where}: ${place} has no value; ask for the keys with aws apigateway get-api-keys --include-values`,
  );
  must(typeof enabled === "boolean", `${where}: enabled of ${place} is neither true nor false`);
  const id = textOf(where, place, key, "id");
  must(/^[\w-]{1,64}$/.test(id) && id !== value, `${where}: ${place} has no id of API Gateway`);
  return {
    ...unlimited,
    place,
    id,
    value: checkValue(where, place, value),
    name: typeof name === "string" ? name : "",
    isDisabled: !enabled,
  };
}

/** What AppSync calls the id is the key. */
function appSyncKey(where: string, item: unknown, index: number): AwsKey {
  const place = `item ${index + 1}`;
  const { id, description, expires } = asObject(item);
  must(
    typeof expires === "number" && Number.isSafeInteger(expires) && expires > 0 && expires < 1e11,
    `${where}: expires of ${place} is not a number of seconds since 1970`,
  );
  return {
    ...unlimited,
    place,
    value: checkValue(where, place, id),
    name: typeof description === "string" ? description : "",
    expiresAt: expires,
  };
}

function checkValue(where: string, place: string, value: unknown): string {
  must(
    typeof value === "string" && /^[\x21-\x7E]{20,128}$/.test(value),
    `${where}: the key in ${place} is not a text of 20 to 128 characters without spaces`,
  );
  return value;
}

function textOf(where: string, place: string, item: Readonly<Record<string, unknown>>, name: string): string {
  const value = item[name];
  must(typeof value === "string" && value !== "", `${where}: ${place} has no ${name}`);
  return value;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Errors of the parser would quote the text. */
function parse(where: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch {
    throw new TypeError(`${where} is not JSON`);
  }
}
