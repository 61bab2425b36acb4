import { type HeaderSource, outbound } from "@authmodes/core/outbound";
import type { IdentityProvider } from "./identity-provider.ts";
import type { SampleUser } from "./shop.ts";

/** Somebody who calls the shop. */
export interface Caller {
  readonly name: string;
  readonly mode: string;
  /** What there is to know about them, in a few words. */
  readonly about: string;
  readonly source: HeaderSource;
}

/** The users of the pool, and one of another provider. */
export function createUsers({ credentials }: IdentityProvider): readonly SampleUser[] {
  const { alice, bob, libby, penny, otto } = credentials;
  const user = (
    name: string,
    about: string,
    { accessToken }: { readonly accessToken: string },
  ): SampleUser => ({
    name,
    about,
    accessToken,
  });
  return [
    user("alice", "a user of the pool", alice),
    user("bob", "a user of the pool", bob),
    user("libby", "in the group Librarians", libby),
    user("penny", "in the group Poets", penny),
    user("otto", "of another OpenID provider", otto),
  ];
}

/** The callers of the page and the table. */
export function createCallers({ region, credentials }: IdentityProvider): readonly Caller[] {
  const { apiKey, guest, alice, bob, libby, penny, otto, lambda, machine } = credentials;
  const iam = (keys: Parameters<typeof outbound.iam>[0]["credentials"]) =>
    outbound.iam({ region, credentials: keys });
  const user = (name: string, about: string, { accessToken }: { readonly accessToken: string }): Caller => ({
    name,
    mode: "userPool",
    about,
    source: outbound.userPool({ token: () => accessToken }),
  });
  return [
    { name: "anonymous", mode: "none", about: "no credentials", source: outbound.none() },
    { name: "API key", mode: "apiKey", about: "a partner's key", source: outbound.apiKey({ key: apiKey }) },
    { name: "guest", mode: "iam", about: "of the identity pool, not signed in", source: iam(guest) },
    user("alice", "a user of the pool", alice),
    user("bob", "a user of the pool", bob),
    user("libby", "in the group Librarians", libby),
    user("penny", "in the group Poets", penny),
    {
      name: "otto",
      mode: "oidc",
      about: "of another OpenID provider",
      source: outbound.oidc({ token: () => otto.accessToken }),
    },
    {
      name: "lambda",
      mode: "lambda",
      about: "a token that the authorizer knows",
      source: outbound.lambda({ token: lambda.token }),
    },
    {
      name: "lambda denied",
      mode: "lambda",
      about: "a token that the authorizer denies",
      source: outbound.lambda({ token: lambda.deniedToken }),
    },
    { name: "machine", mode: "iam", about: "a long-term key of the admin role", source: iam(machine) },
  ];
}
