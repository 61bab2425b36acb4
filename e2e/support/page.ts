// The page of an app that uses Amplify JS, as a browser runs it. Tests call its functions.

import { generateClient, post } from "aws-amplify/api";
import { whoamiByPool as askByPool } from "./amplify-pool.ts";
import { configureAmplify, type Endpoints, type Session } from "./amplify.ts";

export type GraphQLMode = "apiKey" | "iam" | "identityPool" | "userPool" | "oidc" | "lambda" | "none";

export interface GraphQLCall {
  readonly session: Session;
  readonly mode: GraphQLMode;
  readonly token?: string;
}

export interface RestCall {
  readonly session: Session;
  readonly headers: Record<string, string>;
}

/** What came of a call: what the server answered, or what Amplify made of a refusal. */
export type Outcome =
  | { readonly answer: unknown }
  | {
      readonly error: string;
      readonly name: string | undefined;
      /** undefined if the browser kept the answer from the page. */
      readonly status: number | undefined;
    };

declare global {
  var callGraphQL: (endpoints: Endpoints, call: GraphQLCall) => Promise<Outcome>;
  var whoamiByPool: typeof askByPool;
  var callRest: (endpoints: Endpoints, call: RestCall) => Promise<Outcome>;
}

globalThis.whoamiByPool = askByPool;

globalThis.callGraphQL = (endpoints, { session, mode, token }) => {
  configureAmplify(endpoints, session);
  const query = "query WhoAmI { me }";
  return outcomeOf(async () => {
    const client = generateClient();
    return client.graphql({ query, authMode: mode, ...(token !== undefined && { authToken: token }) });
  });
};

globalThis.callRest = (endpoints, { session, headers }) => {
  configureAmplify(endpoints, session);
  return outcomeOf(async () => {
    const options = { headers, body: { title: "Émile" }, queryParams: { q: "a b" } };
    const { body } = await post({ apiName: "bookstore", path: "/books", options }).response;
    return body.json();
  });
};

async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await call() };
  } catch (thrown) {
    const { errors } = thrown as { readonly errors?: readonly { readonly originalError: unknown }[] };
    const error = (errors?.[0]?.originalError ?? thrown) as Error & {
      readonly response?: { readonly statusCode: number };
    };
    return { error: error.message, name: error.name, status: error.response?.statusCode };
  }
}
