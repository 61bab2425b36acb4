import { Amplify } from "aws-amplify";
import { decodeJWT, fetchAuthSession } from "aws-amplify/auth";
import { cognitoCredentialsProvider } from "aws-amplify/auth/cognito";
import { ApiError, generateClient, get } from "aws-amplify/api";
import { parseAmplifyConfig } from "aws-amplify/utils";
import outputs from "./amplify_outputs.json" with { type: "json" };
import type { Bookstore, UserTokens } from "./app.ts";

/** What a page that runs the same code needs to know of the bookstore. */
export type Pool = Pick<
  Bookstore,
  "url" | "userPoolId" | "userPoolClientId" | "identityPoolId" | "identityPoolEndpoint"
>;

/** The file with the endpoints of the bookstore, and with the ids of its pools: a pool is known by its id alone. */
function outputsFor({ url, userPoolId, userPoolClientId, identityPoolId }: Pool) {
  const { auth, data, custom, ...others } = outputs;
  const { bookstore, shop } = custom.API;
  return {
    ...others,
    auth: {
      ...auth,
      user_pool_id: userPoolId,
      user_pool_client_id: userPoolClientId,
      identity_pool_id: identityPoolId,
    },
    data: { ...data, url: `${url}/graphql` },
    custom: {
      API: { bookstore: { ...bookstore, endpoint: `${url}/whoami` }, shop: { ...shop, endpoint: url } },
    },
  };
}

/**
 * Configures Amplify JS by the file of a Gen 2 app with an identity pool, data and two REST APIs, as Amplify writes it. The
 * endpoint of an identity pool has no place in it. Amplify's own provider gets the credentials.
 * @param tokens of the user who is signed in; undefined for a guest
 */
export function configureByOutputs(pool: Pool, tokens?: UserTokens): void {
  const { identityPoolEndpoint } = pool;
  const changed = outputsFor(pool);
  const { Auth, ...others } = parseAmplifyConfig(changed as Parameters<typeof parseAmplifyConfig>[0]);
  Amplify.configure(
    {
      ...others,
      API: { ...others.API, REST: changed.custom.API },
      ...(Auth && { Auth: { Cognito: { ...Auth.Cognito, identityPoolEndpoint } } as typeof Auth }),
    },
    {
      Auth: {
        credentialsProvider: cognitoCredentialsProvider,
        tokenProvider: {
          getTokens: async () => {
            if (tokens === undefined) return null;
            return { accessToken: decodeJWT(tokens.accessToken), idToken: decodeJWT(tokens.idToken) };
          },
        },
      },
    },
  );
}

/** Signs in, or goes on as a guest, and asks the server who calls. */
export async function whoamiByPool(pool: Pool, tokens?: UserTokens) {
  configureByOutputs(pool, tokens);
  const { credentials, identityId } = await fetchAuthSession();
  const { body } = await get({ apiName: "bookstore", path: "/books", options: {} }).response;
  return { identityId, accessKeyId: credentials?.accessKeyId, whoami: await body.json() };
}

type Fields = Readonly<Record<string, unknown>>;

/** The answer to a query or mutation of the data. */
export interface DataAnswer {
  readonly data: Readonly<Record<string, Fields | null>> | null;
  readonly errors: readonly { readonly message: string; readonly errorType?: string }[];
}

/**
 * Sends a query or a mutation, by a client that `configureByOutputs` configured.
 * @param authMode default: that of the file, which is signing with the credentials of the pool
 */
export async function askData(query: string, authMode?: "userPool"): Promise<DataAnswer> {
  const sent = generateClient().graphql({ query, ...(authMode !== undefined && { authMode }) });
  // Amplify rejects with the whole answer if it has errors.
  const answer: Partial<DataAnswer> = Object(await Promise.resolve(sent).catch((error: unknown) => error));
  return { data: answer.data ?? null, errors: answer.errors ?? [] };
}

/** Calls the REST API of the data, signed with the credentials of the pool. */
export async function getByPool(path: string): Promise<{ readonly status: number; readonly body: Fields }> {
  try {
    const { statusCode, body } = await get({ apiName: "shop", path }).response;
    return { status: statusCode, body: Object(await body.json()) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.response === undefined) throw error;
    return { status: error.response.statusCode, body: JSON.parse(error.response.body ?? "{}") };
  }
}
