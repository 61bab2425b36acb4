import { invalid, notAuthorized, notFound, PoolError } from "./errors.ts";
import { IdentityIds } from "./identity-ids.ts";
import { type Login, verifyLogin } from "./logins.ts";
import type { Settings } from "./options.ts";
import { roleOfUser } from "./roles.ts";
import type { SessionOwner, Sessions } from "./sessions.ts";

/** The body of a request, as parsed JSON. */
export type Input = Readonly<Record<string, unknown>>;
type Output = Readonly<Record<string, unknown>>;

const maxIdLength = 55;
const maxArnLength = 2048;
/** Three parts of base64url. */
const tokenShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const maxTokenLength = 16_384;

/** The operations of an identity pool that clients call without a signature. */
export class Operations {
  readonly #settings: Settings;
  readonly #sessions: Sessions;
  readonly #ids: IdentityIds;

  constructor(settings: Settings, sessions: Sessions) {
    this.#settings = settings;
    this.#sessions = sessions;
    this.#ids = new IdentityIds(settings.id, settings.identityKey);
  }

  /** @throws PoolError */
  async call(operation: string, input: Input): Promise<Output> {
    switch (operation) {
      case "GetId":
        return { IdentityId: await this.#getId(input) };
      case "GetCredentialsForIdentity":
        return this.#getCredentials(input);
      default:
        throw new PoolError(
          "UnknownOperationException",
          "This pool has GetId and GetCredentialsForIdentity only.",
        );
    }
  }

  async #getId(input: Input): Promise<string> {
    const poolId = idOf(input, "IdentityPoolId");
    if (poolId !== this.#settings.id) throw notFound(`IdentityPool '${poolId}' not found.`);
    const login = await this.#login(input);
    if (login !== undefined) return this.#ids.ofUser(login.issuer, login.subject);
    this.#guestRole();
    return this.#ids.newGuest();
  }

  async #getCredentials(input: Input): Promise<Output> {
    const asked = idOf(input, "IdentityId");
    const customRole = textOf(input, "CustomRoleArn", maxArnLength);
    const login = await this.#login(input);
    const owner =
      login === undefined ? await this.#guest(asked, customRole) : await this.#user(asked, login, customRole);
    const credentials = await this.#sessions.issue(owner);
    if (credentials === undefined)
      throw invalid(
        "The claims that identify the login are too long together: iss, sub, jti, origin_jti and sid.",
      );
    return { IdentityId: owner.identityId, Credentials: credentials };
  }

  async #guest(identityId: string, customRole: string | undefined): Promise<SessionOwner> {
    const role = this.#guestRole();
    if (this.#ids.isUser(identityId)) throw notAuthorized(`Access to Identity '${identityId}' is forbidden.`);
    if (!(await this.#ids.isGuest(identityId))) throw notFound(`Identity '${identityId}' not found.`);
    if (customRole !== undefined) throw invalid("CustomRoleArn needs a login.");
    return { identityId, role, authProvider: undefined, login: undefined };
  }

  /** The login decides whose credentials these are. A guest who signed in still has the guest's id. */
  async #user(asked: string, login: Login, customRole: string | undefined): Promise<SessionOwner> {
    const identityId = await this.#ids.ofUser(login.issuer, login.subject);
    if (asked !== identityId && !(await this.#ids.isGuest(asked))) {
      throw this.#ids.isUser(asked) ? loginsDiffer() : notFound(`Identity '${asked}' not found.`);
    }
    const { authProvider, facts } = login;
    const role = roleOfUser(login, customRole, this.#settings);
    return { identityId, role, authProvider, login: facts };
  }

  #guestRole(): string {
    const { guests } = this.#settings;
    if (guests !== undefined) return guests;
    throw notAuthorized("Unauthenticated access is not supported for this identity pool.");
  }

  /** Undefined for a guest: clients then send no logins or an empty object. */
  async #login({ Logins: logins }: Input): Promise<Login | undefined> {
    if (logins === undefined || logins === null) return undefined;
    if (typeof logins !== "object" || Array.isArray(logins)) throw invalid("Logins is not an object.");
    const [first, second] = Object.entries(logins);
    if (first === undefined) return undefined;
    // Two logins would be one identity, which takes a store.
    if (second !== undefined) throw invalid("Logins has more than one login.");
    const [provider, token] = first;
    const { providers, providerNames, clock } = this.#settings;
    if (providers === undefined || !providerNames.has(provider)) throw loginsDiffer();
    if (typeof token !== "string" || token.length > maxTokenLength || !tokenShape.test(token)) {
      throw invalid("The login token is not a signed JWT.");
    }
    return verifyLogin({ providers, clock }, provider, token);
  }
}

function loginsDiffer(): PoolError {
  return notAuthorized(
    "Logins don't match. Please include at least one valid login for this identity or identity pool.",
  );
}

function idOf(input: Input, name: string): string {
  const id = textOf(input, name, maxIdLength);
  if (id !== undefined && /^[\w-]+:[0-9a-fA-F-]+$/.test(id)) return id;
  throw invalid(`${name} is not a region and a UUID.`);
}

function textOf(input: Input, name: string, maxLength: number): string | undefined {
  const { [name]: value } = input;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value !== "" && value.length <= maxLength) return value;
  throw invalid(`${name} is not a text of 1 to ${maxLength} characters.`);
}
