/** Something that is wrong, or looks so. */
export interface Finding {
  readonly code: string;
  readonly level: "error" | "warning";
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}
