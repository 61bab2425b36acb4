import { type AwsCredentials, type HeaderSource, outbound } from "@authmodes/core/outbound";
import { again, missing } from "../again.ts";
import { type Io, UsageError } from "../io.ts";
import { defined } from "../values.ts";
import { readAccessKey, readSecret, type Secret, type SecretOptions, type Wanted } from "./credentials.ts";

export const modeNames = ["apiKey", "iam", "userPool", "oidc", "lambda", "none"] as const;
export type ModeName = (typeof modeNames)[number];

/** The flags of `sign` and `call` that say who calls. */
export interface CallerOptions extends SecretOptions {
  readonly as: ModeName;
  readonly region?: string;
  readonly service: string;
  readonly scheme?: string;
  readonly keyHeader?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly scope?: readonly string[];
  readonly audience?: string;
  readonly allowInsecureHttp?: readonly string[];
}

/** Who calls: what adds the headers, and the secrets in them. */
export interface CallerSource {
  readonly source: HeaderSource;
  readonly secrets: readonly Secret[];
  /** Set for signed requests. */
  readonly signing?: Signing;
}

export interface Signing {
  readonly region: string;
  readonly service: string;
  readonly credentials: AwsCredentials;
}

const wanted: Record<Exclude<ModeName, "iam" | "none">, Wanted> = {
  apiKey: { what: "API key", variable: "AUTHMODES_API_KEY" },
  userPool: { what: "token", variable: "AUTHMODES_TOKEN" },
  oidc: { what: "token", variable: "AUTHMODES_TOKEN" },
  lambda: { what: "token", variable: "AUTHMODES_TOKEN" },
};

const clientSecret: Wanted = { what: "client secret", variable: "AUTHMODES_CLIENT_SECRET" };

/** @throws UsageError with the command that would work */
export async function sourceOf(options: CallerOptions, url: URL, io: Io): Promise<CallerSource> {
  const { as } = options;
  if (as === "none") return { source: outbound.none(), secrets: [] };
  if (as === "iam") return signed(options, url, io);
  if (as === "oidc" && options.issuer !== undefined) return ofClient(options, options.issuer, io);
  const secret = await readSecret(wanted[as], options, io);
  return { source: simpleSource(as, secret.value, options), secrets: [secret] };
}

function simpleSource(as: keyof typeof wanted, value: string, options: CallerOptions): HeaderSource {
  const { scheme, keyHeader } = options;
  if (as === "apiKey") return outbound.apiKey({ key: value, ...defined({ header: keyHeader }) });
  const { userPool, oidc, lambda } = outbound;
  const source = { userPool, oidc, lambda }[as];
  return source({ token: () => value, ...(scheme !== undefined && { scheme: scheme || null }) });
}

async function ofClient(options: CallerOptions, issuer: string, io: Io): Promise<CallerSource> {
  const { clientId, scope, audience, allowInsecureHttp } = options;
  if (clientId === undefined)
    throw missing(`A token of ${issuer} is for a client`, io, "--client-id", "my-client");
  const secret = await readSecret(clientSecret, options, io);
  const client = {
    issuer,
    clientId,
    clientSecret: secret.value,
    ...defined({ scope, audience, allowInsecureHttp }),
  };
  return { source: overHttps(issuer, io, () => outbound.oidc(client)), secrets: [secret] };
}

/**
 * Builds what sends secrets to a URL.
 * @throws UsageError with the option to add if core rejects the URL for plain http
 */
export function overHttps<T>(url: string, io: Io, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof TypeError) || !error.message.includes("is plain http")) throw error;
    const { origin, host } = new URL(url);
    throw new UsageError(
      `Others on the network can read what is sent to ${origin}. Use https, or write\n` +
        `  ${again(io, "--allow-insecure-http", host)}`,
      { cause: error },
    );
  }
}

const awsHost = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$/;

async function signed(options: CallerOptions, url: URL, io: Io): Promise<CallerSource> {
  const region =
    options.region ?? awsHost.exec(url.hostname)?.[1] ?? io.env["AWS_REGION"] ?? io.env["AWS_DEFAULT_REGION"];
  if (!region) throw missing("A signature is for a region", io, "--region", "us-east-1");
  const credentials = await readAccessKey(options, io);
  const { service } = options;
  const { sessionToken, secretAccessKey } = credentials;
  const fromEnv = options.fromFile === undefined;
  return {
    source: outbound.iam({ region, service, credentials }),
    secrets: [
      { value: secretAccessKey, reference: undefined },
      ...(sessionToken === undefined
        ? []
        : [{ value: sessionToken, reference: fromEnv ? "$AWS_SESSION_TOKEN" : undefined }]),
    ],
    signing: { region, service, credentials },
  };
}
