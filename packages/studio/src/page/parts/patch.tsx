import type { ReactNode } from "react";
import { useStore } from "../store.ts";
import { Button } from "./controls.tsx";

interface PatchButtonsProps {
  readonly patch: string;
  readonly isMain?: boolean;
}

export function PatchButtons({ patch, isMain = false }: PatchButtonsProps): ReactNode {
  const { base } = useStore();
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([patch], { type: "text/x-patch" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${base.name}.patch`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <CopyButton
        text={patch}
        done="The patch was copied. Apply it with git apply."
        className={isMain ? "primary" : undefined}
      >
        Copy the patch
      </CopyButton>
      <Button onClick={download}>Download the patch</Button>
    </>
  );
}

interface CopyButtonProps {
  readonly text: string;
  /** What is reported. */
  readonly done: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

export function CopyButton({ text, done, className, children }: CopyButtonProps): ReactNode {
  const { tell, fail } = useStore();
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => tell(done),
      () => fail("The browser does not let the page copy. Select the text instead."),
    );
  };
  return (
    <Button className={className} onClick={copy}>
      {children}
    </Button>
  );
}

const maxLines = 2000;

interface PatchProps {
  readonly patch: string;
  readonly label?: string;
}

export function Patch({ patch, label = "The patch" }: PatchProps): ReactNode {
  const lines = patch.trimEnd().split("\n").slice(0, maxLines);
  return (
    <pre className="patch" tabIndex={0} aria-label={label}>
      {lines.map((line, index) => (
        // Lines repeat, and keep their places.
        <span key={index} className={classOf(line)}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

function classOf(line: string): string | undefined {
  if (/^(?:\+\+\+|---|@@)/.test(line)) return "head";
  if (line.startsWith("+")) return "plus";
  return line.startsWith("-") ? "minus" : undefined;
}
