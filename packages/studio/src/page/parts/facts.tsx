import type { ReactNode } from "react";

export type Fact = readonly [name: string, value: string | undefined];

/** Names and values. Those without a value are left out. */
export function Facts({ of }: { readonly of: readonly Fact[] }): ReactNode {
  const shown = of.filter(([, value = ""]) => value !== "");
  if (shown.length === 0) return null;
  return (
    <dl>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
