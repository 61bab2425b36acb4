import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Findings } from "../parts/findings.tsx";
import { useStore } from "../store.ts";

/** How long somebody has to rest before what they typed is read, in milliseconds. */
const rest = 200;

/** The text itself, with its errors marked. */
export function TextView(): ReactNode {
  const { draft, setText } = useStore();
  const [text, setOwn] = useState(draft.text);
  const [known, setKnown] = useState(draft.text);
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  // Undo, or a file that was loaded again.
  if (draft.text !== known) {
    setKnown(draft.text);
    setOwn(draft.text);
  }
  useEffect(() => {
    if (text === draft.text) return undefined;
    const timer = setTimeout(() => {
      setKnown(text);
      setText(text);
    }, rest);
    return () => clearTimeout(timer);
  }, [text, draft.text, setText]);

  const findings = [...draft.errors, ...draft.warnings];
  const marked = useMemo(
    () => new Map([...draft.warnings, ...draft.errors].map(({ position, level }) => [position?.line, level])),
    [draft],
  );
  const show = (line: number, column: number): void => {
    const above = text.split("\n").slice(0, line - 1);
    const at = above.reduce((length, { length: more }) => length + more + 1, column - 1);
    area.current?.focus();
    area.current?.setSelectionRange(at, at);
    if (area.current !== null) area.current.scrollTop = Math.max(0, (line - 4) * lineHeight);
  };
  return (
    <div className="page wide">
      <h1>Schema text</h1>
      {draft.errors.length > 0 && (
        <p role="alert">
          {draft.errors.length === 1 ? "There is an error" : `There are ${draft.errors.length} errors`} in the
          text. It stays as it is until you mend it: nothing of it is lost.
        </p>
      )}
      <Findings findings={findings} show={show} />
      <div className="editor">
        <div ref={gutter} className="gutter" aria-hidden="true">
          <Gutter text={text} marked={marked} />
        </div>
        <textarea
          ref={area}
          value={text}
          onChange={(event) => setOwn(event.target.value)}
          onScroll={(event) => {
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
          aria-label="Text of the schema"
          aria-invalid={draft.errors.length > 0}
          spellCheck={false}
          wrap="off"
        />
      </div>
    </div>
  );
}

/** Of the stylesheet, in pixels. */
const lineHeight = 20;

function Gutter({
  text,
  marked,
}: {
  readonly text: string;
  readonly marked: ReadonlyMap<number | undefined, string>;
}): ReactNode {
  const lines = useDeferredValue(text.split("\n").length);
  return useMemo(() => {
    // Few lines are marked, and the numbers between them are one text.
    const parts: ReactNode[] = [];
    let numbers = "";
    for (let line = 1; line <= lines; line++) {
      const level = marked.get(line);
      if (level === undefined) {
        numbers += `${line}\n`;
        continue;
      }
      parts.push(numbers);
      parts.push(
        <span key={line} className={level}>
          {line}
          {"\n"}
        </span>,
      );
      numbers = "";
    }
    return [...parts, numbers];
  }, [lines, marked]);
}
