import type { Finding } from "@authmodes/rules";
import type { ReactNode } from "react";

/** What is wrong and how to mend it, each with its place. */
export function Findings({
  findings,
  show,
}: {
  readonly findings: readonly Finding[];
  /** Takes somebody to the place in the text. */
  readonly show?: (line: number, column: number) => void;
}): ReactNode {
  return (
    <ul className="findings">
      {findings.map((finding, index) => (
        // The same may be said of two places that have no position.
        <li key={`${finding.code} ${index}`} className={finding.level}>
          <p>
            <strong>{finding.level === "error" ? "Error" : "Warning"}</strong>
            <Place finding={finding} show={show} />
            {sentence(finding)}
          </p>
          <p className="mend">{finding.mend}</p>
        </li>
      ))}
    </ul>
  );
}

function Place({
  finding: { position, model, field },
  show,
}: {
  readonly finding: Finding;
  readonly show: ((line: number, column: number) => void) | undefined;
}): ReactNode {
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

/** Some of Amplify's sentences say their level themselves. */
function sentence({ message }: Finding): string {
  return message.replace(/^WARNING: /, "").replace(/^Syntax Error: /, "");
}
