import { type HeaderSource, outbound } from "@authmodes/core/outbound";
import type { DemoCredentials, IdentityProvider } from "./identity-provider.ts";
import type { SampleUser } from "../shop.ts";

/** A caller of the shop, with its credentials. */
export interface Caller {
  readonly name: string;
  readonly mode: string;
  /** A few words about the caller. */
  readonly about: string;
  readonly source: HeaderSource;
}

const poolUsers = ["alice", "bob", "libby", "penny"] as const;
const users: Readonly<Record<"otto" | (typeof poolUsers)[number], string>> = {
  alice: "a user of the pool",
  bob: "a user of the pool",
  libby: "in the group Librarians",
  penny: "in the group Poets",
  otto: "of another OpenID provider",
};

/** The users of the pool and one of another provider, for pages that sign them in. */
export function createUsers(credentials: DemoCredentials): readonly SampleUser[] {
  return ([...poolUsers, "otto"] as const).map((name) => ({
    name,
    about: users[name],
    accessToken: credentials[name].accessToken,
  }));
}

/** The callers of the page and the table. */
export function createCallers({ region, credentials }: IdentityProvider): readonly Caller[] {
  const { apiKey, guest, otto, lambda, machine } = credentials;
  const caller = (name: string, mode: string, about: string, source: HeaderSource): Caller => ({
    name,
    mode,
    about,
    source,
  });
  const iam = (keys: Parameters<typeof outbound.iam>[0]["credentials"]) =>
    outbound.iam({ region, credentials: keys });
  const token = ({ accessToken }: { readonly accessToken: string }) => ({ token: () => accessToken });
  return [
    caller("anonymous", "none", "no credentials", outbound.none()),
    caller("API key", "apiKey", "a partner's key", outbound.apiKey({ key: apiKey })),
    caller("guest", "iam", "of the identity pool, not signed in", iam(guest)),
    ...poolUsers.map((name) =>
      caller(name, "userPool", users[name], outbound.userPool(token(credentials[name]))),
    ),
    caller("otto", "oidc", users.otto, outbound.oidc(token(otto))),
    caller("lambda", "lambda", "a token that the authorizer knows", outbound.lambda({ token: lambda.token })),
    caller(
      "lambda denied",
      "lambda",
      "a token that the authorizer denies",
      outbound.lambda({ token: lambda.deniedToken }),
    ),
    caller("machine", "iam", "a long-term key of the admin role", iam(machine)),
  ];
}
