import { refused } from "../refusal/error.ts";
import { crypto } from "#crypto";
import { settingsOf } from "../auth/description.ts";
import type { LambdaIdentity } from "../identity.ts";
import { askerOf } from "../lambda/authorizers.ts";
import { contractOf } from "../lambda/contract.ts";
import { credentialOf } from "../lambda/credential.ts";
import { checkLambdaOptions, type LambdaOptions, tokenTest } from "../lambda/options.ts";
import { remembering } from "../lambda/remembering.ts";
import { builtIn } from "../auth/own-modes.ts";
import type { AuthMode, RequestView } from "../types.ts";

export type { LambdaOptions } from "../lambda/options.ts";

/**
 * A function of yours decides, in the contract of AppSync's or API Gateway's Lambda authorizers. It is given the header
 * as received and takes every `Authorization` that is neither a signature nor, where a token mode is served, a JWT.
 * An authorizer that fails, hangs or answers nonsense is a 503 and lets nobody in.
 *
 * For `appsync` the query and its variables are those of a JSON POST and empty otherwise: an authorizer that decides by
 * them should refuse an empty query. For `token` and `request` paths that can be read in two ways are refused.
 * @throws TypeError where an option is missing or not one
 */
export function lambda(options: LambdaOptions): AuthMode<LambdaIdentity> {
  checkLambdaOptions(options);
  const contract = contractOf(options);
  const credential = credentialOf(options);
  const matches = tokenTest(options);
  const ask = askerOf(options, contract);
  const answers = remembering(options.ttlSeconds ?? 0);

  async function verify(token: string, request: RequestView, now: number): Promise<LambdaIdentity> {
    checkToken(token, contract.maxTokenLength, matches);
    credential.refuseMissing(request);
    contract.check(request);
    const key = await crypto.sha256Hex(credential.key(request)); // memory holds no token
    let answer = answers.known(key, now);
    if (answer === undefined) {
      // Made before the call may be shared: a broken body is the trouble of its own request.
      const event = await contract.event(token, request, now);
      answer = await answers.find(key, now, () => ask(event));
    }
    return answer.decide(request);
  }

  return builtIn({
    name: "lambda",
    scheme: "Bearer",
    requestHeaders: [...new Set(credential.headers)],
    readsBody: contract.readsBody,
    describe: () => ({
      settings: settingsOf({ identitySources: options.identitySources, ttlSeconds: options.ttlSeconds ?? 0 }),
      issuers: [],
    }),
    detect(request) {
      const token = credential.read(request);
      if (token === undefined) return undefined;
      const { place, fit, header } = credential;
      return {
        place,
        fit,
        ...(header !== undefined && { forward: { name: header, value: token } }),
        verify: (now) => verify(token, request, now),
        again: (now) => verify(token, request, now),
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
