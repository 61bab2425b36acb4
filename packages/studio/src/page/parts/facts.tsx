import type { ReactNode } from "react";

/** Names and values; what has no value is left out, and without any there is no list. */
export function Facts({
  of,
}: {
  readonly of: readonly (readonly [name: string, value: string | undefined])[];
}): ReactNode {
  const told = of.filter(([, value = ""]) => value !== "");
  if (told.length === 0) return null;
  return (
    <dl>
      {told.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
