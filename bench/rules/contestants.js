import { statefulIsAuthorized, preparsePolicySet } from "@cedar-policy/cedar-wasm/nodejs";
import { createMongoAbility, subject } from "@casl/ability";
import { createPolicy } from "@authmodes/rules";
import { AccessControl } from "accesscontrol";
import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { setFlagsFromString } from "node:v8";

// The same rules as each library writes them: owners may do everything with their posts, librarians with all, who is signed
// in may read. Whatever can be made ready beforehand is: policies, models, one ability a user.

// Node 20 dies ("unreachable code" in its deoptimizer) when it takes back an optimised call of Cedar's WebAssembly.
setFlagsFromString("--no-turbo-inline-js-wasm-calls");

/** @typedef {"get" | "update" | "delete"} Operation */
/** @typedef {{ id: string, owner: string, text: string }} Post */
/** @typedef {{ sub: string, username: string, groups: readonly string[] }} User */
/** @typedef {{ by: any, operation: Operation, post: Post }} Question `by` is what `caller` made of the user */
/**
 * @typedef {object} Contestant
 * @property {(user: User) => any} caller a user as a server knows them during a request
 * @property {(question: Question) => boolean} decide
 */

/** @param {User} user */
export function ownerOf({ sub, username }) {
  return `${sub}::${username}`;
}

/** A user as the user pool's mode proves them. @param {User} user */
export function identityOf({ sub, username, groups }) {
  const iss = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Bench";
  return Object.freeze({
    mode: /** @type {const} */ ("userPool"),
    id: sub,
    sub,
    username,
    issuer: iss,
    tokenUse: /** @type {const} */ ("access"),
    groups,
    scopes: [],
    expiresAt: null,
    claims: Object.freeze({ sub, username, iss, "cognito:groups": groups }),
  });
}

export const postPolicy = createPolicy({
  models: {
    Post: {
      rules: [
        { allow: "owner" },
        { allow: "groups", groups: ["Librarians"] },
        { allow: "private", operations: ["read"] },
      ],
      fields: { id: { type: "ID!" }, owner: { type: "String" }, text: { type: "String" } },
    },
  },
});

/** @type {Contestant} */
export const authmodes = {
  caller: identityOf,
  decide: ({ by, operation, post }) =>
    postPolicy.decide(by, { model: "Post", operation, record: post }).allowed,
};

/** @param {User} user */
function abilityOf(user) {
  const owner = { $in: [ownerOf(user), user.sub, user.username] };
  return createMongoAbility([
    { action: ["get", "update", "delete"], subject: "Post", conditions: { owner } },
    ...(user.groups.includes("Librarians") ? [{ action: ["get", "update", "delete"], subject: "Post" }] : []),
    { action: "get", subject: "Post" },
  ]);
}

/** The posts have been marked with their type: see `subject`. @type {Contestant} */
export const casl = {
  caller: abilityOf,
  decide: ({ by, operation, post }) => by.can(operation, post),
};

/** @template {object} Row @param {string} type @param {readonly Row[]} rows */
export function markForCasl(type, rows) {
  for (const row of rows) subject(type, row);
}

/** @returns {Promise<Contestant>} */
export async function casbin() {
  const model = newModelFromString(`
[request_definition]
r = sub, obj, act
[policy_definition]
p = rule, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && eval(p.rule)`);
  const isOwner = "r.obj.owner == r.sub.full || r.obj.owner == r.sub.id || r.obj.owner == r.sub.username";
  const rules = [
    ...["get", "update", "delete"].map((act) => `p, ${isOwner}, ${act}`),
    ...["get", "update", "delete"].map((act) => `p, r.sub.isLibrarian, ${act}`),
    "p, r.sub.isSignedIn, get",
  ];
  const enforcer = await newEnforcer(model, new StringAdapter(rules.join("\n")));
  return {
    caller: (user) => ({
      full: ownerOf(user),
      id: user.sub,
      username: user.username,
      isLibrarian: user.groups.includes("Librarians"),
      isSignedIn: true,
    }),
    decide: ({ by, operation, post }) => enforcer.enforceSync(by, post, operation),
  };
}

/** @returns {Contestant} */
export function accesscontrol() {
  const ac = new AccessControl({}, { policy: { ownerField: "owner" } });
  ac.grant("user").readAny("post").updateOwn("post").deleteOwn("post");
  ac.grant("librarian").extend("user").updateAny("post").deleteAny("post");
  return {
    caller: (user) => ({
      role: user.groups.includes("Librarians") ? "librarian" : "user",
      user: { id: ownerOf(user) },
    }),
    decide: ({ by: { role, user }, operation, post }) => {
      const asked = ac.can(role, { user, post });
      if (operation === "get") return asked.readAny("post").granted;
      return operation === "update" ? asked.updateOwn("post").granted : asked.deleteOwn("post").granted;
    },
  };
}

/** @returns {Contestant} */
export function cedar() {
  const staticPolicies = `
    permit(principal, action, resource is Post) when { resource.owner == principal };
    permit(principal in Group::"Librarians", action, resource is Post);
    permit(principal is User, action == Action::"get", resource is Post);`;
  const parsed = preparsePolicySet("posts", { staticPolicies });
  if (parsed.type === "failure") throw new Error(JSON.stringify(parsed.errors));
  return {
    caller: (user) => {
      const uid = { type: "User", id: ownerOf(user) };
      return { uid, attrs: {}, parents: user.groups.map((id) => ({ type: "Group", id })) };
    },
    decide: ({ by, operation, post }) => {
      const uid = { type: "Post", id: post.id };
      const attrs = { owner: { __entity: { type: "User", id: post.owner } } };
      const answer = statefulIsAuthorized({
        principal: by.uid,
        action: { type: "Action", id: operation },
        resource: uid,
        context: {},
        preparsedPolicySetId: "posts",
        entities: [by, { uid, attrs, parents: [] }],
      });
      return answer.type === "success" && answer.response.decision === "allow";
    },
  };
}
