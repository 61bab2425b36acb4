import { type ReactNode, useMemo, useRef } from "react";
import { Findings } from "../../parts/findings.tsx";
import { useStore } from "../../store.ts";
import { Editor, type EditorHandle } from "./editor.tsx";

/** The text itself, with its errors marked. */
export default function TextView(): ReactNode {
  const { draft, setText } = useStore();
  const editor = useRef<EditorHandle>(null);
  const findings = useMemo(() => [...draft.errors, ...draft.warnings], [draft]);
  return (
    <div className="page wide">
      <h1>Schema text</h1>
      {draft.errors.length > 0 && (
        <p role="alert">
          {draft.errors.length === 1 ? "There is an error" : `There are ${draft.errors.length} errors`} in the
          text. It is kept as it is until you fix it.
        </p>
      )}
      <Findings findings={findings} show={(line, column) => editor.current?.show(line, column)} />
      <Editor ref={editor} text={draft.text} change={setText} findings={findings} />
    </div>
  );
}
