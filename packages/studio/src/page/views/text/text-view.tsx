import type { Finding } from "@authmodes/rules";
import { type ReactNode, useMemo, useState } from "react";
import { Findings } from "../../parts/findings.tsx";
import { useStore } from "../../store.ts";
import { Editor } from "./editor.tsx";

/** The text itself, with its errors marked. */
export default function TextView(): ReactNode {
  const { draft, setText } = useStore();
  const [shown, show] = useState<Finding["position"]>();
  const findings = useMemo(() => [...draft.errors, ...draft.warnings], [draft]);
  return (
    <div className="page wide">
      <h1>Schema text</h1>
      {draft.errors.length > 0 && (
        <p role="alert">
          {draft.errors.length === 1
            ? "The text has an error."
            : `The text has ${draft.errors.length} errors.`}{" "}
          Fix {draft.errors.length === 1 ? "it" : "them"} before you save.
        </p>
      )}
      <Findings findings={findings} show={show} />
      <Editor text={draft.text} change={setText} findings={findings} shown={shown} />
    </div>
  );
}
