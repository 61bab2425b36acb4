import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Transaction } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { Finding } from "@authmodes/rules";
import { type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import { sentenceOf } from "../../lib/sentences.ts";
import { graphql } from "./graphql.ts";

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { color: "var(--soft)", backgroundColor: "var(--sunk)", borderColor: "var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-sunk)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--line-strong) !important",
  },
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--sunk)", borderColor: "var(--line)" },
  ".cm-textfield, .cm-button": {
    color: "var(--text)",
    background: "var(--panel)",
    borderColor: "var(--line-strong)",
  },
  ".cm-tooltip": { color: "var(--text)", backgroundColor: "var(--panel)", borderColor: "var(--line-strong)" },
  // Instead of images in data: addresses, which the content security policy of the page does not allow.
  ".cm-lint-marker": { width: "0.8em", height: "0.8em", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: "normal", backgroundColor: "var(--wide)" },
  ".cm-lint-marker-warning": { content: "normal", backgroundColor: "var(--warn)", borderRadius: "2px" },
  ".cm-lintRange-error, .cm-lintRange-warning": { backgroundImage: "none", paddingBottom: "0" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--wide)" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warn)" },
  ".cm-foldPlaceholder": { color: "var(--text)", backgroundColor: "var(--sunk)", borderColor: "var(--line)" },
});

/** How long typing has to pause before the text is read, in milliseconds. */
const rest = 200;

interface EditorProps {
  readonly text: string;
  readonly change: (text: string) => void;
  readonly findings: readonly Finding[];
  /** The place of the cursor, each time that the object changes. */
  readonly shown: Finding["position"];
}

/**
 * CodeMirror, in a shadow root: there it adds its styles as style sheet objects, which the content security policy of
 * the page allows, unlike style elements.
 */
export function Editor({ text, change, findings, shown }: EditorProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  /** What was reported last. It comes back as `text`, but newer keys may have followed. */
  const reported = useRef(text);
  const report = useEffectEvent((typed: string): void => {
    reported.current = typed;
    change(typed);
  });
  useEffect(() => {
    if (host.current === null) return undefined;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lintGutter(),
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          graphql,
          theme,
          EditorState.phrases.of({ "Fold line": "Fold" }),
          EditorView.contentAttributes.of({ "aria-label": "Text of the schema", tabindex: "0" }),
          // Tab moves the focus, so that the keyboard leads out of the editor.
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            clearTimeout(timer);
            const isTyped = !update.transactions.some((one) => one.annotation(Transaction.remote));
            timer = isTyped ? setTimeout(finish, rest) : undefined;
          }),
        ],
      }),
    });
    const finish = (): void => {
      timer = undefined;
      report(editor.state.doc.toString());
    };
    view.current = editor;
    return () => {
      // Another view was opened before typing paused.
      clearTimeout(timer);
      if (timer !== undefined) finish();
      editor.destroy();
    };
  }, []);

  // Undo, or a file that was loaded again.
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || text === reported.current) return;
    reported.current = text;
    const changes = { from: 0, to: editor.state.doc.length, insert: text };
    editor.dispatch({ changes, annotations: Transaction.remote.of(true) });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined)
      editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, findings)));
  }, [findings]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || shown === undefined) return;
    const anchor = offsetOf(editor.state, shown);
    editor.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    editor.focus();
  }, [shown]);

  return <div ref={host} className="editor" />;
}

function offsetOf({ doc }: EditorState, { line, column }: NonNullable<Finding["position"]>): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(from + column - 1, to);
}

function diagnosticsOf(state: EditorState, findings: readonly Finding[]): readonly Diagnostic[] {
  return findings.flatMap((finding) => {
    const { position, level } = finding;
    if (position === undefined) return [];
    const from = offsetOf(state, position);
    const word = state.wordAt(from);
    return [
      { from, to: word?.to ?? from, severity: level, message: `${sentenceOf(finding)} ${finding.mend}` },
    ];
  });
}
