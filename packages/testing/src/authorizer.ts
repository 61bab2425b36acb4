import { randomUUID } from "node:crypto";

/** What AppSync hands to an authorizer (AppSync developer guide, "AWS_LAMBDA authorization"). */
export interface TestAuthorizerEvent {
  readonly authorizationToken?: string;
}

/** An answer in AppSync's contract of Lambda authorizers. */
export interface TestAuthorizerAnswer {
  readonly isAuthorized: boolean;
  readonly resolverContext?: Readonly<Record<string, string>>;
  readonly deniedFields?: readonly string[];
  readonly ttlOverride?: number;
}

/** An authorizer function as one writes it for AppSync. Its tokens are opaque and die with the process. */
export class TestAuthorizer {
  /** `authorized` comes with a denied field, `denied` is refused, `failing` makes the function throw. */
  readonly tokens = {
    authorized: `lambda-${randomUUID()}`,
    denied: `lambda-${randomUUID()}`,
    failing: `lambda-${randomUUID()}`,
  };
  /** The event of every call so far. */
  readonly calls: TestAuthorizerEvent[] = [];
  /** For `lambda()`. */
  readonly options: { readonly authorizer: (event: TestAuthorizerEvent) => Promise<TestAuthorizerAnswer> } = {
    authorizer: (event) => this.handler(event),
  };

  readonly handler = async (event: TestAuthorizerEvent): Promise<TestAuthorizerAnswer> => {
    this.calls.push(event);
    if (event.authorizationToken === this.tokens.failing) throw new Error("the authorizer failed");
    if (event.authorizationToken !== this.tokens.authorized) return { isAuthorized: false };
    return {
      isAuthorized: true,
      resolverContext: { tenant: "bookstore" },
      deniedFields: ["Report.profit"],
      ttlOverride: 0,
    };
  };
}
