import type { RequestView } from "@authmodes/core";
import { createAuthFetch, type HeaderSource, outbound } from "@authmodes/core/outbound";
import { HttpError } from "./http-error.ts";
import type { IdentityProvider } from "./identity-provider.ts";

export interface SupplierAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The shop as a client: calls the supplier in every mode, with credentials of its own or those of its caller.
 * @param url of the supplier
 */
export function createSupplier(
  url: string,
  { kit, region, credentials }: IdentityProvider,
): (mode: string, view: RequestView) => Promise<SupplierAnswer> {
  const { issuer, clientId, clientSecret, audience } = kit.oidc;
  const sources: Readonly<Record<string, HeaderSource>> = {
    apiKey: outbound.apiKey({ key: credentials.apiKey }),
    iam: outbound.iam({ region, credentials: credentials.machine }),
    userPool: outbound.userPool({ token: () => kit.userPool.token({ username: "shop" }) }),
    oidc: outbound.oidc({ issuer, clientId, clientSecret, audience }),
    lambda: outbound.lambda({ token: credentials.lambda.token }),
    none: outbound.none(),
  };

  return async function askSupplier(mode, view) {
    const source =
      mode === "forward" ? outbound.forward(view) : Object.hasOwn(sources, mode) ? sources[mode] : undefined;
    if (source === undefined) {
      throw new HttpError(400, `There is no mode '${mode}': ${Object.keys(sources).join(", ")} or forward`);
    }
    const fetch = createAuthFetch(source, { origins: [url] });
    const response = await fetch(`${url}${mode === "none" ? "/public/ping" : "/whoami"}`);
    return { status: response.status, body: await response.json() };
  };
}
