import type { KeySetDescription } from "../types.ts";
import { Budget } from "../lib/bounds.ts";
import { Cache } from "../lib/cache.ts";
import { list, must } from "../lib/options.ts";
import { AuthError, refused, shown, unavailable } from "../refusal/error.ts";
import { fetchesPerMinute, inSeconds, type KeyClaim, type Keys, KeySet } from "./key-set.ts";
import { type KeySetOptions, NotFound, singleKey } from "./key-source.ts";
import type { SigningKey } from "./signing-key.ts";
import {
  decode,
  decodeObject,
  type Flaw,
  malformed,
  type Reading,
  type ReadToken,
  tooLarge,
} from "./token.ts";

// The tokens that an Application Load Balancer of AWS makes of the user's claims (Elastic Load Balancing user guide,
// "Authenticate users", "User claims encoding and signature verification"). The balancer signs them, not the issuer. Any load
// balancer of any account has a key at AWS, so its ARN in the header decides.

/** The header `x-amzn-oidc-data` of Application Load Balancers that sign users in. */
export interface LoadBalancerPlace {
  /** The ARN of the load balancer, or a list: tokens that another one signed are rejected. */
  readonly loadBalancer: string | readonly string[];
}

export const loadBalancerHeader = "x-amzn-oidc-data";
/** The algorithm of the balancers. */
export const loadBalancerAlgorithm = "ES256";

const arnShape = /^arn:aws:elasticloadbalancing:([a-z0-9-]+):\d{12}:loadbalancer\/app\/[\w-]+\/[\w-]+$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws TypeError if the place is malformed */
export function readLoadBalancers(where: string, loadBalancer: string | readonly string[]): ReadToken {
  const arns = list(loadBalancer);
  must(arns.length > 0, `${where}: loadBalancer is an empty list: every token would be rejected`);
  const regions = new Map<unknown, string>();
  for (const arn of arns) {
    const [, region] = (typeof arn === "string" ? arnShape.exec(arn) : undefined) ?? [];
    must(
      region !== undefined,
      `${where}: loadBalancer is the ARN of an Application Load Balancer, such as arn:aws:elasticloadbalancing:` +
        `eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188, not '${arn}'`,
    );
    regions.set(arn, region);
  }
  return (text, maxLength) => readToken(text, maxLength, regions);
}

/** Checks what does not depend on the issuer's options: the signer, and the shape of the rest. */
function readToken(text: string, maxLength: number, regions: ReadonlyMap<unknown, string>): Reading {
  if (text.length > maxLength) return tooLarge(text, maxLength);
  const [first = "", second = "", third = "", ...more] = text.split(".");
  const header = decodeObject(unpadded(first));
  const payload = decodeObject(unpadded(second));
  const signature = decode(unpadded(third));
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return malformed("it does not have three parts of base64url");
  const { alg, kid, typ, signer, client, iss, exp, crit } = header;
  const region = regions.get(signer);
  if (region === undefined) {
    return flaw("signer_refused", `the signer is ${shown(signer)}, not ${[...regions.keys()].join(" or ")}`);
  }
  if (typeof kid !== "string" || !uuid.test(kid))
    return flaw("kid_malformed", `kid is ${shown(kid)}, not a UUID`);
  if (crit !== undefined) return flaw("crit_unsupported", "the token's header has critical extensions");
  if (typeof alg !== "string" || typeof client !== "string" || typeof iss !== "string")
    return malformed("its header lacks alg, client or iss");
  if (typeof exp !== "number") return flaw("expiry_missing", "the token's header has no exp");
  if (payload["iss"] !== undefined && payload["iss"] !== iss)
    return flaw(
      "issuer_unknown",
      `iss is ${shown(iss)} in the header and ${shown(payload["iss"])} in the claims`,
    );
  const ends = payload["exp"] ?? exp;
  return {
    header: {
      alg,
      kid,
      typ: typeof typ === "string" ? typ : undefined,
      balanced: { url: `https://public-keys.auth.elb.${region}.amazonaws.com/${kid}`, client },
    },
    claims: { ...payload, iss, exp: typeof ends === "number" ? Math.min(ends, exp) : ends },
    signingInput: text.slice(0, text.lastIndexOf(".")),
    signature,
  };
}

function flaw(reason: string, detail: string): Flaw {
  return { reason, detail };
}

/** Load balancers pad base64url, which RFC 7515 §2 forbids. The padding is signed. */
function unpadded(part: string): string {
  return part.length % 4 === 0 ? part.replace(/={1,2}$/, "") : part;
}

/** How many keys are kept; the least recently used ones are dropped. */
const keptKeys = 100;

/** The keys of load balancers: each has a URL of its own, and is fetched when a token names it. */
export class LoadBalancerKeys implements Keys {
  readonly #options: KeySetOptions;
  /** By URL. One that cannot be fetched is removed. */
  readonly #sets = new Cache<Promise<KeySet>>(keptKeys);
  readonly #setOf = new WeakMap<SigningKey, KeySet>();
  /** Callers can invent names of keys. */
  readonly #budget = new Budget(fetchesPerMinute);

  constructor(options: KeySetOptions = {}) {
    this.#options = options;
  }

  /** Which keys will be needed is not known. */
  async ready(): Promise<void> {}

  describe(): KeySetDescription {
    return { count: 0, skipped: [], fetchedAt: null, usable: true, trouble: null };
  }

  trusts(key: SigningKey, now: number): boolean {
    return this.#setOf.get(key)?.trusts(key, now) ?? false;
  }

  /** @param tried undefined to find those that the token names */
  async find(token: KeyClaim, now: number, tried?: readonly SigningKey[]): Promise<readonly SigningKey[]> {
    const set = await this.#setFor(token, now);
    const keys = await (tried === undefined ? set.find(token, now) : set.findReplacement(token, tried, now));
    for (const key of keys) this.#setOf.set(key, set);
    return keys;
  }

  findReplacement(
    token: KeyClaim,
    tried: readonly SigningKey[],
    now: number,
  ): Promise<readonly SigningKey[]> {
    return this.find(token, now, tried);
  }

  async #setFor({ header: { kid = "", balanced } }: KeyClaim, now: number): Promise<KeySet> {
    const url = balanced?.url ?? "";
    const known = this.#sets.get(url);
    if (known !== undefined) return known;
    if (!this.#budget.take(now)) throw this.#spent(kid, now);
    const loading = this.#load(url, kid, now);
    this.#sets.set(url, loading);
    loading.catch(() => this.#sets.delete(url));
    return loading;
  }

  async #load(url: string, kid: string, now: number): Promise<KeySet> {
    const set = new KeySet(singleKey(url, kid), this.#options);
    try {
      await set.ready(now);
      return set;
    } catch (error) {
      if (!(error instanceof AuthError && error.cause instanceof NotFound)) throw error;
      throw refused("kid_unknown", `there is no key at ${url}`);
    }
  }

  #spent(kid: string, now: number): AuthError {
    const detail = `${fetchesPerMinute} keys of load balancers were fetched within a minute, and '${kid}' is not among them`;
    return unavailable("key_fetches_spent", detail, undefined, inSeconds(this.#budget.wait(now)));
  }
}
