import { checkInsecureHttp, type HttpHosts, mayLead, httpUrl } from "../lib/insecure-http.ts";
import { checkOptions, checkSeconds, list, must } from "../lib/options.ts";
import { headerDefect, type HeaderSource, tokenHeader } from "./header-source.ts";
import { type Answer, askProvider, providerTimeout, type Question } from "./provider.ts";
import { type Perishable, Remembered } from "./remembered.ts";

interface ClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | readonly string[];
  /** The services that the token is for, in the parameter of Auth0 and others. */
  readonly audience?: string | readonly string[];
  /** The services that the token is for, in the parameter of RFC 8707: absolute URIs. */
  readonly resource?: string | readonly string[];
  /** The word before the token. Default `Bearer`; null for none. */
  readonly scheme?: string | null;
  /**
   * Hosts that are asked over plain http, such as `["keycloak:8080"]`: with the port, unless that is 80. Others on the
   * network can read the client's secret. Default: none; this machine needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /** Sends the requests to the provider, for proxies and tests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** How long the provider may take, in seconds. Default 10. */
  readonly timeoutSeconds?: number;
}

/** Options of `outbound.oidc` for the client credentials grant. The token endpoint is given, or discovered at the issuer. */
export type ClientCredentialsOptions = ClientOptions &
  (
    | { readonly issuer: string; readonly tokenEndpoint?: string }
    | { readonly issuer?: string; readonly tokenEndpoint: string }
  );

const where = "outbound.oidc()";
const names = {
  issuer: ["issuerUrl"],
  tokenEndpoint: ["tokenUrl"],
  clientId: [],
  clientSecret: ["secret"],
  scope: ["scopes"],
  audience: [],
  resource: [],
  scheme: [],
  allowInsecureHttp: ["allowHttp", "allowInsecureRequests"],
  fetch: [],
  timeoutSeconds: ["timeout"],
  token: [],
};
/** For answers without `expires_in`, in seconds. */
const assumedLife = 300;

/**
 * Sends tokens that this service gets for itself (RFC 6749 §4.4): fetched on first use, cached, and renewed before they
 * expire; a 401 of the called service drops the cached token.
 */
export function clientCredentials(options: ClientCredentialsOptions): HeaderSource {
  checkClientOptions(options);
  const header = tokenHeader(where, options.scheme === undefined ? "Bearer" : options.scheme);
  const token = new Remembered(tokenFetcher(options));
  return async ({ refused }) => {
    if (refused !== undefined) token.refused();
    return header(await token.get());
  };
}

function checkClientOptions(options: ClientCredentialsOptions): void {
  checkOptions(where, options, names);
  const { issuer, tokenEndpoint, clientId, clientSecret, timeoutSeconds, allowInsecureHttp } = options;
  must(
    issuer !== undefined || tokenEndpoint !== undefined,
    `${where} takes token, a function that returns one; or clientId and clientSecret with issuer or tokenEndpoint`,
  );
  for (const [name, value] of Object.entries({ clientId, clientSecret })) {
    must(typeof value === "string" && value !== "", `${where}: ${name} is missing or empty`);
  }
  if (issuer !== undefined) checkProviderUrl("issuer", issuer);
  if (tokenEndpoint !== undefined) checkProviderUrl("tokenEndpoint", tokenEndpoint);
  // Discovery may lead to another host; a given endpoint does not.
  const asked =
    tokenEndpoint === undefined ? { issuer: list(issuer ?? []) } : { tokenEndpoint: [tokenEndpoint] };
  checkInsecureHttp(where, allowInsecureHttp, asked, tokenEndpoint === undefined);
  checkSeconds(where, "timeoutSeconds", timeoutSeconds, 0.001, 600);
}

function checkProviderUrl(name: string, text: string): void {
  const url = httpUrl(text);
  must(
    url !== undefined && url.username === "" && url.password === "",
    `${where}: ${name} is a URL such as https://auth.example.com`,
  );
}

function tokenFetcher(options: ClientCredentialsOptions): () => Promise<Perishable<string>> {
  const basic = basicCredentials(options.clientId, options.clientSecret);
  const question: Question = {
    what: where,
    fetch: options.fetch,
    timeoutSeconds: options.timeoutSeconds ?? providerTimeout,
    secrets: [basic, options.clientSecret],
  };
  const endpoint = endpointFinder(question, options);
  const form = grantForm(options).toString();
  return async () => {
    const url = await endpoint();
    const asked = Date.now();
    const answer = await askProvider(question, url, {
      method: "POST",
      headers: {
        authorization: `Basic ${basic}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: form,
    });
    return readToken(answer, asked);
  };
}

/** RFC 6749 §2.3.1: each part is form-encoded before they are joined, so that a colon or an umlaut survives. */
function basicCredentials(clientId: string, clientSecret: string): string {
  return btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
}

function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

function grantForm({ scope, audience, resource }: ClientOptions): URLSearchParams {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) form.set("scope", list(scope).join(" "));
  for (const value of list(audience ?? [])) form.append("audience", value);
  for (const value of list(resource ?? [])) form.append("resource", value);
  return form;
}

/** The token endpoint: as given, else of OpenID Connect Discovery 1.0 §4, asked once; a failure is not remembered. */
function endpointFinder(
  question: Question,
  { issuer = "", tokenEndpoint, allowInsecureHttp }: ClientCredentialsOptions,
): () => Promise<URL> {
  let known = tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint);
  return async () => (known ??= await discover(question, issuer, allowInsecureHttp));
}

async function discover(question: Question, issuer: string, allowed: HttpHosts): Promise<URL> {
  const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { issuer: named, token_endpoint: endpoint } = await askProvider(question, url);
  if (named !== issuer) {
    throw new Error(
      `${where}: the provider at ${issuer} calls itself ${String(named)}; write that as issuer`,
    );
  }
  const found = httpUrl(endpoint);
  if (found === undefined || !mayLead(url, found, allowed)) {
    throw new Error(`${where}: ${issuer} names no token_endpoint that can be used; give it as tokenEndpoint`);
  }
  return found;
}

function readToken(answer: Answer, asked: number): Perishable<string> {
  const { access_token: token, token_type: type = "Bearer", expires_in: life = assumedLife } = answer;
  const defect = headerDefect(token);
  if (typeof token !== "string" || defect !== undefined) {
    throw new Error(`${where}: the provider's access_token is ${defect ?? "no text"}`);
  }
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") {
    throw new Error(`${where}: the provider gave a token that is not of the type Bearer`);
  }
  const seconds = Number(life);
  return { value: token, expiresAt: asked + (seconds > 0 ? seconds : 0) * 1000 };
}
