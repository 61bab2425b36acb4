import type { Finding } from "@authmodes/rules";
import type { ReactNode } from "react";
import { sentenceOf } from "../lib/sentences.ts";
import { Button } from "./controls.tsx";

interface FindingsProps {
  readonly findings: readonly Finding[];
  /** Goes to the place in the text. */
  readonly show?: ((position: Finding["position"]) => void) | undefined;
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
            <Place of={finding} show={show} />
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

function Place({ of, show }: Pick<FindingsProps, "show"> & { readonly of: Finding }): ReactNode {
  const { position, model, field } = of;
  const name = [model, field].filter((part) => part !== undefined).join(".");
  const text = [position && `line ${position.line}`, name].filter(Boolean).join(", ");
  if (text === "") return null;
  if (position === undefined || show === undefined) return <span className="place">{text}</span>;
  return (
    <Button className="place" onClick={() => show({ ...position })}>
      {text}
    </Button>
  );
}
