import { crypto } from "#crypto";
import { AuthError } from "../refusal/error.ts";
import type { IamIdentity } from "../identity.ts";
import { after, type Wait, within } from "../lib/promises.ts";
import { must } from "../lib/options.ts";
import { askable } from "../auth/recheck.ts";
import { bodyHash, stringToSign } from "./signing.ts";
import { type Claim, refused, unrecognised } from "./claim.ts";
import type { MaybePromise, RequestView } from "../types.ts";
import { type AccessKey, checkAccessKey, checkAllowed, KeyContext } from "./access-key.ts";
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
 * Verifies a signed request: cheap checks first, then the key look-up, then the signature, then the body, if the request
 * has the body's hash. Without the hash, the body is read before the signature, for an unknown access key too: a body that
 * is too large or does not arrive must not reveal which keys exist.
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
  return after(findKey(request, settings), (found) => {
    const key = usableKey(found, request);
    const prove = (payload: string) =>
      after(stringToSign(request.date, claim.scope, canonicalOf(request, payload)), (text) =>
        after(checkSignature(text, claim, key, settings), (key) => {
          checkKey(claim, key, settings, now);
          checkAllowed(view, key);
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

/** Checks that the key of a verified request is still valid. The signature is too old to verify it again. */
export function verifyKeyAgain(
  view: RequestView,
  place: Place,
  settings: IamSettings,
  now: number,
): MaybePromise<IamIdentity> {
  const request = readSignedRequest(view, place, settings);
  const { claim } = request;
  return after(findKey(request, settings), (found) => {
    const key = usableKey(found, request);
    if (typeof key === "string") throw unrecognised(key, `access key ${claim.accessKeyId}`);
    checkKey(claim, key, settings, now);
    checkAllowed(view, key);
    return identityOf(claim, key);
  });
}

function findKey(
  { claim, sessionToken }: SignedRequest,
  { find }: IamSettings,
): MaybePromise<AccessKey | undefined> {
  return within(finderWait, (context) => find(claim.accessKeyId, new KeyContext(context, sessionToken)));
}

const dummySigningKey = new Uint8Array(32);

/** Returns the key, or the reason why it is not valid for this request. */
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
 * Returns the key, if it made the signature.
 * @param key or the reason why there is none
 * @throws AuthError
 */
function checkSignature(
  text: string,
  claim: Claim,
  key: AccessKey | string,
  { signingKeys }: IamSettings,
): MaybePromise<AccessKey> {
  const { credential, scope, accessKeyId, signed, signature } = claim;
  if (typeof key === "string") {
    // As much work as for a valid key, so that the time does not reveal which keys exist.
    return after(crypto.verifyHmacSha256(dummySigningKey, text, signature), () => {
      throw unrecognised(key, `access key ${accessKeyId}`);
    });
  }
  return after(signingKeys.get(credential, key.secretAccessKey, scope), (signingKey) =>
    after(crypto.verifyHmacSha256(signingKey, text, signature), (held) => {
      if (held) return key;
      throw refused(
        "signature_mismatch",
        `the signature of ${accessKeyId} over the headers ${signed.text} does not match: the client has another secret, or ` +
          "signed another method, host, path, query, header or body than this server received",
      );
    }),
  );
}

/** Needs one promise at most, if hashing is synchronous. */
function withBodyHash<T>(
  { view }: SignedRequest,
  { maxBodyBytes }: IamSettings,
  next: (hash: string) => MaybePromise<T>,
): MaybePromise<T> {
  return after(view.body(maxBodyBytes), (body) => after(bodyHash(body), next));
}

/** After the signature, so that only the owner of the secret learns that the key has expired or is a guest's. */
function checkKey({ accessKeyId }: Claim, key: AccessKey, { guests }: IamSettings, now: number): void {
  const { expiresAt = null, sessionToken, cognito } = key;
  // AWS has no credentials for guests of a pool that does not admit them: the answer is that for an unknown key.
  if (!guests && cognito?.authType === "unauthenticated") {
    throw unrecognised(
      "guest_not_accepted",
      `access key ${accessKeyId} is a guest's, and iam() has guests: false`,
    );
  }
  if (expiresAt === null || now < expiresAt * 1000) return;
  const reason = sessionToken === undefined ? "access_key_expired" : "session_expired";
  throw new AuthError("credentials_expired", reason, {
    awsType: "ExpiredTokenException",
    awsMessage: "The security token included in the request is expired",
    detail: `access key ${accessKeyId} expired ${Math.round(now / 1000 - expiresAt)} s ago`,
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
        "iam(): replay.record() returns true, or false for a signature that was recorded before",
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
    issuedAt: cognito?.issuedAt,
    login: cognito?.login,
    groups: none,
    scopes: none,
    expiresAt: key.expiresAt ?? null,
  });
}
