import type { RuleSchema } from "@authmodes/rules";
import { type ReactNode, useId } from "react";
import type { DraftPart } from "../../lib/draft.ts";
import { rulesWithin } from "../../lib/schema.ts";
import { Choice, Entry } from "../controls.tsx";

// The fields of the record and the claims of the caller that name owners and groups.

export function OwnerParts({ draft, change, schema, type }: DraftPart): ReactNode {
  return (
    <>
      <Entry
        label="Owner field"
        value={draft.ownerField}
        placeholder="owner"
        options={textFields(schema, type)}
        set={(ownerField) => change({ ownerField })}
      />
      <Entry
        label="Claim that names the caller"
        value={draft.identityClaim}
        placeholder="sub::username"
        options={["sub::username", "sub", "username", "email"]}
        set={(identityClaim) => change({ identityClaim })}
      />
    </>
  );
}

const groupsBy = [
  ["name", "These groups"],
  ["field", "The groups that the record names"],
] as const;

export function GroupParts({ draft, change, schema, type }: DraftPart): ReactNode {
  const name = useId();
  return (
    <>
      <fieldset>
        <legend>Groups</legend>
        {groupsBy.map(([by, title]) => (
          <Choice
            key={by}
            name={name}
            checked={draft.groupsBy === by}
            choose={() => change({ groupsBy: by })}
          >
            {title}
          </Choice>
        ))}
      </fieldset>
      {draft.groupsBy === "name" ? (
        <Entry
          label="Group names, with commas between"
          value={draft.groups}
          placeholder="Librarians, Poets"
          options={groupsIn(schema)}
          set={(groups) => change({ groups })}
        />
      ) : (
        <Entry
          label="Field that holds the groups"
          value={draft.groupsField}
          placeholder="groups"
          options={textFields(schema, type)}
          set={(groupsField) => change({ groupsField })}
        />
      )}
      <Entry
        label="Claim that lists the caller's groups"
        value={draft.groupClaim}
        placeholder="cognito:groups"
        options={["cognito:groups", "groups", "roles"]}
        set={(groupClaim) => change({ groupClaim })}
      />
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
