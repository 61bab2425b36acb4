import type { RuleCondition } from "@authmodes/rules";
import type { ReactNode } from "react";
import type { DraftPart } from "../../lib/draft.ts";
import { Button, Entry } from "../controls.tsx";

/** Further conditions, all of which have to hold. Amplify has none. */
export function Conditions({ draft, change }: DraftPart): ReactNode {
  const { allOf } = draft;
  const other: RuleCondition =
    draft.allow === "owner" ? { allow: "groups", groups: [] } : { allow: "owner", ownerField: "owner" };
  return (
    <fieldset>
      <legend>And only if</legend>
      {allOf.map((condition, index) => (
        // Conditions have no names.
        <div key={index} className="condition">
          <Condition condition={condition} set={(changed) => change({ allOf: allOf.with(index, changed) })} />
          <Button className="quiet" onClick={() => change({ allOf: allOf.toSpliced(index, 1) })}>
            Remove
          </Button>
        </div>
      ))}
      <Button className="quiet" onClick={() => change({ allOf: [...allOf, other] })}>
        Add a condition
      </Button>
    </fieldset>
  );
}

interface ConditionProps {
  readonly condition: RuleCondition;
  readonly set: (condition: RuleCondition) => void;
}

function Condition({ condition, set }: ConditionProps): ReactNode {
  const { allow, ownerField = "owner", groups = [], groupsField } = condition;
  const [part, label, value] =
    allow !== "groups"
      ? (["ownerField", "also the owner named in", ownerField] as const)
      : groupsField !== undefined
        ? (["groupsField", "also in a group that this field names", groupsField] as const)
        : (["groups", "also in one of these groups", [groups].flat().join(", ")] as const);
  return (
    <Entry
      label={label}
      value={value}
      set={(text) => set({ ...condition, [part]: part === "groups" ? split(text) : text })}
    />
  );
}

/** While it is typed, so the last one may be empty. */
function split(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((part) => part.trimStart());
}
