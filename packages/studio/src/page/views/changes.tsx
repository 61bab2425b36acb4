import { type ReactNode, useMemo, useTransition } from "react";
import { patchOf } from "../lib/patch.ts";
import { counted } from "../lib/words.ts";
import { Findings } from "../parts/findings.tsx";
import { useForce } from "../parts/notices.tsx";
import { Patch, PatchButtons } from "../parts/patch.tsx";
import { Sentences } from "../parts/sentences.tsx";
import { useStore } from "../store.ts";
import { Button } from "../parts/controls.tsx";

export function ChangesView(): ReactNode {
  const { base, draft, diff, policies, isChanged, saved } = useStore();
  const force = useForce();
  const patch = useMemo(() => patchOf(base.name, base.text, draft.text), [base, draft.text]);
  return (
    <div className="page">
      <h1>Changes</h1>
      {!isChanged && <p className="hint">There are no changes to {base.name}.</p>}
      {!isChanged && force !== undefined && <p className="hint">{force.sentence}</p>}
      {isChanged && draft.errors.length > 0 && (
        <>
          <p>The text has errors. Fix them to see what the changes mean, and to save.</p>
          <Findings findings={draft.errors} />
        </>
      )}
      {isChanged && diff !== undefined && (
        <>
          {saved.policy === undefined && (
            <p className="hint">
              The saved file has errors, so it is compared with rules that allow nothing.
            </p>
          )}
          <section aria-label="What the changes mean">
            <Sentences diff={diff} policies={policies} />
          </section>
          {draft.warnings.length > 0 && (
            <details>
              <summary>{counted(draft.warnings.length, "warning")} about the changed rules</summary>
              <Findings findings={draft.warnings} />
            </details>
          )}
        </>
      )}
      {isChanged && <Actions patch={patch} />}
      {isChanged && <Patch patch={patch} />}
    </div>
  );
}

function Actions({ patch }: { readonly patch: string }): ReactNode {
  const { state, draft, diff, discard, save, base, conflict, fail } = useStore();
  const [isSaving, startSaving] = useTransition();
  const widens = (diff?.widened.length ?? 0) > 0;
  return (
    <div className="row actions">
      {state.write && (
        <Button
          className={widens ? "primary widens" : "primary"}
          disabled={isSaving || draft.policy === undefined || conflict !== undefined}
          onClick={() => startSaving(() => save().catch(fail))}
        >
          {widens ? `Save ${base.name} and widen access` : `Save ${base.name}`}
        </Button>
      )}
      <PatchButtons patch={patch} isMain={!state.write} />
      <Button className="quiet danger" onClick={discard}>
        Discard all changes
      </Button>
      {!state.write && <p className="hint">The studio may not write files on this server: use the patch.</p>}
    </div>
  );
}
