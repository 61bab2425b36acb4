import type { Code } from "../text/code.ts";
import type { Section, Value } from "./section.ts";
import { type ModeName, readMode } from "./spellings.ts";

// What all formats say about one API, in one form. Values stay as they stand in the file until a mode needs them: a
// placeholder that is not used does no harm.

export interface ApiDefinition {
  readonly name: string;
  /** Whose clients call it: those of AppSync or those of API Gateway. */
  readonly kind: "AppSync" | "REST";
  /** The default first; none if the file does not tell them. */
  readonly modes: readonly ModeName[];
  /** Why there are no modes. */
  readonly question?: string | undefined;
  /** Whether Amplify JS signs for lack of a mode. */
  readonly signsByDefault?: boolean | undefined;
  readonly apiKey?: Value | undefined;
  readonly region?: Value | undefined;
  /** The service that clients sign for. */
  readonly service: string;
  readonly userPools: readonly PoolDefinition[];
  /** Whether the identity pool admits guests. */
  readonly guests?: boolean | Code | undefined;
  readonly issuers: readonly IssuerDefinition[];
  readonly authorizer: AuthorizerDefinition;
}

export interface PoolDefinition {
  readonly userPoolId: Value | undefined;
  /** One id, or AppSync's expression over ids. */
  readonly clientId: Value | undefined;
}

export interface IssuerDefinition {
  readonly issuer: Value | undefined;
  readonly clientId: Value | undefined;
  /** Code if only running the file would tell. */
  readonly maxTokenAgeSeconds: number | Code | undefined;
  readonly maxAuthAgeSeconds: number | Code | undefined;
}

export interface AuthorizerDefinition {
  readonly ttlSeconds?: number | Code | undefined;
  readonly identityValidationExpression?: string | undefined;
  readonly apiId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
}

/** An API of a file, read only when it is the one to be served: a mistake in another one does no harm. */
export interface ListedApi {
  readonly name: string;
  read(): ApiDefinition;
}

type ApiParts = Pick<ApiDefinition, "modes"> & Partial<ApiDefinition>;

export function appsyncApi(name: string, parts: ApiParts): ApiDefinition {
  return {
    name,
    kind: "AppSync",
    service: "appsync",
    userPools: [],
    issuers: [],
    authorizer: {},
    ...parts,
    modes: [...new Set(parts.modes)],
  };
}

export function restApi(name: string, parts: ApiParts): ApiDefinition {
  return appsyncApi(name, { kind: "REST", service: "execute-api", ...parts });
}

/** What a file of clients says about the callers of all its APIs. */
export type Callers = Pick<ApiDefinition, "userPools" | "guests">;

/** A REST API of Amplify JS. If its entry names no mode, clients sign, unless they set `Authorization` themselves. */
export function javascriptRestApi(name: string, entry: Section, callers: Callers): ApiDefinition {
  entry.checkKeys(["name", "apiName", "endpoint", "region", "service", "custom_header", "defaultAuthMode"]);
  const mode = entry.text("defaultAuthMode");
  const setsHeaders = mode === undefined && entry.has("custom_header");
  const signsByDefault = mode === undefined && !setsHeaders;
  return restApi(name, {
    modes: mode !== undefined ? [readMode(mode)] : signsByDefault ? ["iam"] : [],
    question: setsHeaders
      ? `the clients of '${name}' set headers themselves (${entry.pathOf("custom_header")}), usually Authorization with a ` +
        "token, so the file does not tell the modes; name them"
      : undefined,
    signsByDefault,
    region: regionOf(entry.text("region"), entry.text("endpoint")),
    service: entry.plain("service") ?? "execute-api",
    ...callers,
  });
}

/** The APIs, or if there is none but a user pool, one whose modes are to be named. */
export function orPoolAlone(apis: readonly ListedApi[], callers: Callers): readonly ListedApi[] {
  if (apis.length > 0 || callers.userPools.every(({ userPoolId }) => userPoolId === undefined)) return apis;
  const question =
    "the configuration has no API, only a user pool; put the block with the API beside it, or name the modes";
  return [{ name: "auth", read: () => restApi("auth", { modes: [], question, ...callers }) }];
}

const awsHost = /\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:amazonaws\.com|vpce\.amazonaws\.com)/;

/** The region that is named, else the one in a host of AWS. */
export function regionOf(region: Value | undefined, endpoint: Value | undefined): Value | undefined {
  if (region !== undefined || endpoint === undefined) return region;
  const text = typeof endpoint.text === "string" ? awsHost.exec(endpoint.text)?.[1] : undefined;
  return text === undefined ? undefined : { path: endpoint.path, text };
}

/** The APIs of an object that has one under each name. */
export function listApis(
  group: Section | undefined,
  read: (name: string, entry: Section) => ApiDefinition,
): readonly ListedApi[] {
  if (group === undefined) return [];
  return group.keys.map((name) => ({ name, read: () => read(name, group.needSection(name)) }));
}
