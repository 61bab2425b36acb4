import { list } from "@authmodes/core/options";
import { closest } from "@authmodes/core/options";
import type { Grants } from "../compile/grants.ts";
import { keyOf, type Model } from "../compile/model.ts";
import { bits, readBits } from "../compile/operations.ts";
import type { OwnerNeed, Role } from "../compile/roles.ts";
import { defaultIdentityClaim } from "../compile/words.ts";
import type { AuthRule, Finding, ModelDefinition, RuleSchema } from "../types.ts";

// What is allowed and yet seldom meant. Sentences are Amplify's where it has one.

/** @param models the schema's, compiled */
export function warningsOf(schema: RuleSchema, models: ReadonlyMap<string, Model>): readonly Finding[] {
  return [
    ...deprecatedIam(schema),
    ...publicKeys(models),
    ...sandbox(schema),
    ...[...models.values()].flatMap((model) => [
      ...mayReassign(model),
      ...ownerNames(model),
      ...ownerKeys(model),
      ...groupNames(model),
      ...undeletable(model),
      ...readableChildren(model, models),
      ...guestsAlone(model),
      ...oidcOwners(model),
    ]),
  ];
}

function warning(
  code: string,
  model: string | undefined,
  field: string | undefined,
  message: string,
  mend: string,
): Finding {
  return {
    code,
    level: "warning",
    ...(model !== undefined && { model }),
    ...(field !== undefined && { field }),
    message,
    mend,
  };
}

function deprecatedIam({ models, types = {} }: RuleSchema): readonly Finding[] {
  const rules = [...Object.values(models), ...Object.values(types)].flatMap(({ rules: own = [], fields }) => [
    ...own,
    ...Object.values(fields).flatMap((field) => field.rules ?? []),
  ]);
  if (!rules.some((rule) => rule.provider === "iam")) return [];
  const message =
    "WARNING: Schema is using an @auth directive with deprecated provider 'iam'. Replace 'iam' provider with 'identityPool' provider.";
  return [warning("deprecated-iam", undefined, undefined, message, "write provider: 'identityPool'")];
}

function publicKeys(models: ReadonlyMap<string, Model>): readonly Finding[] {
  const open = [...models.values()].filter(({ grants }) =>
    grants.some(({ role, some }) => role.name === "apiKey:public" && some !== 0),
  );
  if (open.length === 0) return [];
  const message = `API keys open ${open.map((model) => model.name).join(", ")}: a key that a public client holds is known to everybody, until it expires`;
  const mend =
    "for long-lived public clients use { allow: public, provider: identityPool }, or keys that end soon";
  return [warning("public-api-key", undefined, undefined, message, mend)];
}

function sandbox(schema: RuleSchema): readonly Finding[] {
  if (schema.sandbox !== true) return [];
  const open = Object.entries(schema.models).filter(
    ([, { rules, fields }]) =>
      rules === undefined && Object.values(fields).every((field) => field.rules === undefined),
  );
  const message = `sandbox: API keys may do everything with ${open.map(([name]) => name).join(", ") || "models without rules"}`;
  return [
    warning("sandbox", undefined, undefined, message, "remove the global rule and give each model its rules"),
  ];
}

function mayReassign({ name, grants }: Model): readonly Finding[] {
  const fields = ownersOf(grants)
    .filter(({ grant, need }) => {
      const all = bits.update | bits.delete;
      const granted = grant.byField.get(need.field) ?? ((grant.every & all) === all ? bits.update : 0);
      return (granted & bits.update) !== 0;
    })
    .map(({ need }) => need.field);
  if (fields.length === 0) return [];
  const roles = `${name}: [${[...new Set(fields)].join(", ")}]`;
  const message = `WARNING: owners may reassign ownership for the following model(s) and role(s): ${roles}. If this is not intentional, you may want to apply field-level authorization rules to these fields.`;
  const mend = `give the field rules of its own: { allow: owner, ownerField: '${fields[0]}', operations: [read, delete] }`;
  return [warning("owner-may-reassign", name, fields[0], message, mend)];
}

function ownersOf(grants: readonly Grants[]): readonly { grant: Grants; role: Role; need: OwnerNeed }[] {
  return grants.flatMap((grant) =>
    grant.role.needs.flatMap((need) => (need.kind === "owner" ? [{ grant, role: grant.role, need }] : [])),
  );
}

/** `Owner` beside ownerField `owner`. */
function ownerNames({ name, fields, ownerFields }: Model): readonly Finding[] {
  return [...ownerFields.keys()].flatMap((owner) => {
    const twin = [...fields.keys()].find(
      (field) => field !== owner && field.toLowerCase() === owner.toLowerCase(),
    );
    if (twin === undefined || fields.has(owner)) return [];
    const message = `WARNING: Schema field "${twin}" and ownerField "${owner}" in type ${name} are getting added to your schema but could be referencing the same owner field.`;
    return [warning("owner-field-case", name, twin, message, `write ownerField: '${twin}'`)];
  });
}

function ownerKeys({ name, definition, grants }: Model): readonly Finding[] {
  const key = keyOf(definition);
  const indexed = new Set([
    ...key,
    ...(definition.indexes ?? []).flatMap((index) => index.fields.slice(0, 1)),
  ]);
  const found = new Map<string, Finding>();
  for (const { grant, need } of ownersOf(grants)) {
    const { field } = need;
    if (key.includes(field)) {
      const message = `ownerField '${field}' is (part of) the primary key: a record cannot change its owner, and keys tell owners`;
      const mend = "use a field of its own, with an index to query by it";
      found.set(field, warning("owner-is-key", name, field, message, mend));
    } else if (!indexed.has(field) && !need.isList && (grant.some & bits.list) !== 0) {
      const message = `ownerField '${field}' has no index: lists of one owner's records are scans`;
      found.set(field, warning("owner-without-index", name, field, message, `add an index on '${field}'`));
    }
  }
  return [...found.values()];
}

/** A groupsField that the schema does not write down may be a hidden column, and may be a slip. */
function groupNames({ name, fields, grants }: Model): readonly Finding[] {
  const unknown = grants
    .flatMap(({ role }) => role.needs)
    .flatMap((need) => (need.kind === "inRecordGroup" && !fields.has(need.field) ? [need.field] : []));
  return [...new Set(unknown)].map((field) => {
    const near = closest(field, [...fields.keys()]);
    const mend = near === undefined ? `add the field '${field}' to ${name}` : `write groupsField: '${near}'`;
    return warning(
      "unknown-groups-field",
      name,
      field,
      `groupsField '${field}' is no field of ${name}`,
      mend,
    );
  });
}

function undeletable({ name, grants }: Model): readonly Finding[] {
  const isCreated = grants.some(({ some }) => (some & bits.create) !== 0);
  const isDeleted = grants.some(({ every }) => (every & bits.delete) !== 0);
  if (!isCreated || isDeleted) return [];
  const message = "nobody can delete records: no role may delete every field";
  const mend = "give one role delete on the model and in each field's own rules";
  return [warning("undeletable", name, undefined, message, mend)];
}

/** Whoever is let at the parent reaches all its children where the child is open to every signed-in user. */
function readableChildren(model: Model, models: ReadonlyMap<string, Model>): readonly Finding[] {
  return [...model.fields.values()].flatMap((field) => {
    const child = field.related === undefined ? undefined : models.get(field.related);
    if (child === undefined) return [];
    const open = openReaders(child).filter((role) => !openReaders(model).includes(role));
    if (open.length === 0) return [];
    const message = `${child.name} is readable through ${model.name}.${field.name}: ${open.join(", ")} may read all of ${child.name}, but not all of ${model.name}`;
    const mend = `limit who reads ${child.name}, if it should be seen only with its ${model.name}`;
    return [warning("child-readable", model.name, field.name, message, mend)];
  });
}

function openReaders({ grants }: Model): readonly string[] {
  return grants
    .filter(
      ({ role, some }) =>
        role.needs.every((need) => need.kind === "mode" || need.kind === "signedIn") &&
        (some & readBits) !== 0,
    )
    .map(({ role }) => role.name);
}

function guestsAlone({ name, grants }: Model): readonly Finding[] {
  const guest = grants.find(({ role }) => role.name === "iam:public")?.some ?? 0;
  const signedIn = grants.find(({ role }) => role.name === "iam:private")?.some ?? 0;
  if ((guest & ~signedIn) === 0) return [];
  const message = "guests of the identity pool may do what its signed-in users may not";
  const mend = "set includeSignedIn: true, or add { allow: private, provider: identityPool }";
  return [warning("guests-alone", name, undefined, message, mend)];
}

function oidcOwners({ name, definition }: Model): readonly Finding[] {
  const rules = [definition as Pick<ModelDefinition, "rules">, ...Object.values(definition.fields)].flatMap(
    ({ rules: own = [] }) => list<AuthRule>(own),
  );
  const unnamed = rules.some(
    ({ allow, provider, identityClaim = defaultIdentityClaim }) =>
      allow === "owner" && provider === "oidc" && identityClaim === defaultIdentityClaim,
  );
  if (!unnamed) return [];
  const message = "an oidc owner is looked for in 'sub::username', and most OIDC tokens have no username";
  return [warning("oidc-owner-claim", name, undefined, message, "write identityClaim: 'sub'")];
}
