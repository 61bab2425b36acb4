import { nameOf } from "../lib/log.ts";
import { refused } from "../refusal/error.ts";
import { checkFunction, must } from "../lib/options.ts";
import type { RightsReader } from "../jwt/rights.ts";
import type { IdentityBase, MaybePromise, OnChange } from "../types.ts";

// Verifies a credential again, by `revoked`, key stores and authorizers, for connections that stay open. All that these
// have is the identity.

/** A look-up that accepted a credential. */
export interface Check {
  /** What it returned. */
  readonly before: IdentityBase;
  /** Looks up again, and returns the identity now. */
  readonly verify: (now: number) => MaybePromise<IdentityBase>;
  /** undefined if its changes are not announced. */
  readonly onChange: OnChange | undefined;
}

// Classes, since V8 learns from the identities of cached tokens to allocate literals among objects that live long: there they
// would keep every signed request, with all of its state, until a full collection.

/** How a server verifies an identity again. */
class Question {
  /** The server that accepted the identity: several auths can share one mode, and its cached identities. */
  readonly server: object;
  readonly checks: () => readonly Check[];

  constructor(server: object, checks: () => readonly Check[]) {
    this.server = server;
    this.checks = checks;
  }
}

const none: readonly Question[] = [];

/** How to verify an identity again. */
class Asked {
  rights: RightsReader | undefined;
  questions: readonly Question[] = none;
  /** When the credential was last verified, in milliseconds since 1970. */
  last = 0;
}

/** Returns the object that it is given: the members of a subclass become members of that object. */
class Given {
  constructor(identity: object) {
    return identity;
  }
}

/**
 * Adds a private member to an identity, which logs, JSON and copies do not show. It takes a third of the time of a property
 * that is not enumerable, and an entry of a `WeakMap` would cost the garbage collector as much as verifying a signature.
 */
class Mark extends Given {
  readonly #asked = new Asked();

  static add(identity: object, rights: RightsReader | undefined): void {
    new Mark(identity).#asked.rights = rights;
  }

  static read(identity: object): Asked | undefined {
    return #asked in identity ? identity.#asked : undefined;
  }
}

/** What all copies of this module share: bundlers such as Next's make several. */
class Shared {
  readonly mark = Mark;
  /** Of identities of the developer's own modes, which may be frozen. */
  readonly others = new WeakMap<object, Asked>();
}

const { mark, others } = shared();

function shared(): Shared {
  const key = Symbol.for("@authmodes/core: rechecks by marks");
  const known: unknown = Reflect.get(globalThis, key);
  if (known !== undefined) return known as Shared;
  const made = new Shared();
  Reflect.defineProperty(globalThis, key, { value: made });
  return made;
}

/**
 * Freezes an identity that can be verified again.
 * @param rights how its groups and scopes were read, to explain later which it lacks
 */
export function askable<I extends object>(identity: I, rights?: RightsReader): Readonly<I> {
  mark.add(identity, rights);
  return Object.freeze(identity);
}

function askedOf(identity: IdentityBase): Asked | undefined {
  // An object that inherits from an identity is taken for it.
  for (let holder: object | null = identity; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
    const asked = mark.read(holder) ?? others.get(holder);
    if (asked !== undefined) return asked;
  }
  return undefined;
}

/** How the rights of an identity were read from its token; undefined for other modes, and for copies that you made. */
export function rightsReaderOf(identity: IdentityBase): RightsReader | undefined {
  return askedOf(identity)?.rights;
}

/**
 * Stores how to verify an identity again, just after it was verified.
 * @param checks makes the look-ups to ask again, when a connection is watched: most requests are not
 */
export function rememberRecheck(
  identity: IdentityBase,
  server: object,
  now: number,
  checks: () => readonly Check[],
): void {
  let asked = askedOf(identity);
  if (asked === undefined) others.set(identity, (asked = new Asked()));
  const rest = asked.questions === none ? none : asked.questions.filter((other) => other.server !== server);
  asked.questions =
    rest.length === 0 ? [new Question(server, checks)] : [...rest, new Question(server, checks)];
  asked.last = now;
}

/** When the credential was last verified; undefined if it cannot be verified again. */
export function lastVerified(identity: IdentityBase): number | undefined {
  const asked = askedOf(identity);
  return asked === undefined || asked.questions.length === 0 ? undefined : asked.last;
}

/** Checks the `onChange` of a look-up. @throws TypeError */
export function checkOnChange(what: string, lookUp: unknown): void {
  if (typeof lookUp !== "function") return;
  const onChange: unknown = Reflect.get(lookUp, "onChange");
  checkFunction(`${what}.onChange`, onChange, "(listener) => a function that stops the calls");
}

/**
 * Calls a function after each change that the look-ups behind an identity announce.
 * @returns stops it; never throws
 * @throws TypeError if an `onChange` does not return what stops it; what an `onChange` throws
 */
export function onAnnounced(identity: IdentityBase, listener: () => void): () => void {
  const stops: (() => void)[] = [];
  const stopAll = () => {
    for (const stop of stops) attempt(stop);
  };
  try {
    for (const { onChange } of checksOf(identity)) {
      if (onChange === undefined) continue;
      const stop = onChange(listener);
      must(typeof stop === "function", "onChange() of a look-up returns a function that stops the calls");
      stops.push(stop);
    }
  } catch (error) {
    stopAll();
    throw error;
  }
  return stopAll;
}

/** A connection has to end although a look-up cannot stop its calls. */
function attempt(stop: () => void): void {
  try {
    stop();
  } catch (error) {
    console.error(`authmodes: the function that onChange() of a look-up returned threw ${nameOf(error)}`);
  }
}

/** @throws AuthError if the credential is not valid any more, or gives other rights than before */
export async function recheck(identity: IdentityBase, now: number): Promise<void> {
  await run(checksOf(identity), now);
  const asked = askedOf(identity);
  if (asked !== undefined) asked.last = now;
}

/** The same by the look-ups that announce changes; they answer from memory. */
export async function recheckAnnounced(identity: IdentityBase, now: number): Promise<void> {
  const checks = checksOf(identity).filter(({ onChange }) => onChange !== undefined);
  await run(checks, now);
}

function checksOf(identity: IdentityBase): readonly Check[] {
  return askedOf(identity)?.questions.flatMap((question) => question.checks()) ?? [];
}

async function run(checks: readonly Check[], now: number): Promise<void> {
  for (const { before, verify } of checks) {
    if (rightsOf(await verify(now)) === rightsOf(before)) continue;
    const detail =
      "the credential has other groups, scopes or denied fields than when the connection was opened";
    throw refused("credentials_changed", detail);
  }
}

function rightsOf(identity: IdentityBase): string {
  const deniedFields = "deniedFields" in identity ? identity.deniedFields : undefined;
  return JSON.stringify([identity.mode, identity.id, identity.groups, identity.scopes, deniedFields]);
}
