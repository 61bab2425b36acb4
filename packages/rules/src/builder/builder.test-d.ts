// Schemas that must not compile, and the records' types. Checked by `npm run check:types`; nothing here runs.
import {
  belongsTo,
  boolean,
  customType,
  defineSchema,
  enumeration,
  hasMany,
  hasOne,
  id,
  integer,
  json,
  model,
  type ModelRecord,
  ref,
  string,
} from "./index.ts";
import type { RuleSchema } from "../types.ts";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equals<A, B>): void {}

const schema = defineSchema({
  Status: enumeration(["draft", "published"]),
  Note: customType({ text: string().required(), author: string() }),
  Post: model({
    title: string().required(),
    body: string(),
    tags: string().required().array().required(),
    scores: integer().array(),
    open: boolean(),
    extra: json(),
    mood: enumeration(["good", "bad"]),
    status: ref("Status").required(),
    note: ref("Note"),
    notes: ref("Note").required().array(),
    comments: hasMany("Comment", "postId"),
    cover: hasOne("Cover", "postId"),
    owner: string(),
    editors: string().array(),
  }).authorization((allow) => [
    allow.owner(),
    allow.owner("oidc").identityClaim("sub").to(["read"]),
    allow.ownerDefinedIn("owner"),
    allow.ownersDefinedIn("editors"),
    allow.ownersDefinedIn("tags"),
    allow.groupDefinedIn("owner"),
    allow.groupsDefinedIn("tags"),
    allow.groups(["A", "B"]).withClaimIn("user_groups").to(["get", "list"]),
    allow.owner().and(allow.group("Editors")),
    allow.authenticated("identityPool").to(["read"]),
    allow.guest().includingSignedIn().to(["read"]),
    allow.custom(),
  ]),
  Comment: model({ postId: id().required(), post: belongsTo("Post", "postId") }),
  Cover: model({ isbn: id().required(), postId: id() }).identifier(["isbn"]),
});

interface Note {
  readonly text: string;
  readonly author: string | null;
}

type Post = ModelRecord<typeof schema, "Post">;
same<Post["title"], string>(true);
same<Post["body"], string | null>(true);
same<Post["tags"], readonly string[]>(true);
same<Post["scores"], readonly (number | null)[] | null>(true);
same<Post["open"], boolean | null>(true);
same<Post["extra"], unknown>(true);
same<Post["mood"], "good" | "bad" | null>(true);
same<Post["status"], "draft" | "published">(true);
same<Post["note"], Note | null>(true);
same<Post["notes"], readonly Note[] | null>(true);
same<Post["id"], string>(true);
// What relations lead to is not in the record.
same<Extract<keyof Post, "comments" | "cover">, never>(true);
same<ModelRecord<typeof schema, "Note">, Note>(true);
// If another field is the key, there is no id.
same<keyof ModelRecord<typeof schema, "Cover">, "isbn" | "postId">(true);

export const plain: RuleSchema = schema;

// @ts-expect-error there is no such model
same<ModelRecord<typeof schema, "Pots">, never>(true);

const fields = { title: string(), stars: integer(), names: string().array(), note: ref("Note") };

// @ts-expect-error there is no such operation
model(fields).authorization((allow) => [allow.publicApiKey().to(["raed"])]);
// @ts-expect-error a rule that allows nothing is left out
model(fields).authorization((allow) => [allow.publicApiKey().to([])]);
// @ts-expect-error there is no such field
model(fields).authorization((allow) => [allow.ownerDefinedIn("author")]);
// @ts-expect-error an owner is text
model(fields).authorization((allow) => [allow.ownerDefinedIn("stars")]);
// @ts-expect-error a list holds several owners
model(fields).authorization((allow) => [allow.ownerDefinedIn("names")]);
// @ts-expect-error a text holds one owner
model(fields).authorization((allow) => [allow.ownersDefinedIn("title")]);
// @ts-expect-error objects name no groups
model(fields).authorization((allow) => [allow.groupDefinedIn("note")]);
// @ts-expect-error a claim of owners is named with identityClaim
model(fields).authorization((allow) => [allow.owner().withClaimIn("groups")]);
// @ts-expect-error a claim of groups is named with withClaimIn
model(fields).authorization((allow) => [allow.group("Admin").identityClaim("sub")]);
// @ts-expect-error owners come with a token
model(fields).authorization((allow) => [allow.owner("identityPool")]);
// @ts-expect-error only guests
model(fields).authorization((allow) => [allow.publicApiKey().includingSignedIn()]);
// @ts-expect-error API keys have no claims to ask for
model(fields).authorization((allow) => [allow.publicApiKey().and(allow.owner())]);
// @ts-expect-error a further condition is about owners or groups
model(fields).authorization((allow) => [allow.owner().and(allow.guest())]);
// @ts-expect-error a function is no rule: it has to be called
model(fields).authorization((allow) => [() => allow.owner()]);
// @ts-expect-error Amplify's functions are roles here: adminRoles of the policy
model(fields).authorization((allow) => [allow.resource(() => undefined)]);
// @ts-expect-error fields do not tell the kinds of reading apart
string().authorization((allow) => [allow.owner().to(["get"])]);
string().authorization((allow) => [allow.owner().to(["read", "delete"])]);
// @ts-expect-error a list of lists
string().array().array();
// @ts-expect-error the key is made of fields of the model
model(fields).identifier(["isbn"]);
// @ts-expect-error lists are no keys
model(fields).identifier(["names"]);
// @ts-expect-error an index is made of fields of the model
model(fields).secondaryIndexes((index) => [index("titel")]);
model(fields).secondaryIndexes((index) => [
  index("title").sortKeys(["stars"]).name("byTitle").queryField("list"),
]);
// @ts-expect-error there is no such level
model(fields).subscriptions("none");
// @ts-expect-error objects within records have no relations
customType({ posts: hasMany("Post", "noteId") });
// @ts-expect-error there is no type Note in the schema
defineSchema({ Post: model({ note: ref("Note") }) });
// @ts-expect-error there is no model Comment in the schema
defineSchema({ Post: model({ comments: hasMany("Comment", "postId") }) });
// @ts-expect-error a field is no entry of a schema
defineSchema({ title: string() });
// @ts-expect-error an enumeration has words
enumeration([1, 2]);
