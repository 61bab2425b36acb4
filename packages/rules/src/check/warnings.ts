import { closest } from "@authmodes/core/options";
import type { Grants } from "../compile/grants.ts";
import type { Model } from "../compile/model.ts";
import { bits, readBits } from "../compile/operations.ts";
import { type OwnerNeed, ownerNeeds, type Role, rulesOf, rulesOfType } from "../compile/roles.ts";
import { defaultIdentityClaim } from "../compile/words.ts";
import type { Finding, RuleSchema } from "../types.ts";
import { warning } from "./finding.ts";

// Warns of rules that are valid but seldom intended. If Amplify has a message for it, it is used here too.

type Models = ReadonlyMap<string, Model>;

/** @param models the schema's, compiled */
export function warningsOf(schema: RuleSchema, models: Models): readonly Finding[] {
  const ofModel = [
    mayReassign,
    ownerNames,
    ownerKeys,
    groupNames,
    undeletable,
    repeatedRoles,
    readableChildren,
    guestsAlone,
    oidcOwners,
  ];
  return [
    ...deprecatedIam(schema),
    ...publicKeys(models),
    ...sandbox(schema),
    ...modelsWithoutRules(schema),
    ...[...models.values()].flatMap((model) => ofModel.flatMap((find) => find(model, models))),
  ];
}

function deprecatedIam(schema: RuleSchema): readonly Finding[] {
  if (!rulesOf(schema).some((rule) => rule.provider === "iam")) return [];
  const message =
    "WARNING: Schema is using an @auth directive with deprecated provider 'iam'. Replace 'iam' provider with 'identityPool' provider.";
  return [warning({}, "deprecated-iam", message, "write provider: 'identityPool'")];
}

function publicKeys(models: Models): readonly Finding[] {
  const open = [...models.values()].filter(({ grants }) => grantedTo("apiKey:public", grants) !== 0);
  if (open.length === 0) return [];
  const message = `API keys open ${open.map((model) => model.name).join(", ")}: a key in a public client can be read by its users, until it expires`;
  const mend = "for public clients use { allow: public, provider: identityPool }, or keys that expire soon";
  return [warning({}, "public-api-key", message, mend)];
}

/** What a role may do with some field. */
function grantedTo(role: string, grants: readonly Grants[]): number {
  return grants.find((grant) => grant.role.name === role)?.some ?? 0;
}

function sandbox(schema: RuleSchema): readonly Finding[] {
  if (schema.sandbox !== true) return [];
  const open = Object.entries(schema.models).filter(([, definition]) => rulesOfType(definition).length === 0);
  const message = `sandbox: API keys may do everything with ${open.map(([name]) => name).join(", ") || "models without rules"}`;
  return [warning({}, "sandbox", message, "remove the global rule and give each model its rules")];
}

function mayReassign({ name, grants }: Model): readonly Finding[] {
  const fields = ownersOf(grants)
    .filter(({ grant, need }) => {
      const all = bits.update | bits.delete;
      const granted = grant.byField.get(need.field) ?? ((grant.every & all) === all ? bits.update : 0);
      return (granted & bits.update) !== 0;
    })
    .map(({ need }) => need.field);
  const [field] = fields;
  if (field === undefined) return [];
  const roles = `${name}: [${[...new Set(fields)].join(", ")}]`;
  const message = `WARNING: owners may reassign ownership for the following model(s) and role(s): ${roles}. If this is not intentional, you may want to apply field-level authorization rules to these fields.`;
  const mend = `give the field rules of its own: { allow: owner, ownerField: '${field}', operations: [read, delete] }`;
  return [warning({ model: name, field }, "owner-may-reassign", message, mend)];
}

function ownersOf(grants: readonly Grants[]): readonly { grant: Grants; need: OwnerNeed }[] {
  return grants.flatMap((grant) => ownerNeeds(grant.role).map((need) => ({ grant, need })));
}

/** A field `Owner` next to ownerField `owner`. */
function ownerNames({ name, fields, ownerFields }: Model): readonly Finding[] {
  return [...ownerFields.keys()].flatMap((owner) => {
    const field = [...fields.keys()].find(
      (other) => other !== owner && other.toLowerCase() === owner.toLowerCase(),
    );
    if (field === undefined || fields.has(owner)) return [];
    const message = `WARNING: Schema field "${field}" and ownerField "${owner}" in type ${name} are getting added to your schema but could be referencing the same owner field.`;
    return [warning({ model: name, field }, "owner-field-case", message, `write ownerField: '${field}'`)];
  });
}

function ownerKeys({ name: model, definition, key, grants }: Model): readonly Finding[] {
  const indexed = new Set([...key, ...(definition.indexes ?? []).map(({ fields: [first] }) => first)]);
  const found = new Map<string, Finding>();
  for (const { grant, need } of ownersOf(grants)) {
    const { field } = need;
    if (key.includes(field)) {
      const message = `ownerField '${field}' is (part of) the primary key: a record cannot change its owner, and keys reveal owners`;
      const mend = "use another field for the owner, with an index to query by it";
      found.set(field, warning({ model, field }, "owner-is-key", message, mend));
    } else if (!indexed.has(field) && !need.isList && (grant.some & bits.list) !== 0) {
      const message = `ownerField '${field}' has no index: lists of one owner's records are scans`;
      found.set(
        field,
        warning({ model, field }, "owner-without-index", message, `add an index on '${field}'`),
      );
    }
  }
  return [...found.values()];
}

/** A groupsField that is not in the schema may be a hidden column, or a typing error. */
function groupNames({ name: model, fields, grants }: Model): readonly Finding[] {
  const unknown = grants
    .flatMap(({ role }) => role.needs)
    .flatMap((need) => (need.kind === "inRecordGroup" && !fields.has(need.field) ? [need.field] : []));
  return [...new Set(unknown)].map((field) => {
    const near = closest(field, [...fields.keys()]);
    const mend = near === undefined ? `add the field '${field}' to ${model}` : `write groupsField: '${near}'`;
    const message = `groupsField '${field}' is no field of ${model}`;
    return warning({ model, field }, "unknown-groups-field", message, mend);
  });
}

function undeletable({ name: model, grants }: Model): readonly Finding[] {
  const isCreated = grants.some(({ some }) => (some & bits.create) !== 0);
  const isDeleted = grants.some(({ every }) => (every & bits.delete) !== 0);
  if (!isCreated || isDeleted) return [];
  const message = "no caller can delete records: no role may delete every field";
  const mend = "give one role delete on the model and in each field's own rules";
  return [warning({ model }, "undeletable", message, mend)];
}

function repeatedRoles({ name: model, grants }: Model): readonly Finding[] {
  return grants.flatMap(({ role, repeatedOn }) =>
    repeatedOn.map((field) => {
      const message = `several rules of ${field} are for ${role.name}: the last one counts, the others have no effect`;
      const mend = "put all operations of this role into one rule";
      return warning({ model, field }, "role-twice-on-field", message, mend);
    }),
  );
}

function modelsWithoutRules(schema: RuleSchema): readonly Finding[] {
  const who =
    schema.sandbox === true ? "API keys may do everything with it (sandbox)" : "every request is denied";
  return Object.entries(schema.models)
    .filter(([, definition]) => rulesOfType(definition).length === 0)
    .map(([model]) =>
      warning({ model }, "model-without-rules", `it has no rules: ${who}`, "give it rules, or remove it"),
    );
}

/** Readers of the parent see all its children if the child is open to every signed-in user. */
function readableChildren(model: Model, models: Models): readonly Finding[] {
  return [...model.fields.values()].flatMap(({ name: field, related }) => {
    const child = related === undefined ? undefined : models.get(related);
    if (child === undefined) return [];
    const open = openReaders(child).filter((role) => !openReaders(model).includes(role));
    if (open.length === 0) return [];
    const message = `${child.name} is readable through ${model.name}.${field}: ${open.join(", ")} may read all of ${child.name}, but not all of ${model.name}`;
    const mend = `limit who reads ${child.name}, if it should be readable only by readers of its ${model.name}`;
    return [warning({ model: model.name, field }, "child-readable", message, mend)];
  });
}

function openReaders({ grants }: Model): readonly string[] {
  const isOpen = ({ needs }: Role): boolean =>
    needs.every(({ kind }) => kind === "mode" || kind === "signedIn");
  const open = grants.filter(({ role, some }) => isOpen(role) && (some & readBits) !== 0);
  return open.map(({ role }) => role.name);
}

function guestsAlone({ name: model, grants }: Model): readonly Finding[] {
  if ((grantedTo("iam:public", grants) & ~grantedTo("iam:private", grants)) === 0) return [];
  const message = "guests of the identity pool may do what its signed-in users may not";
  const mend = "set includeSignedIn: true, or add { allow: private, provider: identityPool }";
  return [warning({ model }, "guests-alone", message, mend)];
}

function oidcOwners({ name: model, definition }: Model): readonly Finding[] {
  const isUnnamed = rulesOfType(definition).some(
    ({ allow, provider, identityClaim = defaultIdentityClaim }) =>
      allow === "owner" && provider === "oidc" && identityClaim === defaultIdentityClaim,
  );
  if (!isUnnamed) return [];
  const message = "an oidc owner is identified by 'sub::username', but most OIDC tokens have no username";
  return [warning({ model }, "oidc-owner-claim", message, "write identityClaim: 'sub'")];
}
