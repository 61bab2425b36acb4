import type { ReactNode } from "react";
import { patchOf } from "../lib/patch.ts";
import { useStore } from "../store.ts";
import { Patch, PatchButtons } from "./patch.tsx";
import { Button } from "./controls.tsx";

/** Shown on every view when another program wrote the file while the page had changes of its own. */
export function Conflict(): ReactNode {
  const { base, draft, conflict, takeBoth, takeTheirs } = useStore();
  if (conflict === undefined) return null;
  return (
    <section className="conflict" role="alert" aria-label="The file changed on the disk">
      <h2>{base.name} changed on the disk</h2>
      <p>
        Another program or person wrote it after this page loaded it. Nothing was overwritten, and your
        changes are still here.
      </p>
      <div className="row">
        <Button className="primary" onClick={takeBoth}>
          Combine both changes
        </Button>
        <PatchButtons patch={patchOf(base.name, base.text, draft.text)} />
        <Button className="danger" onClick={takeTheirs}>
          Load the file and drop my changes
        </Button>
      </div>
      <details>
        <summary>What changed on the disk</summary>
        <Patch patch={patchOf(base.name, base.text, conflict.text)} label="What changed on the disk" />
      </details>
    </section>
  );
}
