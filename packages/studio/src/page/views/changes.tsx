import { type ReactNode, useMemo, useState } from "react";
import { patchOf } from "../lib/patch.ts";
import { type Change, changesOf } from "../lib/rights.ts";
import { Findings } from "../parts/findings.tsx";
import { useStore } from "../store.ts";

export function ChangesView(): ReactNode {
  const { base, draft, diff, policies, isChanged, state, saved } = useStore();
  const patch = useMemo(() => patchOf(base.name, base.text, draft.text), [base, draft.text]);
  return (
    <div className="page">
      <h1>Changes</h1>
      <Conflict patch={patch} />
      {!isChanged && <p className="hint">Nothing is changed. {base.name} is as it was loaded.</p>}
      {isChanged && draft.errors.length > 0 && (
        <>
          <p>The text has errors, so that it cannot be told what it would allow, and it cannot be saved.</p>
          <Findings findings={draft.errors} />
        </>
      )}
      {isChanged && diff !== undefined && (
        <>
          {saved.policy === undefined && (
            <p className="hint">The file has errors, so it is compared with rules that allow nothing.</p>
          )}
          <section aria-label="What the changes mean">
            <Sentences kind="widened" changes={changesOf(diff.widened, policies)} />
            <Sentences kind="narrowed" changes={changesOf(diff.narrowed, policies)} />
            {diff.widened.length + diff.narrowed.length === 0 && (
              <p className="hint">Nobody's access changes.</p>
            )}
          </section>
          {draft.warnings.length > 0 && (
            <details>
              <summary>{draft.warnings.length} warnings about the rules as they would be</summary>
              <Findings findings={draft.warnings} />
            </details>
          )}
        </>
      )}
      {isChanged && <Actions patch={patch} />}
      {isChanged && <Patch patch={patch} />}
      {state.running?.stale === true && !isChanged && (
        <p className="hint">
          The running server decides by other rules than those of the file: start it anew.
        </p>
      )}
    </div>
  );
}

/** Above it a list is no longer read. */
const maxSentences = 200;

const kinds = {
  widened: { title: "Wider: somebody may do more", sign: "+", may: "may" },
  narrowed: { title: "Narrower: somebody may do less", sign: "−", may: "may no longer" },
};

function Sentences({
  kind,
  changes,
}: {
  readonly kind: keyof typeof kinds;
  readonly changes: readonly Change[];
}): ReactNode {
  if (changes.length === 0) return null;
  const { title, sign, may } = kinds[kind];
  return (
    <>
      <h2>{title}</h2>
      <ul className={`sentences ${kind}`}>
        {changes.slice(0, maxSentences).map(({ model, who, operations, fields }) => (
          <li key={`${model} ${who} ${operations} ${fields.join(" ")}`}>
            <span className="sign" aria-hidden="true">
              {sign}
            </span>
            <span>
              <strong>{model}</strong> {who} {may} <em>{operations}</em> {fields.join(", ")}
            </span>
          </li>
        ))}
      </ul>
      {changes.length > maxSentences && <p className="hint">And {changes.length - maxSentences} more.</p>}
    </>
  );
}

function Actions({ patch }: { readonly patch: string }): ReactNode {
  const { state, draft, diff, discard, save, base, conflict, fail } = useStore();
  const [isSaving, setSaving] = useState(false);
  const widens = (diff?.widened.length ?? 0) > 0;
  const run = (): void => {
    setSaving(true);
    void save()
      .catch(fail)
      .finally(() => setSaving(false));
  };
  return (
    <div className="row actions">
      {state.write && (
        <button
          type="button"
          className={widens ? "primary widens" : "primary"}
          disabled={isSaving || draft.policy === undefined || conflict !== undefined}
          onClick={run}
        >
          {widens ? `Save ${base.name} and widen access` : `Save ${base.name}`}
        </button>
      )}
      <PatchButtons patch={patch} isMain={!state.write} />
      <button type="button" className="quiet danger" onClick={discard}>
        Discard all changes
      </button>
      {!state.write && <p className="hint">The studio does not write on this server: take the patch.</p>}
    </div>
  );
}

function PatchButtons({
  patch,
  isMain = false,
}: {
  readonly patch: string;
  readonly isMain?: boolean;
}): ReactNode {
  const { base, tell, fail } = useStore();
  const copy = (): void => {
    navigator.clipboard.writeText(patch).then(
      () => tell("The patch was copied. git apply takes it."),
      () => fail("The browser does not let the page copy: download the patch."),
    );
  };
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([patch], { type: "text/x-patch" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${base.name}.patch`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <button type="button" className={isMain ? "primary" : undefined} onClick={copy}>
        Copy the patch
      </button>
      <button type="button" onClick={download}>
        Download the patch
      </button>
    </>
  );
}

function Patch({ patch }: { readonly patch: string }): ReactNode {
  const lines = patch.trimEnd().split("\n").slice(0, 2000);
  return (
    <pre className="patch" tabIndex={0} aria-label="The patch">
      {lines.map((line, index) => (
        // Lines repeat, and never move.
        <span key={index} className={classOf(line)}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

function classOf(line: string): string | undefined {
  if (line.startsWith("+++") || line.startsWith("---")) return "head";
  if (line.startsWith("@@")) return "head";
  if (line.startsWith("+")) return "plus";
  return line.startsWith("-") ? "minus" : undefined;
}

/** Somebody else wrote the file meanwhile: nothing is lost on either side. */
function Conflict({ patch }: { readonly patch: string }): ReactNode {
  const { base, conflict, takeBoth, takeTheirs } = useStore();
  if (conflict === undefined) return null;
  return (
    <section className="conflict" role="alert" aria-label="The file changed on the disk">
      <h2>{base.name} changed on the disk</h2>
      <p>
        Somebody else wrote it after you had loaded it. Nothing was overwritten, and your changes are still
        here.
      </p>
      <div className="row">
        <button type="button" className="primary" onClick={takeBoth}>
          Put both changes together
        </button>
        <PatchButtons patch={patch} />
        <button type="button" className="danger" onClick={takeTheirs}>
          Load their file and drop my changes
        </button>
      </div>
      <details>
        <summary>What changed on the disk</summary>
        <Patch patch={patchOf(base.name, base.text, conflict.text)} />
      </details>
    </section>
  );
}
