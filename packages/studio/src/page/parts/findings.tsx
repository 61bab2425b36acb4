import type { Finding } from "@authmodes/rules";
import type { ReactNode } from "react";
import { sentenceOf } from "../lib/sentences.ts";

interface FindingsProps {
  readonly findings: readonly Finding[];
  /** Goes to the place in the text. */
  readonly show?: (line: number, column: number) => void;
}

/** Says what is wrong and how to fix it, each with its place. */
export function Findings({ findings, show }: FindingsProps): ReactNode {
  return (
    <ul className="findings">
      {findings.map((finding, index) => (
        // Two places without a position may have the same finding.
        <li key={`${finding.code} ${index}`} className={finding.level}>
          <p>
            <strong>{finding.level === "error" ? "Error" : "Warning"}</strong>
            <Place finding={finding} show={show} />
            <FindingText finding={finding} />
          </p>
        </li>
      ))}
    </ul>
  );
}

/** The sentence, its code, and what to write instead. */
export function FindingText({ finding }: { readonly finding: Finding }): ReactNode {
  return (
    <>
      {sentenceOf(finding)} <code className="code-name">{finding.code}</code>
      <span className="fix">Fix: {finding.mend}</span>
    </>
  );
}

interface PlaceProps {
  readonly finding: Finding;
  readonly show: ((line: number, column: number) => void) | undefined;
}

function Place({ finding: { position, model, field }, show }: PlaceProps): ReactNode {
  const name = [model, field].filter((part) => part !== undefined).join(".");
  const line = position === undefined ? "" : `line ${position.line}`;
  if (position !== undefined && show !== undefined) {
    return (
      <button type="button" className="place" onClick={() => show(position.line, position.column)}>
        {line}
        {name === "" ? "" : `, ${name}`}
      </button>
    );
  }
  return <span className="place">{[name, line].filter((part) => part !== "").join(", ")}</span>;
}
