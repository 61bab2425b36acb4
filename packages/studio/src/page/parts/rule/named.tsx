import type { RuleSchema } from "@authmodes/rules";
import { type ReactNode, useId } from "react";
import type { DraftPart } from "../../lib/draft.ts";
import { rulesWithin } from "../../lib/schema.ts";
import { useStore } from "../../store.ts";
import { Check, Entry } from "../controls.tsx";

// The fields of the record and the claims of the caller that name owners and groups.

const identityClaims = ["sub::username", "sub", "username", "email"];
const groupClaims = ["cognito:groups", "groups", "roles"];

const groupsBy = [
  ["name", "These groups"],
  ["field", "The groups that the record names"],
] as const;

export function Named({ draft, change, type }: DraftPart): ReactNode {
  const { schema } = useStore();
  const name = useId();
  const entry = (
    part: "ownerField" | "identityClaim" | "groups" | "groupsField" | "groupClaim",
    label: string,
    placeholder: string,
    options: readonly string[],
  ): ReactNode => (
    <Entry
      label={label}
      value={draft[part]}
      placeholder={placeholder}
      options={options}
      set={(text) => change({ [part]: text })}
    />
  );
  if (draft.allow === "owner") {
    return (
      <>
        {entry("ownerField", "Owner field", "owner", textFields(schema, type))}
        {entry("identityClaim", "Claim that names the caller", "sub::username", identityClaims)}
      </>
    );
  }
  if (draft.allow !== "groups") return null;
  return (
    <>
      <fieldset>
        <legend>Groups</legend>
        {groupsBy.map(([by, title]) => (
          <Check key={by} name={name} checked={draft.groupsBy === by} set={() => change({ groupsBy: by })}>
            {title}
          </Check>
        ))}
      </fieldset>
      {draft.groupsBy === "name"
        ? entry("groups", "Group names, with commas between", "Librarians, Poets", groupsIn(schema))
        : entry("groupsField", "Field that holds the groups", "groups", textFields(schema, type))}
      {entry("groupClaim", "Claim that lists the caller's groups", "cognito:groups", groupClaims)}
    </>
  );
}

function textFields({ models }: RuleSchema, type: string): readonly string[] {
  return Object.entries(models[type]?.fields ?? {})
    .filter(([, field]) => /^\[?(?:String|ID)!?\]?!?$/.test(field.type))
    .map(([name]) => name);
}

function groupsIn({ models }: RuleSchema): readonly string[] {
  const rules = Object.values(models).flatMap(rulesWithin);
  return [...new Set(rules.flatMap(({ groups = [] }) => groups))];
}
