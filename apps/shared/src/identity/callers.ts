import { type AwsCredentials, type HeaderSource, outbound } from "@authmodes/core/outbound";
import type { IdentityProvider } from "./identity-provider.ts";

/** A caller of the shop, with its credentials. */
export interface Caller {
  readonly name: string;
  readonly mode: string;
  /** A few words about the caller. */
  readonly about: string;
  readonly source: HeaderSource;
  /** Of users. */
  readonly accessToken?: string;
}

/** The callers of the page and the table. */
export function createCallers({ client, credentials }: IdentityProvider): readonly Caller[] {
  const { alice, bob, libby, penny, otto, guest, machine, lambda } = credentials;
  const { region } = client;
  const user = (name: string, about: string, { accessToken }: { readonly accessToken: string }): Caller => {
    const source = outbound.userPool({ token: () => accessToken });
    return { name, mode: "userPool", about, source, accessToken };
  };
  const signing = (name: string, about: string, own: AwsCredentials): Caller => {
    return { name, mode: "iam", about, source: outbound.iam({ region, credentials: own }) };
  };
  const byToken = (name: string, about: string, token: string): Caller => {
    return { name, mode: "lambda", about, source: outbound.lambda({ token }) };
  };
  const byKey = outbound.apiKey({ key: credentials.apiKey });
  return [
    { name: "anonymous", mode: "none", about: "no credentials", source: outbound.none() },
    { name: "API key", mode: "apiKey", about: "a partner's key", source: byKey },
    signing("guest", "of the identity pool, not signed in", guest),
    user("alice", "a user of the pool", alice),
    user("bob", "a user of the pool", bob),
    user("libby", "in the group Librarians", libby),
    user("penny", "in the group Poets", penny),
    {
      ...user("otto", "of another OpenID provider", otto),
      mode: "oidc",
      source: outbound.oidc({ token: () => otto.accessToken }),
    },
    byToken("lambda", "a token that the authorizer knows", lambda.token),
    byToken("lambda denied", "a token that the authorizer denies", lambda.deniedToken),
    signing("machine", "a long-term key of the admin role", machine),
  ];
}
