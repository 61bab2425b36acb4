import { refused } from "../refusal/error.ts";
import { crypto } from "#crypto";
import { settingsOf, builtIn } from "../auth/mode.ts";
import type { LambdaIdentity } from "../identity.ts";
import { Answers, askerOf } from "../lambda/authorizers.ts";
import { contractOf, credentialOf } from "../lambda/contract.ts";
import { checkLambdaOptions, type LambdaOptions, tokenTest } from "../lambda/options.ts";
import type { AuthMode, RequestView } from "../types.ts";
export type { LambdaOptions } from "../lambda/options.ts";

/**
 * Lets a function of yours decide: a custom authorizer, in the contract of AppSync's or API Gateway's Lambda authorizers.
 * It gets the header as received, and decides about every `Authorization` that is neither a signature nor, if a token mode
 * reads `Authorization`, a JWT. If it fails, hangs or returns a malformed answer, the request is rejected with 503.
 *
 * For `appsync`, the event has the query and variables of a JSON POST; of any other request they are empty, so an
 * authorizer that decides by the query should reject an empty one. For `token` and `request`, paths that can be read in
 * two ways are rejected.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { createAuth, lambda } from "@authmodes/core";
 *
 * const partners = new Map([["s3cret", "partner-1"]]);
 * const authorizer = async ({ authorizationToken }: { authorizationToken: string }) => {
 *   const partner = partners.get(authorizationToken);
 *   return { isAuthorized: partner !== undefined, resolverContext: { partner: partner ?? null } };
 * };
 * export const auth = createAuth([lambda({ authorizer })]);
 */
export function lambda(options: LambdaOptions): AuthMode<LambdaIdentity> {
  checkLambdaOptions(options);
  const contract = contractOf(options);
  const credential = credentialOf(options);
  const matches = tokenTest(options);
  const ask = askerOf(options, contract);
  const answers = new Answers(options.ttlSeconds ?? 0);

  async function verify(token: string, request: RequestView, now: number): Promise<LambdaIdentity> {
    checkToken(token, contract.maxTokenLength, matches);
    credential.refuseMissing(request);
    contract.check(request);
    const key = await crypto.sha256Hex(credential.key(request)); // memory holds no token
    let answer = answers.known(key, now);
    if (answer === undefined) {
      // Made before the call may be shared: a broken body must fail only its own request.
      const event = await contract.event(token, request, now);
      answer = await answers.find(key, now, () => ask(event));
    }
    return answer.decide(request);
  }

  return builtIn({
    name: "lambda",
    scheme: "Bearer",
    requestHeaders: [...new Set(credential.headers)],
    places: [credential.place],
    readsBody: contract.readsBody,
    describe: () => ({
      settings: settingsOf({ identitySources: options.identitySources, ttlSeconds: options.ttlSeconds ?? 0 }),
      issuers: [],
    }),
    detect(request) {
      const token = credential.read(request);
      if (token === undefined) return undefined;
      const { place, fit, header } = credential;
      const check = (now: number) => verify(token, request, now);
      return {
        place,
        fit,
        ...(header !== undefined && { forward: { name: header, value: token } }),
        verify: check,
        again: check,
      };
    },
  });
}

function checkToken(token: string, maxLength: number, matches: (token: string) => boolean): void {
  if (token === "") throw refused("token_empty");
  if (token.length > maxLength) {
    throw refused("token_too_long", `the token is over ${maxLength} characters`);
  }
  if (matches(token)) return;
  throw refused("token_pattern_mismatch", "the token does not match identityValidationExpression");
}
