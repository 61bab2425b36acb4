import { Amplify } from "aws-amplify";
import { decodeJWT, fetchAuthSession } from "aws-amplify/auth";
import { cognitoCredentialsProvider } from "aws-amplify/auth/cognito";
import { ApiError, generateClient, get } from "aws-amplify/api";
import { parseAmplifyConfig } from "aws-amplify/utils";
import type { Bookstore, UserTokens } from "./app.ts";

/** What a page that runs the same code needs to know of the bookstore. */
export type Pool = Pick<
  Bookstore,
  "url" | "region" | "userPoolId" | "userPoolClientId" | "identityPoolId" | "identityPoolEndpoint"
>;

/** As `amplify_outputs.json` of a Gen 2 app with an identity pool, data and a REST API has it. */
function outputsOf({ url, region, userPoolId, userPoolClientId, identityPoolId }: Pool): object {
  return {
    version: "1.4",
    auth: {
      aws_region: region,
      user_pool_id: userPoolId,
      user_pool_client_id: userPoolClientId,
      identity_pool_id: identityPoolId,
      unauthenticated_identities_enabled: true,
    },
    data: {
      url: `${url}/graphql`,
      aws_region: region,
      default_authorization_type: "AWS_IAM",
      authorization_types: ["AMAZON_COGNITO_USER_POOLS"],
    },
    custom: { API: { bookstore: { endpoint: `${url}/whoami`, region, apiName: "bookstore" } } },
  };
}

/**
 * Configures Amplify JS by that file, with another endpoint of the identity pool. Its own provider gets the credentials.
 * @param tokens of the user who is signed in; undefined for a guest
 */
export function configureByOutputs(pool: Pool, tokens?: UserTokens): void {
  const config = parseAmplifyConfig(outputsOf(pool) as Parameters<typeof parseAmplifyConfig>[0]);
  const { Auth, ...others } = config;
  const { url, region, identityPoolEndpoint } = pool;
  Amplify.configure(
    {
      ...others,
      API: {
        ...others.API,
        REST: {
          bookstore: { endpoint: `${url}/whoami`, region, service: "execute-api" },
          shop: { endpoint: url, region, service: "execute-api" },
        },
      },
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
