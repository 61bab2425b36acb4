import { type HeaderSource, outbound } from "@authmodes/core/outbound";
import { HttpError } from "./http/http-error.ts";
import type { IdentityProvider } from "./identity/identity-provider.ts";

/** The server that the shop calls: another instance of itself. */
export interface Supplier {
  readonly origin: string;
  /** URL that answers with the caller as the supplier sees it. */
  readonly urlFor: (mode: string) => string;
  /**
   * The shop's own credentials for a mode.
   * @throws HttpError 400 if there is no such mode
   */
  readonly sourceFor: (mode: string) => HeaderSource;
}

export function createSupplier(origin: string, { kit, settings, credentials }: IdentityProvider): Supplier {
  const { issuer, clientId, clientSecret, audience } = kit.oidc;
  const sources = new Map([
    ["apiKey", outbound.apiKey({ key: credentials.apiKey })],
    ["iam", outbound.iam({ region: settings.region, credentials: credentials.machine })],
    ["userPool", outbound.userPool({ token: () => kit.userPool.token({ username: "shop" }) })],
    ["oidc", outbound.oidc({ issuer, clientId, clientSecret, audience })],
    ["lambda", outbound.lambda({ token: credentials.lambda.token })],
    ["none", outbound.none()],
  ]);
  return {
    origin,
    urlFor: (mode) => `${origin}${mode === "none" ? "/public/ping" : "/whoami"}`,
    sourceFor(mode) {
      const source = sources.get(mode);
      if (source !== undefined) return source;
      throw new HttpError(400, `There is no mode '${mode}': ${[...sources.keys()].join(", ")} or forward`);
    },
  };
}
