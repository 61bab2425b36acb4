import { type AwsCredentials, outbound } from "@authmodes/core/outbound";
import type { OidcTokenOptions } from "./oidc.ts";
import type { TestKit } from "./kit.ts";
import type { UserPoolTokenOptions } from "./user-pool.ts";

/** What is signed for `iam`. */
export interface SignableRequest {
  /** Default GET. */
  readonly method?: string;
  /** Whole, with the host and port under which the server is asked. */
  readonly url: string | URL;
  /** Signed along with the rest. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default: the kit's machine. */
  readonly credentials?: AwsCredentials;
  /** Default `execute-api`. */
  readonly service?: string;
  /** Default: the kit's. */
  readonly region?: string;
  /** Default: the kit's now. */
  readonly signedAt?: Date;
  /** Sends `x-amz-content-sha256`, as only some clients do; default true. */
  readonly contentSha256?: boolean;
}

/** What `headersFor` takes after the mode. */
export interface HeaderInputs {
  /** The key; default: the valid one. */
  apiKey: [key?: string];
  iam: [request: SignableRequest];
  /** The token goes raw, as Amplify's clients send it. */
  userPool: [token?: UserPoolTokenOptions];
  /** The token goes after `Bearer`. */
  oidc: [token?: OidcTokenOptions];
  /** Default: the token that the authorizer lets pass. */
  lambda: [token?: string];
  none: [];
}

/** The headers that make a request one of the mode. */
export type HeadersFor = <M extends keyof HeaderInputs>(
  mode: M,
  ...input: HeaderInputs[M]
) => Promise<Record<string, string>>;

type Parts = Pick<TestKit, "clock" | "userPool" | "oidc" | "apiKeys" | "accessKeys" | "authorizer">;
type Makers = {
  readonly [M in keyof HeaderInputs]: (...input: HeaderInputs[M]) => Promise<Record<string, string>>;
};

export function headersFor(kit: Parts): HeadersFor {
  const makers: Makers = {
    apiKey: async (key = kit.apiKeys.valid.key) => ({ "x-api-key": key }),
    iam: (request) => signedHeaders(kit, request),
    userPool: async (token) => ({ authorization: await kit.userPool.token(token) }),
    oidc: async (token) => ({ authorization: `Bearer ${await kit.oidc.token(token)}` }),
    lambda: async (token = kit.authorizer.tokens.authorized) => ({ authorization: token }),
    none: async () => ({}),
  };
  return (mode, ...input) => makers[mode](...input);
}

async function signedHeaders(kit: Parts, request: SignableRequest): Promise<Record<string, string>> {
  const { accessKeys, clock } = kit;
  const source = outbound.iam({
    region: request.region ?? accessKeys.options.region,
    service: request.service ?? "execute-api",
    credentials: request.credentials ?? accessKeys.machine,
    contentSha256: request.contentSha256 ?? true,
    clock: () => request.signedAt?.getTime() ?? clock.now(),
  });
  const signed = await source({
    method: request.method ?? "GET",
    url: new URL(request.url),
    headers: new Headers(request.headers),
    body: request.body === undefined ? undefined : Buffer.from(request.body),
    refused: undefined,
  });
  return { ...request.headers, ...signed };
}
