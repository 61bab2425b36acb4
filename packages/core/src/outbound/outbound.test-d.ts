import { generateKeyPairSync } from "node:crypto";
import type { AwsCredentials } from "./header-source.ts";
import { identityPoolCredentials } from "./identity-pool.ts";
import { iam, oidc } from "./sources.ts";

// What does not compile.

const at = { issuer: "https://id.example.com", clientId: "orders" };
const privateKey = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });

oidc({ ...at, clientSecret: "s" });
oidc({ ...at, clientSecret: "s", authMethod: "client_secret_post" });
oidc({ ...at, privateKey });
oidc({ ...at, privateKey: { ...privateKey, kid: "k1" }, assertionAudience: "https://id.example.com/" });

// @ts-expect-error neither a secret nor a key
oidc(at);
// @ts-expect-error a secret and a key
oidc({ ...at, clientSecret: "s", privateKey });
// @ts-expect-error a key's way is no method
oidc({ ...at, clientSecret: "s", authMethod: "private_key_jwt" });
// @ts-expect-error a method without a secret
oidc({ ...at, privateKey, authMethod: "client_secret_post" });
// @ts-expect-error an audience of an assertion that is never made
oidc({ ...at, clientSecret: "s", assertionAudience: "a" });
// @ts-expect-error a PEM text
oidc({ ...at, privateKey: "-----BEGIN PRIVATE KEY-----" });

/** As providers of the AWS SDK are typed. */
declare const ofAnSdk: (properties?: Record<string, unknown>) => Promise<AwsCredentials>;
iam({ region: "us-east-1", credentials: ofAnSdk });
iam({ region: "us-east-1", credentials: identityPoolCredentials({ identityPoolId: "us-east-1:a" }) });
// @ts-expect-error the key's id is missing
iam({ region: "us-east-1", credentials: { secretAccessKey: "s" } });
