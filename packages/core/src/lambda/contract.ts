import type { JsonObject } from "../lib/json.ts";
import { AuthError, refused } from "../refusal/error.ts";
import { hasTooManyParameters, maxParameters } from "../lib/bounds.ts";
import type { MaybePromise, RequestView } from "../types.ts";
import { type Answer, appsyncAnswer, policyAnswer, policyOrSimpleAnswer } from "./answers.ts";
import {
  appsyncEvent,
  type AuthorizerEvent,
  type LambdaEventKind,
  requestEvent,
  tokenEvent,
} from "./authorizer-events.ts";
import { refuseAmbiguousPath, type StageName } from "./policy.ts";
import type { AnyLambdaOptions } from "./options.ts";

/** How one AWS service calls its authorizers. */
export interface Contract {
  /** In characters. */
  readonly maxTokenLength: number;
  /** Whether its event contains the body. */
  readonly readsBody: boolean;
  /** Rejects requests that an authorizer cannot decide about. */
  check(request: RequestView): void;
  /** @param now milliseconds since 1970 */
  event(token: string, request: RequestView, now: number): MaybePromise<AuthorizerEvent>;
  answer(answer: JsonObject): Answer;
  /** The rejection that a thrown message means; undefined for a failure of the authorizer. */
  refusal(message: string): AuthError | undefined;
}

const appsyncTokenLength = 2048;
const gatewayTokenLength = 8192;
const defaultMaxBodyBytes = 1024 * 1024;

export function contractOf(options: AnyLambdaOptions): Contract {
  const { region, accountId, apiId } = options;
  const name: StageName = {
    region: region ?? "local",
    accountId: accountId ?? "000000000000",
    apiId: apiId ?? "local",
    stage: options.stage ?? "$default",
  };
  const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  const gateway = {
    maxTokenLength: gatewayTokenLength,
    readsBody: false,
    check: refuseAmbiguousPath,
    refusal: unauthorized,
  };
  const contracts: Record<LambdaEventKind, Contract> = {
    appsync: {
      maxTokenLength: appsyncTokenLength,
      readsBody: true,
      check: () => {},
      event: (token, request) => appsyncEvent(token, request, name, maxBodyBytes),
      answer: (answer) => appsyncAnswer(answer, { region, accountId, apiId }),
      refusal: () => undefined,
    },
    token: {
      ...gateway,
      event: (token, request) => tokenEvent(token, request, name),
      answer: (answer) => policyAnswer(answer, name),
    },
    request: {
      ...gateway,
      check(request) {
        refuseAmbiguousPath(request);
        if (!hasTooManyParameters(request.target)) return;
        const detail = `the query has more than ${maxParameters} parameters`;
        throw new AuthError("credentials_malformed", "parameters_too_many", { detail });
      },
      event: (_token, request, now) => requestEvent(request, name, now),
      answer: (answer) => policyOrSimpleAnswer(answer, name),
    },
  };
  return contracts[options.event ?? "appsync"];
}

/** API Gateway developer guide, "Use API Gateway Lambda authorizers": only this message means a 401. */
function unauthorized(message: string): AuthError | undefined {
  if (message !== "Unauthorized") return undefined;
  return refused("authorizer_denied", 'the authorizer threw "Unauthorized"');
}
