import { crypto } from "#crypto";
import { AuthError } from "../refusal/error.ts";
import type { IamIdentity } from "../identity.ts";
import { after } from "../lib/is-promise.ts";
import { must } from "../lib/options.ts";
import { askable } from "../auth/recheck.ts";
import { bodyHash, stringToSign } from "./signing.ts";
import { type Claim, refused, unrecognised } from "./claim.ts";
import type { MaybePromise, RequestView } from "../types.ts";
import { type Wait, within } from "../lib/within.ts";
import { type AccessKey, checkAccessKey } from "./access-key.ts";
import {
  checkDate,
  checkPresignedAllowed,
  checkScope,
  checkSignedHeaders,
  declaredPayload,
  type IamSettings,
  unsignedPayload,
} from "./checks.ts";
import { canonicalOf, type Place, readSignedRequest, type SignedRequest } from "./signed-request.ts";

const finderWait: Wait = { what: "iam({ credentials })", reason: "finder_timeout" };
const replayWait: Wait = { what: "iam({ replay })", reason: "replay_timeout" };

/**
 * What is cheap comes first, then the key look-up, then the signature; the body is read last, and after the signature
 * if the request names the body's hash. Without it, the body is read for an unknown access key too, up to the same cap:
 * a body that is too large or does not arrive must not tell which keys exist.
 * @throws AuthError
 */
export function verifySigned(
  view: RequestView,
  place: Place,
  settings: IamSettings,
  now: number,
): MaybePromise<IamIdentity> {
  if (place === "query") checkPresignedAllowed(view, settings);
  const request = readSignedRequest(view, place, settings);
  const goodUntil = checkDate(request, settings, now);
  checkScope(request, settings);
  checkSignedHeaders(request, settings);
  const declared = declaredPayload(request, settings);

  const { claim } = request;
  return after(findKey(claim, settings), (found) => {
    const key = usableKey(found, request);
    const prove = (payload: string) =>
      after(textToSign(request, payload), (text) =>
        after(checkSignature(text, claim, key, settings), (key) => {
          checkKeyNotExpired(claim, key, now);
          const accept = () =>
            after(refuseReplay(request, settings, goodUntil), () => identityOf(claim, key));
          if (declared === undefined || declared === unsignedPayload) return accept();
          return withBodyHash(request, settings, (actual) => {
            if (actual === declared) return accept();
            throw refused("body_hash_mismatch", "the body is another than the signed one");
          });
        }),
      );
    return declared === undefined ? withBodyHash(request, settings, prove) : prove(declared);
  });
}

/** Whether the key of a request that was verified is still good. The signature is too old to be verified again. */
export function verifyKeyAgain(
  view: RequestView,
  place: Place,
  settings: IamSettings,
  now: number,
): MaybePromise<IamIdentity> {
  const request = readSignedRequest(view, place, settings);
  const { claim } = request;
  return after(findKey(claim, settings), (found) => {
    const key = usableKey(found, request);
    if (typeof key === "string") throw unrecognised(key, `access key ${claim.accessKeyId}`);
    checkKeyNotExpired(claim, key, now);
    return identityOf(claim, key);
  });
}

function findKey({ accessKeyId }: Claim, { find }: IamSettings): MaybePromise<AccessKey | undefined> {
  return within(finderWait, (context) => find(accessKeyId, context));
}

const dummySigningKey = new Uint8Array(32);

/** The key, or the reason why it is of no use to this request. */
function usableKey(
  key: AccessKey | undefined | null,
  { claim, sessionToken }: SignedRequest,
): AccessKey | string {
  if (key === undefined || key === null) return "access_key_unknown";
  checkAccessKey(key, claim.accessKeyId);
  if (key.disabled === true) return "access_key_disabled";
  if (key.sessionToken === undefined) return sessionToken === undefined ? key : "session_token_unexpected";
  if (sessionToken === undefined) return "session_token_missing";
  return crypto.equal(key.sessionToken, sessionToken) ? key : "session_token_mismatch";
}

/**
 * The key, if it made the signature.
 * @param key or the reason why there is none
 * @throws AuthError
 */
function checkSignature(
  text: string,
  claim: Claim,
  key: AccessKey | string,
  { signingKeys }: IamSettings,
): MaybePromise<AccessKey> {
  const { credential, scope, accessKeyId, signature } = claim;
  if (typeof key === "string") {
    // As much work as for a good key, so that the time taken does not tell which keys exist.
    return after(crypto.verifyHmacSha256(dummySigningKey, text, signature), () => {
      throw unrecognised(key, `access key ${accessKeyId}`);
    });
  }
  return after(signingKeys.get(credential, key, scope), (signingKey) =>
    after(crypto.verifyHmacSha256(signingKey, text, signature), (held) => {
      if (!held) throw mismatch(claim);
      return key;
    }),
  );
}

/** With one promise for the body at most, where hashing takes none. */
function withBodyHash<T>(
  { view }: SignedRequest,
  { maxBodyBytes }: IamSettings,
  next: (hash: string) => MaybePromise<T>,
): MaybePromise<T> {
  return after(view.body(maxBodyBytes), (body) => after(bodyHash(body), next));
}

function textToSign(request: SignedRequest, payload: string): MaybePromise<string> {
  return stringToSign(request.date, request.claim.scope, canonicalOf(request, payload));
}

function mismatch({ accessKeyId, signed }: Claim): AuthError {
  return refused("signature_mismatch", `the signature of ${accessKeyId} over ${signed.text} is another`);
}

/** After the signature: only whoever holds the secret learns that it has ended. */
function checkKeyNotExpired({ accessKeyId }: Claim, key: AccessKey, now: number): void {
  const { expiresAt = null, sessionToken } = key;
  if (expiresAt === null || now < expiresAt * 1000) return;
  const reason = sessionToken === undefined ? "access_key_expired" : "session_expired";
  throw new AuthError("credentials_expired", reason, {
    awsType: "ExpiredTokenException",
    awsMessage: "The security token included in the request is expired",
    detail: `access key ${accessKeyId} ended ${Math.round(now / 1000 - expiresAt)} s ago`,
  });
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

function refuseReplay(
  { view, claim }: SignedRequest,
  { replay }: IamSettings,
  goodUntil: number,
): MaybePromise<void> {
  if (replay === undefined || safeMethods.has(view.method)) return;
  const { signature, accessKeyId } = claim;
  const expiresAt = Math.floor(goodUntil / 1000) + 1;
  return after(
    within(replayWait, (context) => replay.record(signature, expiresAt, context)),
    (fresh) => {
      must(
        typeof fresh === "boolean",
        "iam(): replay.record() returns true, or false where it stood already",
      );
      if (!fresh) throw refused("replayed", `a second request with this signature of ${accessKeyId}`);
    },
  );
}

const none: readonly string[] = Object.freeze([]);

function identityOf({ accessKeyId }: Claim, key: AccessKey): IamIdentity {
  const { accountId, userArn, cognito } = key;
  return askable({
    mode: "iam",
    id: cognito?.identityId ?? userArn,
    accessKeyId,
    accountId,
    userArn,
    username: key.username ?? userArn.slice(Math.max(userArn.lastIndexOf("/"), userArn.lastIndexOf(":")) + 1),
    cognitoIdentityId: cognito?.identityId ?? null,
    cognitoIdentityPoolId: cognito?.identityPoolId ?? null,
    cognitoIdentityAuthType: cognito?.authType ?? null,
    cognitoIdentityAuthProvider: cognito?.authProvider ?? null,
    groups: none,
    scopes: none,
    expiresAt: key.expiresAt ?? null,
  });
}
