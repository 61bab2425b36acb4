import { Amplify } from "aws-amplify";
import { decodeJwt } from "jose";
import type { TemporaryCredentials } from "./app.ts";

/** What an Amplify app holds of its user. */
export interface Session {
  readonly credentials?: TemporaryCredentials;
  readonly accessToken?: string;
}

export interface Endpoints {
  readonly graphql: string;
  readonly rest: string;
  readonly region: string;
  readonly apiKey: string;
}

/** Configures Amplify JS as an app with that user, whose REST API is called `bookstore`. */
export function configureAmplify(endpoints: Endpoints, session: Session): void {
  const { graphql, rest, region, apiKey } = endpoints;
  const { credentials, accessToken } = session;
  Amplify.configure(
    {
      API: {
        GraphQL: { endpoint: graphql, region, defaultAuthMode: "apiKey", apiKey },
        REST: { bookstore: { endpoint: rest, region, service: "execute-api" } },
      },
    },
    {
      Auth: {
        tokenProvider: {
          getTokens: async () => {
            if (accessToken === undefined) return null;
            return { accessToken: { payload: decodeJwt(accessToken), toString: () => accessToken } };
          },
        },
        credentialsProvider: {
          getCredentialsAndIdentityId: async () => {
            if (credentials === undefined) return undefined;
            return { credentials, identityId: credentials.identityId };
          },
          clearCredentialsAndIdentityId: () => undefined,
        },
      },
    },
  );
}
