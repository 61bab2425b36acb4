import type { MatrixDiff, Policy } from "@authmodes/rules";
import type { ReactNode } from "react";
import { type Change, changesOf } from "../lib/rights.ts";

/** A longer list is not read any more. */
const maxSentences = 200;

const kinds = {
  widened: { title: "Wider: these callers may do more", sign: "+", may: "may" },
  narrowed: { title: "Narrower: these callers may do less", sign: "−", may: "may no longer" },
};

interface SentencesProps {
  readonly diff: MatrixDiff;
  readonly policies: readonly Policy[];
}

/** Says what a difference means: who may do more, and who less. */
export function Sentences({ diff, policies }: SentencesProps): ReactNode {
  if (diff.widened.length + diff.narrowed.length === 0) {
    return <p className="hint">The access of all callers stays the same.</p>;
  }
  return (
    <>
      <Kind kind="widened" changes={changesOf(diff.widened, policies)} />
      <Kind kind="narrowed" changes={changesOf(diff.narrowed, policies)} />
    </>
  );
}

interface KindProps {
  readonly kind: keyof typeof kinds;
  readonly changes: readonly Change[];
}

function Kind({ kind, changes }: KindProps): ReactNode {
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
