import { type HeaderSource, outbound } from "@authmodes/core/outbound";
import type { SampleUser } from "../shop.ts";
import type { DemoCredentials, IdentityProvider } from "./identity-provider.ts";

/** A caller of the shop, with its credentials. */
export interface Caller {
  readonly name: string;
  readonly mode: string;
  /** A few words about the caller. */
  readonly about: string;
  readonly source: HeaderSource;
}

const users = [
  ["alice", "a user of the pool"],
  ["bob", "a user of the pool"],
  ["libby", "in the group Librarians"],
  ["penny", "in the group Poets"],
  ["otto", "of another OpenID provider"],
] as const;

/** The users of the pool and one of another provider, for pages that sign them in. */
export function createUsers(credentials: DemoCredentials): readonly SampleUser[] {
  return users.map(([name, about]) => ({ name, about, accessToken: credentials[name].accessToken }));
}

/** The callers of the page and the table. */
export function createCallers({ settings, credentials }: IdentityProvider): readonly Caller[] {
  const { region } = settings;
  const { apiKey, guest, lambda, machine } = credentials;
  const denied = outbound.lambda({ token: lambda.deniedToken });
  const signedIn = createUsers(credentials).map(({ name, about, accessToken }) => {
    const token = () => accessToken;
    return name === "otto"
      ? ([name, "oidc", about, outbound.oidc({ token })] as const)
      : ([name, "userPool", about, outbound.userPool({ token })] as const);
  });
  const callers: readonly (readonly [name: string, mode: string, about: string, source: HeaderSource])[] = [
    ["anonymous", "none", "no credentials", outbound.none()],
    ["API key", "apiKey", "a partner's key", outbound.apiKey({ key: apiKey })],
    ["guest", "iam", "of the identity pool, not signed in", outbound.iam({ region, credentials: guest })],
    ...signedIn,
    ["lambda", "lambda", "a token that the authorizer knows", outbound.lambda({ token: lambda.token })],
    ["lambda denied", "lambda", "a token that the authorizer denies", denied],
    ["machine", "iam", "a long-term key of the admin role", outbound.iam({ region, credentials: machine })],
  ];
  return callers.map(([name, mode, about, source]) => ({ name, mode, about, source }));
}
