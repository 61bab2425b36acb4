import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Findings } from "../../parts/findings.tsx";
import { useStore } from "../../store.ts";
import { Editor, type EditorHandle } from "./editor.tsx";

/** How long typing has to pause before the text is read, in milliseconds. */
const rest = 200;

/** The text itself, with its errors marked. */
export default function TextView(): ReactNode {
  const { draft, setText } = useStore();
  const [text, setOwn] = useState(draft.text);
  const [known, setKnown] = useState(draft.text);
  const [outside, setOutside] = useState({ text: draft.text });
  const editor = useRef<EditorHandle>(null);
  // Undo, or a file that was loaded again.
  if (draft.text !== known) {
    setKnown(draft.text);
    setOwn(draft.text);
    setOutside({ text: draft.text });
  }
  useEffect(() => {
    if (text === draft.text) return undefined;
    const timer = setTimeout(() => {
      setKnown(text);
      setText(text);
    }, rest);
    return () => clearTimeout(timer);
  }, [text, draft.text, setText]);

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
      <Editor ref={editor} outside={outside} change={setOwn} findings={findings} />
    </div>
  );
}
