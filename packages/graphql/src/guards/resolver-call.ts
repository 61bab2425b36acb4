import { type CallContext, type Identity, isPromise } from "@authmodes/core";
import { AccessDenied, type Decision, type Denied, type Policy } from "@authmodes/rules";
import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { type Admission, isAdmitted } from "../schema/aws-directives.ts";
import type { DecisionMade, ModelField } from "../options.ts";
import { type FieldRefusal, notAuthorized, refusalOf } from "../field-refusal.ts";
import type { PageRole } from "../schema/record-types.ts";
import type { Returned, Types } from "../schema/returned.ts";

export type Args = Readonly<Record<string, unknown>>;
export type Resolver = GraphQLFieldResolver<unknown, unknown, Args>;

/** What all guards of a schema share. */
export interface Shared {
  readonly policy: Policy;
  readonly types: Types;
  readonly identity: (context: unknown) => Identity;
  readonly load: Readonly<Record<string, (key: Args, context: unknown, call: CallContext) => unknown>>;
  readonly development: boolean;
  readonly clock: () => number;
  readonly onDecision: ((made: DecisionMade) => void) | undefined;
}

/** A field that is guarded. */
export interface Site {
  readonly shared: Shared;
  /** As rules name it: of a type that is mapped, the model; Query, Mutation and Subscription as such. */
  readonly typeName: string;
  readonly fieldName: string;
  readonly returned: Returned | undefined;
  /** If records of several models are answered: which. */
  readonly models: readonly string[];
  /** If the field's type is a page of a list, or a part of one. */
  readonly role: PageRole | undefined;
  /** undefined: the modes do not matter. */
  readonly admissions: readonly Admission[] | undefined;
  readonly resolve: Resolver;
  /** Whether the field came with a resolver. */
  readonly hasResolver: boolean;
}

/** Who asks, in which request. */
export interface Caller {
  readonly identity: Identity;
  /** What the server handed to the resolvers. */
  readonly context: unknown;
}

/** What every guard looks at first: the modes that AppSync's directives name, and what a Lambda authorizer denied. */
export function enter(site: Site, context: unknown, info: GraphQLResolveInfo): Caller {
  const { shared, typeName, fieldName, admissions } = site;
  const identity = shared.identity(context);
  const caller = { identity, context };
  const path = `${typeName}.${fieldName}`;
  const named = `${info.parentType.name}.${fieldName}`;
  if (identity.mode === "lambda" && [path, named].some((name) => identity.deniedFields.includes(name))) {
    throw refused(site, caller, denial("field-denied", `${path}: the authorizer denied it`), info);
  }
  if (admissions !== undefined && !isAdmitted(admissions, identity)) {
    throw refused(site, caller, denial("no-matching-role", `${path}: not open to ${identity.mode}`), info);
  }
  return caller;
}

/** A field under rules of its own. */
export function enterByRules(site: Site, context: unknown, info: GraphQLResolveInfo): Caller {
  const caller = enter(site, context, info);
  const decision = site.shared.policy.decideField(caller.identity, site.typeName, site.fieldName);
  if (!decision.allowed) throw refused(site, caller, decision, info);
  return caller;
}

/** What a log is told of a field. */
type Named = Pick<Site, "shared" | "typeName" | "fieldName">;

/** The error to throw for a denial, which is told to the log. */
export function refused(
  site: Named,
  caller: Caller,
  decision: Denied,
  info: GraphQLResolveInfo,
  error: FieldRefusal = notAuthorized(info),
  use?: ModelField,
): FieldRefusal {
  report(site, caller, decision, use);
  return error;
}

/** What the policy throws where there is nothing to return becomes the refusal of the field. */
export function orRefused<T>(
  site: Site,
  caller: Caller,
  info: GraphQLResolveInfo,
  use: ModelField,
  ask: () => T,
): T {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error;
    throw refused(site, caller, error.decision, info, refusalOf(error.decision, info), use);
  }
}

export function report(
  { shared, typeName, fieldName }: Named,
  { identity, context }: Caller,
  decision: Decision,
  use?: ModelField,
): void {
  try {
    shared.onDecision?.({
      identity,
      context,
      type: typeName,
      field: fieldName,
      ...(use !== undefined && { model: use.model, operation: use.operation }),
      decision,
    });
  } catch {
    // A listener changes nothing.
  }
}

function denial(reason: Denied["reason"], explanation: string): Denied {
  return { allowed: false, reason, deniedFields: [], missing: false, explanation };
}

/** Now where the value is there, later where it is promised. */
export function whenThere<T>(value: T | PromiseLike<T>, next: (value: T) => T): T | Promise<T> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}
