import type { GraphQLResolveInfo } from "graphql";
import { handWithin } from "./list-filter.ts";
import { displaying, enterModelField } from "./record-field.ts";
import { guardWrite, type Writing } from "./write.ts";
import type { ModelField } from "../options.ts";
import { openPlace } from "./response-position.ts";
import { answerRecords, checkCount, checkUsedOfSeveral, pageAround, prepare, useBelow } from "./read.ts";
import type { RootField } from "../schema/root-fields.ts";
import { type Caller, enter, enterByRules, type Resolver, type Site, whenThere } from "./resolver-call.ts";
import { guardListen, guardOtherStream, type GuardedStream, orEnd } from "./subscription.ts";

// Which guard stands before which field.

/** Lets a caller at a field and says who it is; null where the field is null without an error. */
type Enter = (site: Site, source: unknown, context: unknown, info: GraphQLResolveInfo) => Caller | null;

const byNothing: Enter = (site, _source, context, info) => enter(site, context, info);
const byRules: Enter = (site, _source, context, info) => enterByRules(site, context, info);

export function guardModelField(site: Site): Resolver {
  return guardAnswer({ ...site, resolve: displaying(site) }, enterModelField);
}

/** A field of an object that is no record: by the rules on its type, if there are some. */
export function guardPlainField(site: Site): Resolver {
  const admit = isRuled(site) ? byRules : byNothing;
  if (site.role === "count") return guardCount(site, admit);
  return site.role === "info" ? guardInfo(site, admit) : guardAnswer(site, admit);
}

function isRuled({ shared, typeName, fieldName }: Site): boolean {
  const { types = {} } = shared.policy.schema;
  return Object.hasOwn(types, typeName) && Object.hasOwn(types[typeName]?.fields ?? {}, fieldName);
}

export function guardQuery(site: Site, { use, ruled }: RootField): Resolver {
  return guardAnswer(site, ruled ? byRules : byNothing, use);
}

export function guardMutation(writing: Omit<Writing, "use">, use: ModelField | undefined): Resolver {
  const { site, ruled } = writing;
  if (use === undefined) return guardAnswer(site, ruled ? byRules : byNothing);
  return guardWrite({ ...writing, use });
}

export function guardSubscription(site: Site, { use, ruled }: RootField, subscribe: Resolver): GuardedStream {
  if (use !== undefined) return guardListen({ site, use, ruled, subscribe });
  return {
    subscribe: guardOtherStream(site, subscribe, ruled),
    resolve: orEnd(guardAnswer(site, ruled ? byRules : byNothing)),
  };
}

/** @param use what a root field does with a model; undefined: records are read as the type of the answer says */
function guardAnswer(site: Site, admit: Enter, use?: ModelField): Resolver {
  const { returned, resolve } = site;
  return (source, args, context, info) => {
    const caller = admit(site, source, context, info);
    if (caller === null) return null;
    const used = use ?? (returned && useBelow(returned, site, info));
    if (used === undefined) {
      checkUsedOfSeveral(site, caller, args, info);
      return resolve(source, args, context, info);
    }
    const reading = { site, caller, use: used, args, info };
    prepare(reading);
    return answerRecords(reading, resolve(source, args, context, info));
  };
}

/** A number of a page. What aggregates hold is told in the same breath. */
function guardCount(site: Site, admit: Enter): Resolver {
  return (source, args, context, info) => {
    if (admit(site, source, context, info) === null) return null;
    const page = pageAround(site, info);
    // A type of counts may be used elsewhere too, under the rules of that field.
    if (page === undefined && site.shared.types.pages.modelOf(info.parentType) === undefined)
      return site.resolve(source, args, context, info);
    if (page?.handed !== undefined) handWithin(info, page.handed, undefined);
    return whenThere(site.resolve(source, args, context, info), (count) => {
      checkCount(site, info, count);
      return count;
    });
  };
}

/** An object of a page, which may hold numbers. */
function guardInfo(site: Site, admit: Enter): Resolver {
  return (source, args, context, info) => {
    if (admit(site, source, context, info) === null) return null;
    openPlace(info.path, pageAround(site, info));
    return site.resolve(source, args, context, info);
  };
}
