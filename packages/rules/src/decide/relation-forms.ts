import { list } from "@authmodes/core/options";
import { isObject } from "../check/kinds.ts";
import type { Values } from "../types.ts";
import type { Relation } from "./relation.ts";

// Prisma's nested writes. Anything else in a relation is rejected. The result is built from the parts that were decided on,
// with the values that the rules add, such as owners.

/** @returns the form as it is to be written */
type Form = (relation: Relation, value: unknown) => unknown;

const onCreate: Readonly<Record<string, Form>> = {
  create: each(create),
  createMany: (relation, value) => {
    const { data, skipDuplicates } = parts(relation, value, ["data", "skipDuplicates"]);
    if (skipDuplicates !== undefined && typeof skipDuplicates !== "boolean")
      relation.reject("skipDuplicates");
    return { data: each(create)(relation, data), ...(skipDuplicates !== undefined && { skipDuplicates }) };
  },
  connect: each(connect),
  connectOrCreate: each((relation, value) => {
    const { where, create: data } = parts(relation, value, ["where", "create"]);
    return { where: connect(relation, where), create: create(relation, data) };
  }),
};

const onUpdate: Readonly<Record<string, Form>> = {
  ...onCreate,
  update: each((relation, value) => {
    const isData = !relation.isList && !isWhereAndData(relation, value);
    return isData ? update(relation, value) : updateFound(relation, value);
  }),
  updateMany: each(updateFound),
  upsert: each((relation, value) => {
    const { where, update: changes, create: data } = parts(relation, value, ["where", "update", "create"]);
    const changed = update(relation, changes);
    return { ...found(relation, where), update: changed, create: create(relation, data) };
  }),
  delete: each((relation, value) => remove(relation, oneOrWhere(relation, value))),
  deleteMany: each((relation, value) => remove(relation, checkedWhere(relation, value))),
  set: (relation, value) => {
    relation.mayUnlink();
    return each(connect)(relation, value);
  },
  disconnect: each((relation, value) => {
    const which = oneOrWhere(relation, value);
    relation.mayChangeKey(null);
    relation.mayUnlink();
    return which;
  }),
};

const ofListsAlone = new Set(["createMany", "updateMany", "deleteMany", "set"]);

/** @throws AccessDenied if a record may not be written, or the value is not a nested write of Prisma */
export function writeRelation(relation: Relation, value: unknown): Values {
  const forms = relation.onCreate ? onCreate : onUpdate;
  return Object.fromEntries(
    Object.entries(objectOf(relation, value)).map(([name, part]) => {
      const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
      if (form === undefined || (ofListsAlone.has(name) && !relation.isList)) {
        const here = relation.isList ? "a list" : "one record";
        return relation.reject(`${name} is no operation of ${here} here`);
      }
      return [name, form(relation, part)];
    }),
  );
}

/** Accepts one value or a list of them, unless the relation leads to one record. */
function each(form: Form): Form {
  return (relation, value) => {
    if (!Array.isArray(value)) return form(relation, value);
    if (!relation.isList) relation.reject("a list for one record");
    return (value as readonly unknown[]).map((part) => form(relation, part));
  };
}

function create(relation: Relation, value: unknown): Values {
  const input = inputOf(relation, value);
  relation.mayChangeKey(undefined);
  relation.mayReplace();
  return { ...input, ...relation.may({ operation: "create", input }) };
}

/** `where` selects the record; another key in the data would change its identity. */
function update(relation: Relation, value: unknown): Values {
  const input = inputOf(relation, value);
  const key = relation.related.model.key.find((name) => Object.hasOwn(input, name));
  if (key !== undefined) relation.reject(`the key ${key} is not changed here`);
  return { ...input, ...relation.may({ operation: "update", input }) };
}

function updateFound(relation: Relation, value: unknown): Values {
  const { where, data } = parts(relation, value, ["where", "data"]);
  return { ...found(relation, where), data: update(relation, data) };
}

function connect(relation: Relation, value: unknown): Values {
  const where = checkedWhere(relation, value);
  relation.mayChangeKey(undefined);
  relation.mayReplace();
  relation.mayLink();
  return where;
}

function remove<W>(relation: Relation, which: W): W {
  relation.mayChangeKey(null);
  relation.mayDelete();
  return which;
}

/** For a single record, Prisma accepts `true`. */
function oneOrWhere(relation: Relation, value: unknown): unknown {
  return typeof value === "boolean" && !relation.isList ? value : checkedWhere(relation, value);
}

function found(relation: Relation, where: unknown): { readonly where?: Values } {
  return where === undefined ? {} : { where: checkedWhere(relation, where) };
}

const connectives = new Set(["AND", "OR", "NOT"]);
const maxConnectives = 8;

/** A condition on the record's own fields. Any caller may use the key; other fields would reveal their values. */
function checkedWhere(relation: Relation, value: unknown, depth = 0): Values {
  const where = objectOf(relation, value);
  const { known, key, relations } = relation.related.model;
  for (const [name, part] of Object.entries(where)) {
    if (connectives.has(name) && depth < maxConnectives) {
      for (const condition of list<unknown>(part)) checkedWhere(relation, condition, depth + 1);
    } else if (!known.has(name) || relations.has(name)) {
      relation.reject(`where has no ${name}`);
    } else if (!key.includes(name) || (typeof part !== "string" && typeof part !== "number")) {
      relation.mayFilterBy(name);
    }
  }
  return where;
}

/** Whether it is `{ where, data }` or the data itself, which is ambiguous if a field is called `data`. */
function isWhereAndData(relation: Relation, value: unknown): boolean {
  if (!Object.hasOwn(objectOf(relation, value), "data")) return false;
  if (relation.related.model.known.has("data")) relation.reject("data is a field and a part of update");
  return true;
}

function inputOf(relation: Relation, value: unknown): Values {
  const input = objectOf(relation, value);
  const unknown = Object.keys(input).find((name) => !relation.related.model.known.has(name));
  if (unknown !== undefined) relation.reject(`${relation.related.modelName} has no field ${unknown}`);
  return input;
}

/** The members of a nested write. A missing one is rejected when it is read. */
function parts(relation: Relation, value: unknown, names: readonly string[]): Values {
  const form = objectOf(relation, value);
  const unknown = Object.keys(form).find((name) => !names.includes(name));
  if (unknown !== undefined) relation.reject(`unknown ${unknown}`);
  return form;
}

function objectOf(relation: Relation, value: unknown): Values {
  if (!isObject(value) || Array.isArray(value))
    relation.reject("takes an object with its operations and data");
  return value as Values;
}
