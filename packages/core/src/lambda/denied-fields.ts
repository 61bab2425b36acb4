import { malformed } from "./answer.ts";

/** Which API this server stands in for. What is undefined is not compared. */
export interface ApiName {
  readonly region: string | undefined;
  readonly accountId: string | undefined;
  readonly apiId: string | undefined;
}

const plainShape = /^[_A-Za-z]\w*\.[_A-Za-z]\w*$/;
const arnShape =
  /^arn:aws[a-z-]*:appsync:([^:/*]*):([^:/*]*):apis\/([^:/*]+)\/types\/([_A-Za-z]\w*)\/fields\/([_A-Za-z]\w*)$/;

/**
 * An entry of `deniedFields` as `Type.field`; none where it belongs to another API.
 * A denial that cannot be understood must not vanish: it makes the whole answer unusable.
 */
export function deniedField(entry: unknown, api: ApiName): readonly string[] {
  if (typeof entry !== "string") throw malformed("an entry of deniedFields is not a string");
  if (plainShape.test(entry)) return [entry];
  const [, region = "", accountId = "", apiId = "", type = "", field = ""] = arnShape.exec(entry) ?? [];
  if (type === "") {
    throw malformed(
      `'${entry}' in deniedFields is neither Type.field nor a field's ARN; there are no wildcards`,
    );
  }
  if (api.apiId !== undefined && apiId !== api.apiId) return [];
  // Functions build the ARN from AWS_REGION, which is unset outside AWS.
  if (region !== "" && region !== "undefined") mustAgree("region", region, api.region, entry);
  mustAgree("accountId", accountId, api.accountId, entry);
  return [`${type}.${field}`];
}

/** The id is this API's (or nobody said which): another region or account is a mistake that would undo the denial. */
function mustAgree(name: string, found: string, wanted: string | undefined, entry: string): void {
  if (wanted === undefined || found === wanted) return;
  throw malformed(`'${entry}' in deniedFields has ${name} '${found}', but lambda() was given '${wanted}'`);
}
