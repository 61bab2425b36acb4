import { generateClient } from "aws-amplify/api";
import { Hub } from "aws-amplify/utils";
import { configureAmplify, type Session } from "../support/amplify.ts";

// An app with Amplify JS. Tests call its functions, in Node and in Chromium.

export type Mode = "apiKey" | "userPool" | "oidc" | "lambda" | "iam" | "identityPool";

export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly authMode: Mode;
  readonly authToken?: string;
}

/** What an observer got. */
export interface Received {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly isComplete?: true;
}

export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string }[];
}

interface Subscription {
  unsubscribe(): void;
}

interface Source {
  subscribe(observer: {
    next(value: Received): void;
    error(error: unknown): void;
    complete(): void;
  }): Subscription;
}

const observed = new Map<string, Received[]>();
const subscriptions = new Map<string, Subscription>();
const states: string[] = [];
let acknowledged = 0;

Hub.listen("api", ({ payload: { event, data } }) => {
  if (event === "ConnectionStateChange") {
    states.push((data as { readonly connectionState: string }).connectionState);
  } else if (event === "Subscription ack") acknowledged++;
});

export const functions = {
  configure({ url, apiKey, session }: { url: string; apiKey: string; session: Session }): void {
    configureAmplify({ graphql: url, rest: url, region: "us-east-1", apiKey }, session);
  },

  /** @throws SyntaxError or what Amplify throws before it connects */
  subscribe(name: string, { query, variables = {}, authMode, authToken }: Operation): void {
    const received: Received[] = [];
    observed.set(name, received);
    const operation = { query, variables, authMode, ...(authToken !== undefined && { authToken }) };
    const source = generateClient().graphql(operation) as unknown as Source;
    const subscription = source.subscribe({
      next: ({ data = {} }) => received.push({ data }),
      error: (error) => received.push({ error: JSON.stringify(error) }),
      complete: () => received.push({ isComplete: true }),
    });
    subscriptions.set(name, subscription);
  },

  unsubscribe(name: string): void {
    subscriptions.get(name)?.unsubscribe();
  },

  received: (name: string): readonly Received[] => observed.get(name) ?? [],
  /** How many subscriptions the server has acknowledged so far. */
  acknowledged: (): number => acknowledged,
  /** The states of the connection so far. */
  states: (): readonly string[] => states,

  /** Amplify throws an answer that has errors. */
  async ask({ query, variables = {}, authMode, authToken }: Operation): Promise<Answer> {
    const operation = { query, variables, authMode, ...(authToken !== undefined && { authToken }) };
    try {
      return (await generateClient().graphql(operation)) as Answer;
    } catch (thrown) {
      return thrown as Answer;
    }
  },
};

export type ClientFunctions = typeof functions;
