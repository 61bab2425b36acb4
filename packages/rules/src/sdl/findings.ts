import type { ASTNode } from "graphql";
import type { Complaint } from "../check/finding.ts";
import type { Finding } from "../types.ts";

/** What is wrong with a piece of text. */
export type Complain = (node: ASTNode, complaint: Complaint) => void;

/** Reading goes on after an error: all of them are told at once. */
export class Findings {
  readonly all: Finding[] = [];

  /** @param model the type that the text belongs to */
  of(model?: string, field?: string): Complain {
    return (node, complaint) => {
      const position = positionOf(node);
      this.all.push({
        level: "error",
        ...complaint,
        ...(model !== undefined && { model }),
        ...(field !== undefined && { field }),
        ...(position !== undefined && { position }),
      });
    };
  }
}

/** Where a node begins; a description counts as part of what it describes, so names are asked for where there are any. */
export function positionOf(node: ASTNode): Finding["position"] {
  const named = "name" in node ? node.name : undefined;
  const start = (named ?? node).loc?.startToken;
  return start && { line: start.line, column: start.column };
}
