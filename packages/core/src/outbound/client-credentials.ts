import { isText, type JsonObject } from "../lib/json.ts";
import { algorithmsOf } from "../jwt/algorithms.ts";
import { checkInsecureHttp, type HttpHosts, mayLead, httpUrl } from "../lib/urls.ts";
import { checkOptions, checkSeconds, list, must } from "../lib/options.ts";
import { headerDefect, type HeaderSource, tokenHeader } from "./header-source.ts";
import { askProvider, providerUrl, type Question, type Perishable, Remembered } from "./provider.ts";

interface ClientOptions {
  readonly clientId: string;
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

interface SecretOptions {
  readonly clientSecret: string;
  /**
   * How the provider gets the secret: in `Authorization` (`client_secret_basic`, the default) or in the body
   * (`client_secret_post`).
   */
  readonly authMethod?: "client_secret_basic" | "client_secret_post";
}

interface KeyOptions {
  /** Signs an assertion in place of a secret (`private_key_jwt`, RFC 7523). */
  readonly privateKey: PrivateKey;
  /** The `aud` of the assertion. Default: the token endpoint. Auth0 wants the issuer. */
  readonly assertionAudience?: string;
}

/**
 * A private key as a JWK (RFC 7517): of RSA, on a NIST curve, or Ed25519. `alg` is `RS256` or the algorithm of the curve
 * by default; `kid` and `x5t#S256` go into the assertion, so that the provider finds the public key.
 */
export type PrivateKey = Readonly<Partial<Record<KeyMember, string | undefined>>>;
type KeyMember = RsaMember | "crv" | "x" | "y" | "kty" | "use" | "alg" | "kid" | "x5t#S256";
type RsaMember = "n" | "e" | "d" | "p" | "q" | "dp" | "dq" | "qi";

/** Without the options of the other ways to authenticate. */
type OneOf<A, B> =
  | (A & { readonly [name in Exclude<keyof B, keyof A>]?: never })
  | (B & { readonly [name in Exclude<keyof A, keyof B>]?: never });

/** Options of `outbound.oidc` for the client credentials grant. The token endpoint is given, or discovered at the issuer. */
export type ClientCredentialsOptions = ClientOptions &
  OneOf<SecretOptions, KeyOptions> &
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
  authMethod: ["clientAuthMethod", "tokenEndpointAuthMethod", "token_endpoint_auth_method"],
  privateKey: ["key", "clientKey", "jwk"],
  assertionAudience: [],
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
  const { issuer, tokenEndpoint, clientId, timeoutSeconds, allowInsecureHttp } = options;
  must(
    issuer !== undefined || tokenEndpoint !== undefined,
    `${where} takes token, a function that returns one; or clientId and clientSecret with issuer or tokenEndpoint`,
  );
  checkText("clientId", clientId);
  if (options.privateKey === undefined) checkSecret(options);
  else checkKey(options);
  if (issuer !== undefined) providerUrl(`${where}: issuer`, issuer);
  if (tokenEndpoint !== undefined) providerUrl(`${where}: tokenEndpoint`, tokenEndpoint);
  // Discovery may lead to another host; a given endpoint does not.
  const asked =
    tokenEndpoint === undefined ? { issuer: list(issuer ?? []) } : { tokenEndpoint: [tokenEndpoint] };
  checkInsecureHttp(where, allowInsecureHttp, asked, tokenEndpoint === undefined);
  checkSeconds(where, "timeoutSeconds", timeoutSeconds, 0.001, 600);
}

function checkText(name: string, value: unknown): void {
  must(isText(value), `${where}: ${name} is missing or empty`);
}

function checkSecret(options: ClientCredentialsOptions): void {
  const { clientSecret, authMethod, assertionAudience } = options;
  checkText("clientSecret", clientSecret);
  must(
    authMethod === undefined || authMethod === "client_secret_basic" || authMethod === "client_secret_post",
    `${where}: authMethod is 'client_secret_basic' or 'client_secret_post'; for private_key_jwt give privateKey alone`,
  );
  must(assertionAudience === undefined, `${where}: assertionAudience is for a privateKey; remove it`);
}

function checkKey(options: ClientCredentialsOptions): void {
  const { privateKey, assertionAudience, clientSecret, authMethod } = options;
  must(
    clientSecret === undefined && authMethod === undefined,
    `${where} takes privateKey, or clientSecret and authMethod; remove one of them`,
  );
  must(
    typeof privateKey === "object" && privateKey !== null && typeof privateKey.d === "string",
    `${where}: privateKey is a private JWK. Of a PEM text make one with node:crypto: ` +
      'createPrivateKey(pem).export({ format: "jwk" })',
  );
  const { alg, kty, crv } = privateKey;
  const algorithms = algorithmsOf(kty, crv);
  must(
    algorithms.length > 0 && (alg === undefined || algorithms.includes(alg)),
    `${where}: privateKey is of RSA, on the curve P-256, P-384, P-521 or Ed25519, and alg is an algorithm of that type`,
  );
  if (assertionAudience !== undefined) checkText("assertionAudience", assertionAudience);
}

function tokenFetcher(options: ClientCredentialsOptions): () => Promise<Perishable<string>> {
  const { issuer = "", tokenEndpoint, allowInsecureHttp, fetch, timeoutSeconds } = options;
  const question = { what: where, fetch, timeoutSeconds };
  // Discovered once; a failure is not remembered.
  let endpoint = tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint);
  const prove = proverOf(options);
  const form = grantForm(options);
  return async () => {
    const url = (endpoint ??= await discover({ ...question, secrets: [] }, issuer, allowInsecureHttp));
    const { headers, parameters = {}, ...proof } = await prove(url);
    const asked = Date.now();
    const answer = await askProvider({ ...question, ...proof }, url, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: new URLSearchParams([...form, ...Object.entries(parameters)]).toString(),
    });
    return readToken(answer, asked);
  };
}

/** How the client authenticates in one request. */
interface Proof extends Pick<Question, "secrets" | "ifClientInvalid"> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly parameters?: Record<string, string>;
}

function proverOf(options: ClientCredentialsOptions): (endpoint: URL) => Promise<Proof> {
  const { clientId } = options;
  if (options.privateKey !== undefined) {
    const { privateKey, assertionAudience } = options;
    return async ({ href }) => {
      // Loaded only here, with jose: most clients have a secret.
      const { signAssertion } = await import("./client-assertion.ts");
      const assertion = await signAssertion(where, privateKey, clientId, assertionAudience ?? href);
      const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      const parameters = { client_id: clientId, client_assertion_type: type, client_assertion: assertion };
      return { parameters, secrets: [assertion] };
    };
  }
  const { clientSecret, authMethod } = options;
  // RFC 6749 §2.3.1: each part is form-encoded before they are joined, so that a colon or an umlaut survives.
  const basic = btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
  const secrets = [basic, clientSecret, formEncode(clientSecret)];
  const proof: Proof =
    authMethod === "client_secret_post"
      ? { parameters: { client_id: clientId, client_secret: clientSecret }, secrets }
      : { headers: { authorization: `Basic ${basic}` }, secrets, ifClientInvalid: postHint };
  return () => Promise.resolve(proof);
}

const postHint = "if the provider reads the secret from the body, write authMethod: 'client_secret_post'";

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

/** Finds the token endpoint (OpenID Connect Discovery 1.0 §4). */
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

function readToken(answer: JsonObject, asked: number): Perishable<string> {
  const { access_token: token, token_type: type = "Bearer", expires_in: life } = answer;
  const defect = headerDefect(token);
  if (typeof token !== "string" || defect !== undefined) {
    throw new Error(`${where}: the provider's access_token is ${defect ?? "no text"}`);
  }
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") {
    throw new Error(`${where}: the provider gave a token that is not of the type Bearer`);
  }
  const seconds = Number(life ?? assumedLife); // some providers write null
  return { value: token, expiresAt: asked + (seconds > 0 ? seconds : 0) * 1000 };
}
